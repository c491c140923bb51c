"""Upsets of the parameters' three copies are voted away; changes by ground are not."""

from __future__ import annotations

import struct
from typing import Final

import pytest
from hypothesis import given, strategies as st

from flight.parameter_copies import ParameterCopies
from flight.parameters import ParameterStore
from telemetry_defs.areas import mobility
from telemetry_defs.dictionary import DICTIONARY

VALUES: Final = st.dictionaries(st.integers(0, 0xFFFF), st.floats(allow_nan=False), min_size=1, max_size=20)
COPIES: Final = ("used", "_first", "_second")


def flipped(value: float, bit: int) -> float:
    """One bit of the 64 changed."""
    raw = int.from_bytes(struct.pack("<d", value), "little") ^ 1 << bit
    (wrong,) = struct.unpack("<d", raw.to_bytes(8, "little"))
    return float(wrong)


def raw(values: dict[int, float]) -> list[tuple[int, bytes]]:
    """To compare NaN and -0.0 too."""
    return [(number, struct.pack("<d", value)) for number, value in values.items()]


@given(VALUES, st.data())
def test_any_upsets_are_mended_unless_two_hit_the_same_bit(values: dict[int, float], data: st.DataObject) -> None:
    """As many as you like, each in the one copy that it hits."""
    copies, used = ParameterCopies(values), dict(values)
    places = st.tuples(st.integers(0, len(values) - 1), st.integers(0, 63))
    for (place, bit), copy in data.draw(st.dictionaries(places, st.sampled_from(COPIES), min_size=1)).items():
        if copy == "used":
            number = list(used)[place]
            used[number] = flipped(used[number], bit)
        else:
            vars(copies)[copy][8 * place + bit // 8] ^= 1 << bit % 8
    upsets = copies.vote(used)
    assert upsets
    mended = used | {upset.parameter_id: upset.good for upset in upsets}
    assert raw(mended) == raw(values)
    assert copies.vote(mended) == [], "both copies are whole again"


@given(VALUES)
def test_without_an_upset_nothing_is_voted(values: dict[int, float]) -> None:
    """What is kept is what is used."""
    assert ParameterCopies(values).vote(values) == []


def upset(store: ParameterStore, value: float) -> None:
    """A particle, not ground."""
    vars(store)["_values"][mobility.TILT_STOP.parameter_id] = value


def test_the_store_goes_by_its_value_again_and_says_what_was_wrong() -> None:
    """Its checksum too; the vote is no change that could be rolled back."""
    store = ParameterStore(DICTIONARY, {})
    good, crc = mobility.TILT_STOP.default, store.crc
    upset(store, 1e200)
    assert store.vote() == [(mobility.TILT_STOP.parameter_id, 1e200, good)]
    assert store.get(mobility.TILT_STOP) == good
    assert store.crc == crc
    assert not store.has_previous
    assert store.vote() == []


def test_what_ground_changes_is_kept_by_all_three() -> None:
    """Set, staged and rolled back."""
    store = ParameterStore(DICTIONARY, {})
    store.set(mobility.TILT_STOP, mobility.TILT_STOP.low)
    assert store.vote() == []
    upset(store, mobility.TILT_STOP.high)
    store.vote()
    assert store.get(mobility.TILT_STOP) == mobility.TILT_STOP.low
    store.roll_back()
    assert store.vote() == []
    assert store.get(mobility.TILT_STOP) == mobility.TILT_STOP.default


@pytest.mark.parametrize("change", ["set", "activate", "roll_back"])
def test_an_upset_just_before_a_change_is_not_made_good(change: str) -> None:
    """Mended before the change, and told at the next vote."""
    store = ParameterStore(DICTIONARY, {})
    store.set(mobility.SLIP_WARN, mobility.SLIP_WARN.low)
    store.stage(mobility.SLIP_WARN, mobility.SLIP_WARN.default)
    upset(store, 1e200)
    if change == "set":
        store.set(mobility.SLIP_WARN, mobility.SLIP_WARN.default)
    elif change == "activate":
        store.activate()
    else:
        store.roll_back()
    assert store.get(mobility.TILT_STOP) == mobility.TILT_STOP.default
    assert store.get(mobility.SLIP_WARN) == mobility.SLIP_WARN.default
    assert [wrong for _, wrong, _ in store.vote()] == [1e200]


def test_a_set_that_was_upset_meanwhile_is_looked_at_again_before_it_comes_back() -> None:
    """The one to go back to has no copies; what is out of its range there is the default."""
    store = ParameterStore(DICTIONARY, {})
    store.set(mobility.SLIP_WARN, mobility.SLIP_WARN.low)
    vars(store)["_previous"][mobility.TILT_STOP.parameter_id] = 1e200
    store.roll_back()
    assert store.get(mobility.TILT_STOP) == mobility.TILT_STOP.default
