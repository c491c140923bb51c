"""Reads packets with space-packet-parser and the exported XTCE, and holds the values against ours."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from typing import Any

import pytest
from space_packet_parser import load_xtce
from space_packet_parser.generators import ccsds_generator

from telemetry_defs.exports.xtce_xml import element_names, flat_name, has_labels, labels_of
from telemetry_defs.wire import Field, fields_of, is_float_kind, reserved_raw


class XtceReader:
    """One XTCE document as a third party reads it."""

    def __init__(self, xml: str) -> None:
        self._definition = load_xtce(io.BytesIO(xml.encode()))

    def parse(self, packet: bytes) -> Any:
        """Parameters of one packet by their flat XTCE names."""
        (raw,) = ccsds_generator(io.BytesIO(packet))
        return self._definition.parse_bytes(raw)


def compare_record(name: str, cls: type, ours: Mapping[str, Any], theirs: Any) -> None:
    """Fail unless every field of a record has the value that we decoded; `name` is the dictionary's, `power.hk`."""
    for field in fields_of(cls):
        _compare(flat_name(name), field, ours[field.name], theirs)


def _compare(name: str, field: Field, ours: Any, theirs: Any) -> None:
    if field.name == "request_id":
        parts = (theirs["request_version_and_type"], theirs["request_apid"])
        sequence = (theirs["request_sequence_flags"], theirs["request_sequence_count"])
        assert (parts[0] << 27) | (parts[1] << 16) | (sequence[0] << 14) | sequence[1] == ours
        return
    for parameter, value in zip(element_names(name, field), ours if field.is_tuple else (ours,), strict=True):
        if has_labels(field):
            label = "NO_VALUE" if value is None else value.name if field.is_enum else str(value).upper()
            assert theirs[parameter] == label
            assert theirs[parameter].raw_value == labels_of(field)[label]
        elif field.base is bytes:
            assert theirs[parameter] == value
        elif value is not None:
            assert theirs[parameter] == pytest.approx(value, rel=1e-12)
        else:
            raw = theirs[parameter].raw_value
            assert math.isnan(raw) if is_float_kind(field.wire.kind) else raw == reserved_raw(field.wire.kind)
