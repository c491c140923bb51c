"""Rigs: one implementation of an interface each, with the clock it lives on and the power it needs.

A suite asks its rigs for a device and speaks only the interface; a new implementation is one more function in the
suite's list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from flight.rover_file import load_rover
from hal.api.board import Hal
from hal.api.clock import NS_PER_S, Clock
from hal.api.errors import DeviceError
from sim_hal.simulation import Simulation
from sim_hal.start import Start
from sim_hal.world.vehicle_file import load_vehicle
from tests.fakes.context import FakeClock
from tests.fakes.site import LevelSite

T = TypeVar("T")
START_CYCLES: Final = 40
"""Of a tenth of a second: motor controllers, IMU and converters that have just got power need up to two seconds."""

HOLD_NS: Final = NS_PER_S * 4 // 10
"""Within what any board allows: motor controllers have a timeout of their own, which cuts longer holds short."""


@dataclass
class Rig(Generic[T]):
    """A device and its time."""

    device: T
    clock: Clock
    set_power: Callable[[bool], None] = lambda on: None
    """Switches the device's supply."""
    follow: Callable[[], object] | None = None
    """Some fakes move only when told that time has passed; called every tenth of a second."""

    poll: Callable[[], object] | None = None
    """What flight does with a driver ten times a second; not at the end of a wait, where the test itself asks."""

    def pass_s(self, duration_s: float) -> None:
        """Let time pass."""
        end_ns = self.clock.now_ns() + round(duration_s * NS_PER_S)
        while self.clock.now_ns() < end_ns:
            self.clock.sleep_until_ns(min(end_ns, self.clock.now_ns() + NS_PER_S // 10))
            if self.follow is not None:
                self.follow()
            if self.poll is not None and self.clock.now_ns() + NS_PER_S // 10 <= end_ns:
                self.poll()


@dataclass
class SimBench:
    """A booted simulated rover on a level site; the watchdog is left out so that tests need not stroke it."""

    site: LevelSite
    simulation: Simulation
    hal: Hal

    def power(self, *names: str, for_s: float = 120.0) -> None:
        """Switch loads on."""
        for name in names:
            self.hal.loads.set(name, True, round(for_s * NS_PER_S))

    def rig(self, device: T, *loads: str, poll: Callable[[], object] | None = None) -> Rig[T]:
        """A device of this rover as a rig, its `loads` switched on."""

        def set_power(on: bool) -> None:
            for name in loads:
                self.hal.loads.set(name, on, 120 * NS_PER_S)

        set_power(True)
        return Rig(device, self.hal.clock, set_power, poll=poll)

    def started(self, device: T, ask: Callable[[], object], *loads: str) -> Rig[T]:
        """A device with its `loads` on, asked ten times a second as flight does, from its first answer on.

        Raises:
            DeviceError: it is still starting after four seconds.
        """
        rig = self.rig(device, *loads, poll=ask)
        for _ in range(START_CYCLES):
            try:
                ask()
            except DeviceError:
                rig.clock.sleep_until_ns(rig.clock.now_ns() + NS_PER_S // 10)
            else:
                break
        rig.clock.sleep_until_ns(rig.clock.now_ns() + NS_PER_S // 10)
        ask()
        rig.clock.sleep_until_ns(rig.clock.now_ns() + NS_PER_S // 10)
        return rig


def sim_bench(*, released: bool = True, yaw_rad: float = 0.0, wire: bool = False) -> SimBench:
    """A fresh simulated rover; `wire`: real drivers on simulated wires to emulated chips."""
    site = LevelSite()
    simulation = Simulation(
        site=site,
        vehicle=load_vehicle("south_pole"),
        start=Start(gps_ns=1_568_937_618 * NS_PER_S, released=released, yaw_rad=yaw_rad, x_m=10.0),
        seed=1,
        wiring=load_rover("south_pole").hardware if wire else None,
    )
    assert simulation.run_until_boot(0)
    hal = simulation.boot()
    simulation.end_watch()
    return SimBench(site, simulation, hal)


def refreshed(clock: Clock, for_s: float, *actions: Callable[[], object]) -> None:
    """Do `actions` ten times a second, as flight does, the last time a tenth before the end."""
    begin_ns = clock.now_ns()
    for cycle in range(1, round(10 * for_s) + 1):
        for action in actions:
            action()
        clock.sleep_until_ns(begin_ns + cycle * NS_PER_S // 10)


def fake_clock() -> FakeClock:
    """A clock for fakes; the interface's `sleep_until_ns` moves it."""
    return FakeClock()
