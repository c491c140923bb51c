"""Every row of the real schedule made to fail in a whole simulated rover, and a thousand reboots in one process."""

from __future__ import annotations

import gc
from collections.abc import Callable

import pytest

from flight.app import Flight
from flight.executive import ExitReason
from hal.api.clock import NS_PER_S
from hal.api.values import ResetCause
from sil.loader import load_scenario
from sil.mission import Mission
from sim_hal.clock import Rank
from telemetry_defs.areas import system
from telemetry_defs.definitions import Mode

ROWS = tuple(name for name in system.ROWS if name not in ("receive", "commands"))


def breaking(name: str) -> Callable[[Flight], None]:
    """Makes every tick of the row `name` raise, in each of its lives."""

    def spoil(flight: Flight) -> None:
        state = flight.executive.rows.get(name)
        if state is not None and state.row is not None and "tick" not in vars(state.row):
            state.row.tick = raising  # type: ignore[method-assign]  # that is the fault

    return spoil


def raising(now_ns: int) -> None:
    raise RuntimeError("made to fail")


class Broken(Mission):
    """A mission whose flight is spoiled before every cycle."""

    spoil: Callable[[Flight], None] | None = None
    flights_seen: list[Flight]

    def fly(self, spoil: Callable[[Flight], None], seconds: float) -> None:
        self.flights_seen = []
        self.clock.at(round(seconds * NS_PER_S), Rank.SCENARIO, self.end)

        def before_cycle(now_ns: int) -> None:
            if self.flight is not None:
                if self.flight not in self.flights_seen:
                    self.flights_seen.append(self.flight)
                spoil(self.flight)

        self.run(before_cycle)


def mission(seconds: float = 120.0) -> Broken:
    import msgspec

    scenario = load_scenario("hello")
    return Broken(msgspec.structs.replace(scenario, duration_s=seconds, command=(), expect=()))


def ping_at(rover: Broken, at_s: float) -> None:
    def ping() -> None:
        rover.station.send_command("system.ping", {}, rover.clock.now_ns())

    rover.clock.at(round(at_s * NS_PER_S), Rank.SCENARIO, ping)


@pytest.mark.parametrize("name", ROWS)
def test_a_failing_row_ends_in_safe_and_ground_still_commands(name: str) -> None:
    """The others lose no cycle, strikes lead to SAFE, and an accepted ping shows that ground is still obeyed."""
    rover = mission()
    ping_at(rover, 60.0)

    rover.fly(breaking(name), 120.0)

    flight = rover.flights_seen[-1]
    rows = flight.executive.rows
    assert len(rover.flights_seen) == 1
    assert flight.core.modes.mode is Mode.SAFE
    assert rows[name].failures >= 3
    for other in system.ROWS:
        if other != name:
            expected = flight.executive.cycles // rows[other].slot.every
            assert abs(rows[other].runs - expected) <= 1, other
    assert flight.core.path.received.accepted == 1
    assert rover.station.commands[0].completed or name == "transmit"


@pytest.mark.parametrize("name", ["receive", "commands"])
def test_a_vital_row_failing_in_one_process_ends_it_and_the_next_boot_answers(name: str) -> None:
    """The minimal SAFE set comes up and answers ground."""
    rover = mission()
    ping_at(rover, 60.0)

    def only_first(flight: Flight) -> None:
        if rover.flights_seen[0] is flight:
            breaking(name)(flight)

    rover.fly(only_first, 120.0)

    assert [f.exit_reason for f in rover.flights_seen] == [ExitReason.CRASHED, ExitReason.STOPPED]
    second = rover.flights_seen[1]
    assert second.boot.minimal
    assert "mobility" not in second.executive.rows
    assert second.core.modes.mode is Mode.SAFE
    assert rover.station.commands[0].completed


@pytest.mark.parametrize("name", ["receive", "commands"])
def test_a_vital_row_failing_for_ever_ends_after_three_reboots_wheels_still_loads_shed(name: str) -> None:
    """A rover that cannot be commanded does not reboot for ever."""
    rover = mission(300.0)

    rover.fly(breaking(name), 300.0)

    assert len(rover.flights_seen) == 4
    assert rover.flights_seen[-1].exit_reason is ExitReason.HALTED
    world = rover.simulation.world
    assert not world.wheels_turning
    assert not any(world.load_on(load, rover.clock.now_ns()) for load in ("nav", "motors", "camera", "spectrometer"))


def test_a_thousand_reboots_leave_nothing_behind() -> None:
    """Each boot is a new flight on the same world; objects and boot count tell."""
    rover = mission(1e6)
    boots = 0

    def reboot(flight: Flight) -> None:
        nonlocal boots
        if flight.executive.cycles >= 2:
            boots += 1
            flight.executive.end(ExitReason.RESTART if boots < 1000 else ExitReason.STOPPED)
            if boots >= 1000:
                rover.end()

    counts: list[int] = []

    def before_cycle(now_ns: int) -> None:
        if rover.flight is not None:
            reboot(rover.flight)
            if boots in (600, 900) and len(counts) < (1 if boots == 600 else 2):  # the packet store is full of segments
                gc.collect()
                counts.append(sum(str(type(item).__module__).startswith("flight") for item in gc.get_objects()))

    rover.run(before_cycle)

    assert rover.flights == 1000
    assert counts[1] <= counts[0] * 1.05 + 50
    assert rover.simulation.boots == 1000
    assert rover.flight is not None
    assert rover.flight.boot.image.boot_count == 1001
    assert rover.flight.boot.cause is ResetCause.COMMANDED
