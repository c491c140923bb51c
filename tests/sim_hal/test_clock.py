"""The simulated clock: order of due work, exact stops, and no sleeping within the world."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given, strategies as st

from hal.api.errors import ComputerStopped
from sim_hal.clock import Rank, SimClock


@given(st.lists(st.tuples(st.integers(0, 50), st.sampled_from(list(Rank))), max_size=40), st.integers(0, 60))
def test_due_work_runs_by_time_then_rank_then_insertion(work: list[tuple[int, Rank]], deadline: int) -> None:
    """Whatever is scheduled up to the deadline runs, sorted, and the clock shows each its own time."""
    clock = SimClock()
    ran: list[tuple[int, int, int]] = []

    def note(rank: int, number: int) -> None:
        ran.append((clock.now_ns(), rank, number))

    for number, (time_ns, rank) in enumerate(work):
        clock.at(time_ns, rank, partial(note, int(rank), number))

    clock.sleep_until_ns(deadline)

    expected = sorted((t, int(r), n) for n, (t, r) in enumerate(work) if t <= deadline)
    assert ran == expected
    assert clock.now_ns() == deadline


def test_a_grid_calls_on_its_multiples_and_can_be_cancelled() -> None:
    """A grid begun off the grid still calls at whole multiples; cancelled, it is silent."""
    clock = SimClock()
    clock.sleep_until_ns(130)
    times: list[int] = []
    grid = clock.every(100, lambda: times.append(clock.now_ns()))
    clock.sleep_until_ns(400)
    grid.cancel()
    clock.sleep_until_ns(1000)

    assert times == [200, 300, 400]


def test_a_stop_within_a_sleep_comes_out_at_its_exact_time() -> None:
    """A power cut fired by the world stops the sleeping computer then and there; later work waits."""
    clock = SimClock()
    later: list[int] = []
    clock.at(70, Rank.FAULT, lambda: clock.stop_computer("power_cut"))
    clock.at(70, Rank.BYTES, lambda: later.append(clock.now_ns()))

    with pytest.raises(ComputerStopped, match="power_cut"):
        clock.sleep_until_ns(100)
    assert clock.now_ns() == 70
    assert later == []

    clock.sleep_until_ns(100)
    assert later == [70]


def test_a_stop_called_by_a_device_is_raised_in_the_caller() -> None:
    """A device that cuts its own computer's power does not return to it."""
    clock = SimClock()
    with pytest.raises(ComputerStopped, match="hibernate"):
        clock.stop_computer("hibernate")
    clock.sleep_until_ns(10)  # and the clock is ready for the next incarnation


def test_the_world_may_not_sleep() -> None:
    """Sleeping from within a callback is a bug of the world and says so."""
    clock = SimClock()
    clock.at(5, Rank.PLANT, lambda: clock.sleep_until_ns(9))
    with pytest.raises(RuntimeError, match="world"):
        clock.sleep_until_ns(10)
    clock.sleep_until_ns(20)
    assert clock.now_ns() == 20


def test_advancing_without_a_computer_ends_where_the_world_says() -> None:
    """`halt` ends an advance at its instant, which is how a boot is timed."""
    clock = SimClock()
    clock.at(40, Rank.PLANT, clock.halt)

    assert not clock.advance_to(100)
    assert clock.now_ns() == 40
    assert clock.advance_to(100)


def test_work_for_the_past_runs_now_not_backwards() -> None:
    """Time never runs back, whatever is asked."""
    clock = SimClock()
    clock.sleep_until_ns(100)
    seen: list[int] = []
    clock.at(10, Rank.SCENARIO, lambda: seen.append(clock.now_ns()))
    clock.sleep_until_ns(100)
    assert seen == [100]
