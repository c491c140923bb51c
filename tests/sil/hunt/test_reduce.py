"""Reducing a failing scenario: what is left still fails, is no larger, and holds nothing that is not needed."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from hypothesis import HealthCheck, assume, given, settings, strategies as st

from sil.hunt.reduce import LISTS, reduce
from sil.hunt.search import size
from sil.scenario import ComputerSection, Pose, Scenario
from sil.strategies import missions

FEW = settings(max_examples=25, suppress_health_check=list(HealthCheck))


def never() -> bool:
    """Time is never over."""
    return False


def whatever(scenario: Scenario) -> bool:
    """Fails always."""
    return True


def orders(name: str) -> Callable[[Scenario], bool]:
    """Fails where this is sent."""
    return lambda scenario: any(command.name == name for command in scenario.command)


def _computer() -> st.SearchStrategy[tuple[ComputerSection, ...]]:
    cut = st.builds(ComputerSection, at_s=st.sampled_from([9.0, 12.5]), kind=st.just("power_cut"))
    return st.lists(cut, max_size=2).map(tuple)


CUT_MISSIONS = st.builds(
    lambda scenario, computer: msgspec.structs.replace(scenario, computer=computer), missions(60.0), _computer()
)


@FEW
@given(CUT_MISSIONS, st.data())
def test_it_still_fails_and_is_no_larger(scenario: Scenario, data: st.DataObject) -> None:
    """Whatever part the failure hangs on; and that part alone is left."""
    parts = [(key, number) for key in LISTS for number in range(len(getattr(scenario, key)))]
    assume(parts)
    key, number = data.draw(st.sampled_from(parts))
    wanted = _kind(getattr(scenario, key)[number])

    def fails(candidate: Scenario) -> bool:
        return any(_kind(part) == wanted for part in getattr(candidate, key))

    small = reduce(scenario, fails, never)

    assert fails(small)
    assert len(getattr(small, key)) == 1
    assert size(small) <= size(scenario)
    assert [len(getattr(small, other)) for other in LISTS if other != key] == [0] * (len(LISTS) - 1)
    assert small.start == msgspec.structs.replace(
        scenario.start, mode="IDLE", soc=0.8, pose=Pose(x_m=10.0), temperatures_c={}
    )
    assert (small.world, small.seed, small.duration_s) == ("flat", 1, scenario.duration_s)


def _kind(part: object) -> tuple[object, ...]:
    """What a part is, whatever its times and parameters."""
    return tuple(getattr(part, key, None) for key in ("name", "device", "kind", "radio", "hex"))


@FEW
@given(missions(60.0))
def test_what_is_left_cannot_be_reduced(scenario: Scenario) -> None:
    """Doing it again changes nothing."""
    small = reduce(scenario, whatever, never)

    assert reduce(small, whatever, never) == small
    assert [len(getattr(small, key)) for key in LISTS] == [0] * len(LISTS)


@FEW
@given(missions(60.0))
def test_what_must_be_simple_is_made_simple(scenario: Scenario) -> None:
    """A fault keeps what it cannot do without: here that it ends."""
    assume(any(fault.for_s is not None for fault in scenario.fault))

    def ends(candidate: Scenario) -> bool:
        return any(fault.for_s is not None for fault in candidate.fault)

    (fault,) = reduce(scenario, ends, never).fault

    assert (fault.every_s, fault.times, fault.ramp_s, fault.args) == (None, None, 0.0, {})
    assert fault.at_s == round(fault.at_s)


@FEW
@given(missions(60.0), st.integers(0, 12))
def test_it_ends_when_time_is_over(scenario: Scenario, most: int) -> None:
    """With the smallest so far, which has failed."""
    tried: list[Scenario] = []

    def fails(candidate: Scenario) -> bool:
        tried.append(candidate)
        return len(tried) % 2 == 0

    small = reduce(scenario, fails, lambda: len(tried) >= most)

    assert len(tried) <= most
    assert small == scenario or small in tried[1::2]


def test_two_that_need_each_other_both_stay() -> None:
    """An arming and what it arms, in a crowd of others."""
    drawn = missions(60.0).filter(lambda scenario: len(scenario.command) >= 4)

    @settings(FEW, max_examples=5)
    @given(drawn)
    def check(scenario: Scenario) -> None:
        first, last = scenario.command[0].name, scenario.command[-1].name
        assume(first != last)
        small = reduce(scenario, lambda item: orders(first)(item) and orders(last)(item), never)
        assert {command.name for command in small.command} == {first, last}
        assert len(small.command) == 2

    check()
