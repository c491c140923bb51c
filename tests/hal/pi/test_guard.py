"""The guard thread: a hung flight loses its heaters, a broken bank does not end the guard."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from hal.api.clock import NS_PER_MS
from hal.api.hold import Held
from hal.pi.clock import RealClock
from hal.pi.guard import Guard
from tests.hal.pi.waiting import wait_for

pytestmark = pytest.mark.process


class Bank:
    """One heater on a line that stays as it was last driven: only `expire` lets it fall back."""

    def __init__(self, clock: RealClock) -> None:
        self._clock = clock
        self._held = Held(False, 60_000 * NS_PER_MS)
        self.line = False
        self.broken = False
        self.looks = 0

    def heat(self, hold_ns: int) -> None:
        self._held.set(True, self._clock.now_ns(), hold_ns)
        self.line = True

    def expire(self) -> None:
        self.looks += 1
        if self.broken:
            raise OSError("line lost")
        self.line = self._held.at(self._clock.now_ns())


@pytest.fixture
def guard() -> Iterator[Guard]:
    guard = Guard(period_s=0.005)
    yield guard
    guard.close()


def test_an_output_that_nobody_refreshes_falls_back(guard: Guard) -> None:
    """The main thread does nothing at all."""
    bank = Bank(RealClock())
    guard.watch(bank)
    bank.heat(50 * NS_PER_MS)
    wait_for(lambda: bank.looks > 2)
    wait_for(lambda: not bank.line)


def test_a_bank_that_raises_is_counted_and_tried_again_and_the_others_are_looked_after(guard: Guard) -> None:
    broken, well = Bank(RealClock()), Bank(RealClock())
    broken.broken = True
    guard.watch(broken)
    guard.watch(well)
    well.heat(20 * NS_PER_MS)
    broken.heat(20 * NS_PER_MS)
    wait_for(lambda: guard.failures >= 2 and not well.line)
    assert broken.line

    broken.broken = False
    wait_for(lambda: not broken.line)


def test_it_ends_when_closed() -> None:
    """No thread is left behind, and no bank is touched any more."""
    guard = Guard(period_s=0.001)
    bank = Bank(RealClock())
    guard.watch(bank)
    wait_for(lambda: bank.looks)
    guard.close()
    looks = bank.looks
    assert "guard" not in [thread.name for thread in threading.enumerate()]
    assert bank.looks == looks
