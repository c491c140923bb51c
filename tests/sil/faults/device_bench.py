"""Two benches for faults of devices and links: one looks at the devices alone, one flies a short mission.

A flown mission is compared with its twin, the same without the fault: what the twin raises too is no sign of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from flight.app import Flight
from hal.api.board import Hal
from hal.api.clock import NS_PER_S, seconds
from sil.faults.registry import REGISTRY
from sil.mission import Mission
from sil.scenario import CommandSection, FaultSection, Pose, Scenario, StartSection
from sim_hal.clock import SimClock
from telemetry_defs.definitions import Event

NOON: Final = dt.datetime(2029, 9, 24, tzinfo=dt.UTC)
HOLD_NS: Final = 60 * NS_PER_S


def _command(at_s: float, name: str, **args: Any) -> CommandSection:
    return CommandSection(at_s=at_s, name=name, args=args)


TASKS: Final[Mapping[str, tuple[CommandSection, ...]]] = MappingProxyType(
    {
        "idle": (),
        "cold": (),
        "drive": (_command(8.0, "mobility.drive_to", x_m=9.0, y_m=0.5, speed_m_s=0.05, timeout_s=300.0),),
        "turn": (
            _command(8.0, "mobility.arc", curvature_1_m=0.0, distance_m=0.3, speed_m_s=0.05, timeout_s=30.0),
            _command(22.0, "mobility.turn", angle_rad=1.5, rate_rad_s=0.05, timeout_s=60.0),
        ),
        "warm": (_command(22.0, "thermal.warm_motors", hold_s=60.0),),
        "nav": (_command(22.0, "power.set_load", load="NAV", on=True),),
        "sleep": (
            _command(8.0, "system.set_mode", mode="SAFE"),
            _command(12.0, "system.set_mode", mode="HIBERNATE"),
        ),
        "camera": (_command(8.0, "instruments.acquire_image", exposure_s=0.05),),
        "dosimeter": (_command(8.0, "instruments.acquire", instrument="DOSIMETER", duration_s=5.0),),
        "busy": (
            _command(31.0, "system.ping"),
            *(_command(35.2 + 0.2 * n, "system.ping") for n in range(75)),
        ),
        "calls": tuple(_command(5.0 + 5.0 * n, "system.ping") for n in range(15)),
    }
)
"""What the rover is doing meanwhile; `cold`: the battery wants heat, `warm`: the motors do."""
COLD: Final = MappingProxyType({"cold": {"battery": -8.0}, "warm": {"motors": -60.0}})


class Flown(NamedTuple):
    """A finished mission and what its flights raised."""

    mission: Mission
    events: list[tuple[float, str]]

    def raised(self, from_s: float, to_s: float) -> set[str]:
        """Names of events in a span."""
        return {name for t_s, name in self.events if from_s <= t_s <= to_s}


def fly(task: str, *faults: FaultSection, duration_s: float = 100.0, **start: Any) -> Flown:
    """Fly a task on level ground beside the lander; `start` takes the place of what is in `[start]`."""
    section = StartSection(
        **{
            "time_utc": NOON,
            "mode": "IDLE",
            "soc": 0.8,
            "pose": Pose(x_m=5.0, y_m=0.0, yaw_rad=0.0),
            "temperatures_c": dict(COLD.get(task, {})),
            **start,
        }
    )
    scenario = Scenario(
        name="bench", world="flat", duration_s=duration_s, start=section, command=TASKS[task], fault=faults
    )
    flown = Flown(Mission(scenario), [])

    def listen(flight: Flight) -> None:
        def note(event: Event, *_: object) -> None:
            flown.events.append((flown.mission.elapsed_s, event.name))

        flight.core.events.listeners.append(note)

    flown.mission.on_boot.append(listen)
    flown.mission.run()
    return flown


@cache
def twin(task: str, duration_s: float = 100.0) -> Flown:
    """The same without a fault.  Read only: the tests share it."""
    return fly(task, duration_s=duration_s)


def told(pair: str, flown: Flown, task: str, from_s: float, to_s: float, duration_s: float = 100.0) -> set[str]:
    """Which of the row's events were raised in a span in which the twin raised none of them."""
    device, _, kind = pair.partition("/")
    expected = set(REGISTRY[device, kind].events)
    assert not expected & twin(task, duration_s).raised(from_s, to_s), "the twin raises it too"
    return expected & flown.raised(from_s, to_s)


class Shelf:
    """A rover's devices behind the shim, powered, with nobody flying."""

    def __init__(self) -> None:
        start = StartSection(time_utc=NOON, pose=Pose(x_m=5.0, y_m=0.0, yaw_rad=0.0))
        self.mission = Mission(Scenario(name="shelf", world="flat", duration_s=1e6, start=start))
        self.hal: Hal = self.mission.devices.around(self.mission.simulation.boot())
        for load in self.hal.loads.names():
            self.hal.loads.set(load, True, HOLD_NS)
        self.mission.simulation.end_watch()
        self.wait(1.0)

    @property
    def clock(self) -> SimClock:
        """Simulated time."""
        return self.mission.clock

    def wait(self, duration_s: float) -> None:
        """Let the world run."""
        self.hal.clock.sleep_until_ns(self.clock.now_ns() + seconds(duration_s))

    def start(self, pair: str, **args: Any) -> None:
        """Begin a fault."""
        device, _, kind = pair.partition("/")
        self.mission.injector.start(device, kind, args)

    def end(self, pair: str) -> None:
        """End it."""
        device, _, kind = pair.partition("/")
        self.mission.injector.end(device, kind)

    def levels(self, pair: str, levels: tuple[float, ...], **args: Any) -> Iterator[float]:
        """Bring a fault to each of these levels in turn."""
        device, _, kind = pair.partition("/")
        fault = REGISTRY[device, kind]
        set_level = fault.make(self.mission, fault.params(**args))
        for level in levels:
            set_level(level)
            yield level
