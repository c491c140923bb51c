"""The budget of a bus: whatever chips do, a cycle waits for it only so long, and a bus that waits gets its turn."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import given, strategies as st

from hal.api.clock import NS_PER_MS
from hal.buses.api import BusBusy, BusError, BusNak
from hal.buses.budget import CYCLE_NS, Budget, BudgetedI2c, BudgetedSerial
from tests.fakes.context import FakeClock

LIMITS = st.integers(1, 80).map(lambda ms: ms * NS_PER_MS)
MOST_MS = 12
"""A stuck I2C bus costs its master 10 ms."""


class Span(NamedTuple):
    """A transaction that was allowed."""

    begin_ns: int
    end_ns: int


class SlowI2c:
    """A bus whose transfers take as long as a test says; implements `I2cBus`."""

    name = "slow"

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.takes_ns = 0
        self.error: BusError | None = None
        self.transfers = 0

    def transfer(self, address: int, written: bytes, read_size: int) -> bytes:
        self.transfers += 1
        self._clock.sleep_until_ns(self._clock.now_ns() + self.takes_ns)
        if self.error is not None:
            raise self.error
        return bytes(read_size)


class SlowSerial:
    """A line on which an answer takes as long as a test says; implements `SerialBus`."""

    name = "slow"
    byte_ns = 86_806

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.takes_ns = 0
        self.written = bytearray()
        self.reads: list[tuple[int, int]] = []
        """When a read began, and its deadline."""

    def write(self, data: bytes) -> None:
        self.written += data

    def read(self, size: int, deadline_ns: int) -> bytes:
        now_ns = self._clock.now_ns()
        self.reads.append((now_ns, deadline_ns))
        come_ns = now_ns + self.takes_ns
        self._clock.sleep_until_ns(max(now_ns, min(deadline_ns, come_ns)))
        return bytes(size) if come_ns <= deadline_ns else b""

    def drop_input(self) -> int:
        return 3


def spent_within(spans: list[Span], begin_ns: int, end_ns: int) -> int:
    """Time on the bus between two times."""
    return sum(max(0, min(span.end_ns, end_ns) - max(span.begin_ns, begin_ns)) for span in spans)


def use(steps: list[tuple[int, int]], limit_ns: int) -> tuple[list[Span], int]:
    """Idle and transaction times, one after the other; what was allowed, and the longest of it."""
    clock = FakeClock(0)
    budget = Budget("uart", limit_ns, clock)
    spans: list[Span] = []
    for idle_us, takes_us in steps:
        clock.sleep_until_ns(clock.now_ns() + idle_us * 1000)
        begin_ns = clock.now_ns()
        try:
            budget.left_ns(clock.now_ns())
        except BusBusy:
            continue
        clock.sleep_until_ns(begin_ns + takes_us * 1000)
        budget.spent(begin_ns, clock.now_ns())
        spans.append(Span(begin_ns, clock.now_ns()))
    return spans, max((span.end_ns - span.begin_ns for span in spans), default=0)


rounds_of = st.tuples(
    st.one_of(st.integers(0, 3_000), st.integers(0, 300_000)), st.integers(1, 12), st.integers(0, MOST_MS * 1000)
)
steps_of = st.lists(rounds_of, max_size=12).map(
    lambda rounds: [step for idle, count, takes in rounds for step in [(idle, takes), *[(0, takes)] * (count - 1)]]
)
"""Microseconds of idling, then of a transaction, if it is allowed: bursts of them, and long rests between."""


def greedy(idle_us: int, takes_us: int) -> list[tuple[int, int]]:
    """A bus that is asked again and again, with short rests."""
    return [(idle_us, takes_us)] * 60


@given(steps=st.one_of(steps_of, st.builds(greedy, st.integers(100, 10_000), st.integers(100, 4_000))), limit_ns=LIMITS)
def test_no_stretch_of_time_holds_more_than_the_limit_its_refill_and_one_transaction(
    steps: list[tuple[int, int]], limit_ns: int
) -> None:
    """From whichever transaction on: a full credit, what the idle time since was worth, and the last one's overdraft.

    Without idle time between, as in a cycle whose only business is a dead bus, that is the limit and one transaction.
    """
    spans, longest_ns = use(steps, limit_ns)
    for first in range(len(spans)):
        spent_ns = 0
        for last in range(first, len(spans)):
            spent_ns += spans[last].end_ns - spans[last].begin_ns
            idle_ns = spans[last].end_ns - spans[first].begin_ns - spent_ns
            assert spent_ns <= limit_ns + idle_ns * limit_ns // (CYCLE_NS - limit_ns) + longest_ns


@given(takes_us=st.lists(st.integers(0, MOST_MS * 1000), max_size=400), limit_ns=LIMITS)
def test_a_cycle_that_does_nothing_else_spends_at_most_the_limit_and_one_transaction(
    takes_us: list[int], limit_ns: int
) -> None:
    """However often it is tried."""
    spans, longest_ns = use([(0, each) for each in takes_us], limit_ns)
    assert spent_within(spans, 0, CYCLE_NS) <= limit_ns + longest_ns


@given(cycles=st.lists(st.lists(st.integers(1, MOST_MS * 1000), max_size=15), min_size=1, max_size=8), limit_ns=LIMITS)
def test_every_cycle_of_flight_keeps_the_limit_and_every_second_one_gets_the_bus(
    cycles: list[list[int]], limit_ns: int
) -> None:
    """Ten a second, each as greedy as it likes at its beginning and idle after: none is late by this bus.

    What one transaction overdrew is paid back by waiting; where the limit is as long as a transaction, the next
    cycle has it back already.
    """
    clock = FakeClock(0)
    budget = Budget("uart", limit_ns, clock)
    granted: list[bool] = []
    for number, transactions in enumerate(cycles):
        begin_ns = number * CYCLE_NS
        clock.sleep_until_ns(max(begin_ns, clock.now_ns()))
        got = not transactions
        for takes_us in transactions:
            now_ns = clock.now_ns()
            try:
                budget.left_ns(clock.now_ns())
            except BusBusy:
                break
            clock.sleep_until_ns(now_ns + takes_us * 1000)
            budget.spent(now_ns, clock.now_ns())
            got = True
        assert clock.now_ns() - begin_ns <= limit_ns + MOST_MS * NS_PER_MS
        granted.append(got)
    if limit_ns >= MOST_MS * NS_PER_MS:
        assert all(a or b for a, b in pairwise(granted))


@given(takes_us=st.lists(st.integers(1, 500_000), min_size=1, max_size=20), limit_ns=LIMITS)
def test_no_bus_starves(takes_us: list[int], limit_ns: int) -> None:
    """Whatever was overdrawn, the wait is as long as the overdraft is worth, and then it is free."""
    clock = FakeClock(0)
    budget = Budget("uart", limit_ns, clock)
    for takes in takes_us:
        owed_ns = takes * 1000
        wait_ns = owed_ns * (CYCLE_NS - limit_ns) // limit_ns + CYCLE_NS // limit_ns + 1
        clock.sleep_until_ns(clock.now_ns() + wait_ns)
        begin_ns = clock.now_ns()
        assert budget.left_ns(clock.now_ns()) > 0
        clock.sleep_until_ns(begin_ns + owed_ns)
        budget.spent(begin_ns, clock.now_ns())
        clock.sleep_until_ns(clock.now_ns() + wait_ns)


@given(steps=steps_of, limit_ns=LIMITS)
def test_asking_alone_changes_nothing(steps: list[tuple[int, int]], limit_ns: int) -> None:
    """Credit grows with time, however often it is looked at; rounding loses less than a nanosecond each time."""
    clock = FakeClock(0)
    often, once = Budget("a", limit_ns, clock), Budget("b", limit_ns, clock)
    for budget in (often, once):
        budget.spent(clock.now_ns() - 2 * limit_ns, clock.now_ns())  # deep in debt
    looks = 0
    for idle_us, _ in steps:
        clock.sleep_until_ns(clock.now_ns() + idle_us * 1000)
        _left(often, clock)
        looks += 1
    assert 0 <= _left(once, clock) - _left(often, clock) <= looks + 1


def _left(budget: Budget, clock: FakeClock) -> int:
    try:
        return budget.left_ns(clock.now_ns())
    except BusBusy:
        return 0


def test_an_i2c_transfer_is_refused_only_before_it_begins() -> None:
    """One that has begun is carried through, and costs what it took also when it failed."""
    clock = FakeClock(0)
    bus = SlowI2c(clock)
    budgeted = BudgetedI2c(bus, 15 * NS_PER_MS, clock)
    bus.takes_ns = 10 * NS_PER_MS
    bus.error = BusNak("slow", "nobody")
    for _ in range(2):
        with pytest.raises(BusNak):
            budgeted.transfer(0x40, b"\x00", 2)
    with pytest.raises(BusBusy, match=r"slow: the 15 ms of this cycle are used up"):
        budgeted.transfer(0x40, b"\x00", 2)
    assert bus.transfers == 2
    clock.sleep_until_ns(clock.now_ns() + CYCLE_NS)
    bus.error = None
    assert budgeted.transfer(0x40, b"\x00", 2) == b"\x00\x00"


def test_a_serial_read_ends_with_the_budget_and_the_next_request_waits_for_another_cycle() -> None:
    """A dead chip costs 30 ms whatever deadline its driver set; after a cycle of rest the line is free again."""
    clock = FakeClock(0)
    line = SlowSerial(clock)
    line.takes_ns = 10**12
    budgeted = BudgetedSerial(line, 30 * NS_PER_MS, clock)
    assert budgeted.read(4, clock.now_ns() + CYCLE_NS) == b""
    assert clock.now_ns() == 30 * NS_PER_MS
    with pytest.raises(BusBusy):
        budgeted.write(b"x")
    with pytest.raises(BusBusy):
        budgeted.read(4, clock.now_ns() + NS_PER_MS)
    assert line.written == b""
    clock.sleep_until_ns(CYCLE_NS)
    budgeted.write(b"x")
    assert line.written == b"x"


@given(looks=st.integers(1, 50))
def test_looks_cost_nothing_and_are_never_refused(looks: int) -> None:
    """What has come is taken at once, also from a line whose time is used up."""
    clock = FakeClock(0)
    line = SlowSerial(clock)
    budgeted = BudgetedSerial(line, 30 * NS_PER_MS, clock)
    line.takes_ns = 10**12
    budgeted.read(1, clock.now_ns() + CYCLE_NS)
    line.takes_ns = 0
    for _ in range(looks):
        assert budgeted.read(2, clock.now_ns()) == b"\x00\x00"
        assert budgeted.drop_input() == 3
    assert clock.now_ns() == 30 * NS_PER_MS
    assert (budgeted.name, budgeted.byte_ns) == ("slow", SlowSerial.byte_ns)


@given(takes_us=st.lists(st.integers(0, 100_000), max_size=40), limit_ns=LIMITS)
def test_no_read_of_a_serial_line_overdraws(takes_us: list[int], limit_ns: int) -> None:
    """Each is cut short, so that a cycle that does nothing else never waits longer than the limit."""
    clock = FakeClock(0)
    line = SlowSerial(clock)
    budgeted = BudgetedSerial(line, limit_ns, clock)
    for takes in takes_us:
        line.takes_ns = takes * 1000
        try:
            budgeted.read(1, clock.now_ns() + CYCLE_NS)
        except BusBusy:
            break
    assert clock.now_ns() <= limit_ns
