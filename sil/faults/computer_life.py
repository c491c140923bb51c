"""Resets, cuts, hangs and too little speed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from msgspec import Meta

from hal.api.clock import NS_PER_S, seconds
from hal.api.config import Section
from hal.api.values import ResetCause
from sil.faults.kinds import Bench, Fault, Layer, NoParams, SetLevel, instant
from sim_hal.clock import Rank, Timer
from sim_hal.faults.shim import Call

REBOOT_RESPONSE: Final = "boots, resumes a resting mode or SAFE, nothing acknowledged is lost"
LOOK_NS: Final = NS_PER_S // 10
"""How often a boot is looked for."""


class Off(Section, frozen=True, kw_only=True):
    """How long the computer stays off."""

    off_s: Annotated[float, Meta(ge=0.5, le=1.0e6)] = 2.0


class Dip(Section, frozen=True, kw_only=True):
    """How long the supply is too low."""

    off_s: Annotated[float, Meta(ge=0.01, le=0.5)] = 0.1


class Loop(Section, frozen=True, kw_only=True):
    """How often, and how long each boot lives."""

    boots: Annotated[int, Meta(ge=1, le=50)] = 6
    after_s: Annotated[float, Meta(ge=0.1, le=120.0)] = 8.0
    """From a boot to the next reset."""
    off_s: Annotated[float, Meta(ge=0.5, le=60.0)] = 2.0


class Slow(Section, frozen=True, kw_only=True):
    """Which row, and how slow."""

    time_s: Annotated[float, Meta(ge=0.01, le=5.0)] = 0.15
    """More for each cycle in which the row asks its device; over 0.1 the cycle overruns, over 1 the row has failed."""
    row: Literal["receive", "power", "thermal", "mobility"] = "receive"


ASKED: Final = {"receive": "radio_local", "power": "power_monitor", "thermal": "temperatures", "mobility": "imu"}
"""The device in whose call the row's time goes by."""


def _stop(cause: ResetCause, meaning: str, response: str, params: type[Section] = Off) -> Fault:
    def act(bench: Bench, given: Any) -> None:
        bench.simulation.stop(cause, off_ns=seconds(given.off_s))

    return Fault(
        layer=Layer.COMPUTER,
        meaning=meaning,
        response=response,
        make=instant(act),
        params=params,
        lasting=False,
        events=("system.boot",),
    )


def _hang(bench: Bench, _: NoParams) -> None:
    bench.simulation.hang()


class _Loop:
    """Resets each boot that it sees, until it has had its number of boots."""

    def __init__(self, bench: Bench, params: Loop) -> None:
        self._bench = bench
        self._params = params
        self._left = params.boots
        self._seen = bench.simulation.boots
        self._timers: list[Timer] = []

    def set_level(self, level: float) -> None:
        """The first reset comes at once."""
        for timer in self._timers:
            timer.cancel()
        self._timers = []
        if level > 0.0:
            self._timers.append(self._bench.clock.every(LOOK_NS, self._look, Rank.FAULT))
            self._reset()

    def _look(self) -> None:
        boots = self._bench.simulation.boots
        if boots != self._seen and self._left > 0:
            self._seen = boots
            clock = self._bench.clock
            self._timers.append(clock.at(clock.now_ns() + seconds(self._params.after_s), Rank.FAULT, self._reset))

    def _reset(self) -> None:
        if self._bench.simulation.computer_on and self._left > 0:
            self._left -= 1
            self._bench.simulation.stop(ResetCause.WATCHDOG, off_ns=seconds(self._params.off_s))


def _slow(bench: Bench, params: Slow) -> SetLevel:
    """Lets time go by in the first call of a cycle."""
    more_s = 0.0
    last: tuple[int, int] | None = None

    def fault(method: str, args: tuple[Any, ...], call: Call) -> Any:
        nonlocal last
        flight = bench.flight
        if flight is not None:
            cycle = bench.simulation.boots, flight.executive.cycles
            if cycle != last:
                last = cycle
                bench.clock.sleep_until_ns(bench.clock.now_ns() + seconds(more_s))
        return call(*args)

    switch = bench.devices.setter(ASKED[params.row], fault)

    def set_level(level: float) -> None:
        nonlocal more_s
        more_s = level * params.time_s
        switch(level)

    return set_level


FAULTS: Final[Mapping[tuple[str, str], Fault]] = {
    ("computer", "reset"): _stop(ResetCause.WATCHDOG, "reset out of nothing", REBOOT_RESPONSE),
    ("computer", "power_cut"): _stop(ResetCause.POWER_CUT, "its power is cut", REBOOT_RESPONSE),
    ("computer", "power_dip"): _stop(
        ResetCause.POWER_CUT, "its supply dips for a moment: memory and loads are lost", REBOOT_RESPONSE, Dip
    ),
    ("computer", "hang"): Fault(
        layer=Layer.COMPUTER,
        meaning="flight stops cycling; outputs stay as long as their holds",
        response="none; outputs fall safe by their holds, the watchdog resets, the boot is as any other",
        make=instant(_hang),
        lasting=False,
        events=("system.boot",),
    ),
    ("computer", "reboot_loop"): Fault(
        layer=Layer.COMPUTER,
        meaning="each boot is reset after a while, some boots in a row (Spirit, January 2004)",
        response="counts short boots; after five boots with the minimal set of rows, in SAFE, until ground frees it",
        make=lambda bench, params: _Loop(bench, params).set_level,
        params=Loop,
        events=("system.boot_loop", "system.boot"),
    ),
    ("computer", "slow"): Fault(
        layer=Layer.COMPUTER,
        meaning="a row takes more time each cycle than it should",
        response="skips the slots that it missed and tells it; a row over 1 s has failed and is built anew",
        make=_slow,
        params=Slow,
        ramps=True,
        events=("system.slots_missed", "system.row_failed"),
    ),
}
