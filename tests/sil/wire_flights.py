"""Short drives over flat ground for the tests of wire depth: what was said, what was true, how long cycles took."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal

from hal.api.board import Hal
from hal.api.clock import NS_PER_MS, seconds
from sil.expect import event_times
from sil.mission import Mission
from sil.scenario import CommandSection, ExpectSection, Pose, Scenario, StartSection
from sim_hal.clock import Rank
from sim_hal.wired.bay import WireBay
from tests.sil.wire_truth import Witness

DRIVE_AT_S = 18.0
SPEED_M_S = 0.04


def command(at_s: float, name: str, key: str | None = None, **args: Any) -> CommandSection:
    """A telecommand at a time; `key` is its id."""
    return CommandSection(at_s=at_s, name=name, args=args, id=key)


def straight(at_s: float, distance_m: float, key: str, settle_s: float = 3.0) -> tuple[CommandSection, ...]:
    """DRIVE, which powers the motors, and `settle_s` later so far ahead from wherever the rover stands."""
    return (
        command(at_s, "system.set_mode", mode="DRIVE"),
        command(
            at_s + settle_s,
            "mobility.arc",
            key,
            curvature_1_m=0.0,
            distance_m=distance_m,
            speed_m_s=SPEED_M_S,
            timeout_s=300.0,
        ),
    )


def drive(
    depth: Literal["device", "wire"] = "wire",
    *more: CommandSection,
    to_m: float = 2.0,
    duration_s: float = 110.0,
    cold: bool = False,
    night: bool = False,
    expect: tuple[ExpectSection, ...] = (),
) -> Scenario:
    """From IDLE at x = 10 m, at `DRIVE_AT_S` so far to the east; `cold`: its battery needs heating.

    `night`: nothing but its battery feeds it, and the array will not wake it.
    """
    go = command(DRIVE_AT_S, "mobility.drive_to", "go", x_m=10.0 + to_m, y_m=0.0, speed_m_s=SPEED_M_S, timeout_s=300.0)
    return Scenario(
        name="short_drive",
        world="flat",
        depth=depth,
        duration_s=duration_s,
        start=StartSection(
            time_utc=datetime(2029, 10, 4, tzinfo=UTC) if night else datetime(2029, 9, 24, tzinfo=UTC),
            pose=Pose(x_m=10.0),
            temperatures_c={"battery": -15.0} if cold else {},
        ),
        command=(command(DRIVE_AT_S - 3.0, "system.set_mode", "mode", mode="DRIVE"), go, *more),
        expect=expect,
    )


class WireFlight:
    """One mission, watched."""

    def __init__(self, scenario: Scenario) -> None:
        self.mission = Mission(scenario)
        self.simulation = simulation = self.mission.simulation
        self.witness = Witness(simulation.world, simulation.clock)
        self.worst_cycle_ms = 0.0
        self.turning_s: list[float] = []
        """Cycles at whose end a wheel turned."""
        self._boot = simulation.boot
        simulation.boot = self._watched  # type: ignore[method-assign]  # stands between flight and its board

    @property
    def bay(self) -> WireBay:
        """The wires."""
        assert self.simulation.bay is not None
        return self.simulation.bay

    def at(self, time_s: float, action: Callable[[], object]) -> None:
        """Something befalls the rover."""
        self.mission.clock.at(seconds(time_s), Rank.FAULT, lambda: (action(), None)[1])

    def fly(self) -> WireFlight:
        """To the end."""
        self.mission.run(self._cycle)
        return self

    def events(self, name: str) -> list[float]:
        """When an event was raised, s."""
        return [time_s for time_s, event in event_times(self.mission) if event == name]

    def names(self) -> list[str]:
        """Every event, in order."""
        return [event for _, event in event_times(self.mission)]

    def details(self, name: str) -> list[dict[str, Any]]:
        """What its reports carried."""
        return [dict(tm.fields) for _, tm in self.mission.recorder.events() if tm.name == name]

    def completed(self, key: str) -> bool:
        """Whether a telecommand was carried out."""
        return any(record.completed for record in self.mission.plan.found(key))

    def turned_between(self, start_s: float, stop_s: float) -> bool:
        """Whether any wheel did."""
        return any(start_s <= time_s <= stop_s for time_s in self.turning_s)

    def _watched(self) -> Hal:
        return self.witness.watch(self._boot())

    def _cycle(self, now_ns: int) -> None:
        flight = self.mission.flight
        if flight is not None:
            self.worst_cycle_ms = max(self.worst_cycle_ms, flight.executive.worst_cycle_ns / NS_PER_MS)
        world = self.simulation.world
        if not world.load_on("motors", now_ns):
            self.witness.motors_off()
        if world.wheels_turning:
            self.turning_s.append(self.mission.elapsed_s)
