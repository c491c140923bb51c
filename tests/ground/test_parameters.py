"""The dump of parameters: parts in any order become the values again, and damage is noticed."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from ground.errors import GroundError
from ground.parameters import ParameterDump
from telemetry_defs.areas import system
from telemetry_defs.codec import Codecs
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.formats import DecodedTm
from telemetry_defs.formats.decode import decode_tm
from telemetry_defs.packets import build_tm
from telemetry_defs.parameter_set import pack_set, set_crc, split_set
from telemetry_defs.reports import PARAMETER_DUMP_SUBTYPE, PARAMETER_SERVICE, ParameterPart


def reports(values: dict[int, float], crc32: int | None = None) -> list[DecodedTm]:
    packed = pack_set(values)
    parts = split_set(packed)
    bodies = (
        ParameterPart(index=index, total=len(parts), crc32=set_crc(packed) if crc32 is None else crc32, data=data)
        for index, data in enumerate(parts)
    )
    codec = Codecs().of(ParameterPart)
    return [
        decode_tm(build_tm(0x100, PARAMETER_SERVICE, PARAMETER_DUMP_SUBTYPE, 0, 0, 0, 0, codec.pack(body)))
        for body in bodies
    ]


@given(st.dictionaries(st.integers(0, 0x7FFF), st.floats(allow_nan=False), max_size=300), st.randoms())
def test_values_come_back_from_parts_in_any_order(values: dict[int, float], dice: object) -> None:
    """Over the wire and back, whatever the order and however often a part comes."""
    parts = reports(values)
    shuffled = parts + parts
    dice.shuffle(shuffled)  # type: ignore[attr-defined]  # Hypothesis gives a Random
    dump = ParameterDump()
    done = [dump.add(part) for part in shuffled]
    assert done[-1]
    assert dump.values() == values
    assert dump.crc32 == set_crc(pack_set(values))


def test_a_missing_part_and_a_wrong_checksum_are_named() -> None:
    """Nothing is made up; parts of an older dump do not mix with those of a newer one."""
    dump = ParameterDump()
    with pytest.raises(GroundError, match="part 0 is missing"):
        dump.values()
    many = dict.fromkeys(range(200), 1.0)
    assert not dump.add(reports(many)[0])
    with pytest.raises(GroundError, match="part 1 is missing"):
        dump.values()
    assert not dump.add(reports(many | {7: 2.0})[2])
    assert dump.missing == [0, 1]
    damaged = ParameterDump()
    assert damaged.add(reports({1: 2.0}, crc32=5)[0])
    with pytest.raises(GroundError, match="CRC"):
        damaged.values()


def test_values_are_given_by_name() -> None:
    """An id that this dictionary has not got keeps its number."""
    dump = ParameterDump()
    dump.add(reports({system.SAFE_SOC.parameter_id: 0.25, 0x7FFE: 1.0})[0])
    assert dump.named(DICTIONARY) == {"system.safe_soc": 0.25, "parameter_0x7ffe": 1.0}
