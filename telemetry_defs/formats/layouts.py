"""Whole packets as ``construct`` formats: the headers of CCSDS 133.0-B-2 and ECSS-E-ST-70-41C, bit by bit."""

from __future__ import annotations

import construct as cs

PRIMARY_HEADER = cs.BitStruct(
    "version" / cs.Const(0, cs.BitsInteger(3)),
    "type" / cs.BitsInteger(1),
    "secondary_header" / cs.Const(1, cs.BitsInteger(1)),
    "apid" / cs.BitsInteger(11),
    "sequence_flags" / cs.Const(3, cs.BitsInteger(2)),
    "sequence_count" / cs.BitsInteger(14),
    "length" / cs.BitsInteger(16),  # bytes behind this header, less one
)
TM_SECONDARY_HEADER = cs.Struct(
    "pus" / cs.BitStruct("version" / cs.Const(2, cs.BitsInteger(4)), "time_quality" / cs.BitsInteger(4)),
    "service" / cs.Int8ub,
    "subtype" / cs.Int8ub,
    "message_count" / cs.Int16ub,
    "destination_id" / cs.Int16ub,
    "time_s" / cs.Int32ub,  # CUC 4+2 since the GPS epoch
    "time_fraction" / cs.Int16ub,
)
TC_SECONDARY_HEADER = cs.Struct(
    "pus" / cs.BitStruct("version" / cs.Const(2, cs.BitsInteger(4)), "ack" / cs.BitsInteger(4)),
    "service" / cs.Int8ub,
    "subtype" / cs.Int8ub,
    "source_id" / cs.Int16ub,
)
TM_PACKET = cs.Struct(
    "primary" / PRIMARY_HEADER,
    "secondary" / TM_SECONDARY_HEADER,
    "data" / cs.Bytes(cs.this.primary.length + 1 - 13 - 2),
    "crc" / cs.Int16ub,
)
TC_PACKET = cs.Struct(
    "primary" / PRIMARY_HEADER,
    "secondary" / TC_SECONDARY_HEADER,
    "data" / cs.Bytes(cs.this.primary.length + 1 - 5 - 2),
    "crc" / cs.Int16ub,
)
PARAMETER_REPORT = cs.Struct(
    "values" / cs.PrefixedArray(cs.Int8ub, cs.Struct("parameter_id" / cs.Int16ub, "value" / cs.Float64b))
)
