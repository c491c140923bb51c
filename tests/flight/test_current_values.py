"""Telemetry values as flight sees them: good, without value, stale; never made up."""

from __future__ import annotations

from typing import Any

import msgspec

from flight.blackboard import MAX_AGE_NS
from flight.telemetry.current import CurrentValues, Sample
from hal.api.clock import NS_PER_S
from telemetry_defs.areas.timeline import TimelineHk
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.points import Validity, find_point

NEXT = find_point("timeline.hk.next_gps_s", DICTIONARY)
ENTRIES = find_point("timeline.hk.entries", DICTIONARY)


class Owner:
    """A timeline that says what it is told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.says: TimelineHk | None = self.hk(next_gps_s=5.0)

    @staticmethod
    def hk(**changes: Any) -> TimelineHk:
        nothing = dict.fromkeys(TimelineHk.__struct_fields__)
        return TimelineHk(**{**nothing, **changes})

    def provide(self) -> msgspec.Struct | None:
        self.asked += 1
        return self.says


def test_a_value_is_what_its_owner_says_now() -> None:
    owner = Owner()
    values = CurrentValues(DICTIONARY, lambda: {"timeline.hk": owner.provide})

    assert values.read(NEXT, 0) == Sample(5.0, Validity.GOOD)
    assert values.read(ENTRIES, 0) == Sample(None, Validity.NO_VALUE)
    assert owner.asked == 1
    owner.says = owner.hk(next_gps_s=6.0)
    assert values.read(NEXT, NS_PER_S).value == 6.0


def test_an_owner_that_is_down_is_bridged_for_a_while_and_then_stale() -> None:
    owner = Owner()
    values = CurrentValues(DICTIONARY, lambda: {"timeline.hk": owner.provide})
    values.read(NEXT, 0)
    owner.says = None

    assert values.read(NEXT, MAX_AGE_NS) == Sample(5.0, Validity.GOOD)
    assert values.read(NEXT, MAX_AGE_NS + 1) == Sample(None, Validity.STALE)
    owner.says = owner.hk(next_gps_s=7.0)
    assert values.read(NEXT, MAX_AGE_NS + 2).value == 7.0


def test_an_owner_that_never_spoke_is_stale() -> None:
    values = CurrentValues(DICTIONARY, lambda: {"timeline.hk": lambda: None})

    assert values.read(ENTRIES, 0) == Sample(None, Validity.STALE)
