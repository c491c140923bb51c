"""A compiled sequence on its way up: the parts that TC[21,1] carries, in order."""

from __future__ import annotations

import binascii

from telemetry_defs.areas.sequences import PART_BYTES


def load_arguments(sequence_id: int, data: bytes, *, hazardous: bool) -> tuple[dict[str, object], ...]:
    """Return the arguments of one ``sequences.load`` for each part; ``hazardous``: the first one needs arming."""
    parts = [data[start : start + PART_BYTES] for start in range(0, len(data), PART_BYTES)]
    return tuple(
        {
            "sequence_id": sequence_id,
            "part": place,
            "parts": len(parts),
            "crc32": binascii.crc32(data),
            "hazardous": hazardous,
            "data": part,
        }
        for place, part in enumerate(parts)
    )
