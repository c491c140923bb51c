"""What a run leaves for the properties to judge: the rover looked at after every cycle, and what passed its core."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final, NamedTuple

from hal.api.clock import NS_PER_S
from hal.api.values import ResetCause
from sil.faults.injector import Activation
from sil.recorder import Sent
from sil.scenario import Scenario
from telemetry_defs.definitions import Mode

CYCLE_S: Final = 0.1


class Look(NamedTuple):
    """The rover between two cycles.  Truth, but for what is named a belief."""

    t_ns: int
    life: int
    """Number of the boot, 0 while no flight runs."""
    mode: Mode | None
    commanded: tuple[float, ...]
    """What the wheel drives are told, rad/s."""
    turning: tuple[float, ...]
    """What the wheels do, rad/s."""
    motors_on: bool
    tilt_rad: float
    slip: float
    soc: float
    battery_a: float
    """Positive while charging."""
    battery_c: float
    web_c: float
    motor_min_c: float
    bus_dead: bool
    listening: tuple[bool, bool]
    """Relay and local receiver."""
    locked: bool
    """Some receiver hears a carrier."""
    heaters_on: tuple[bool, ...]
    loads_on: tuple[bool, ...]
    """Both in the order of the banks."""
    believed_soc: float | None
    stops: int
    """STOPs received in this life."""
    gps_ns: int | None
    """On-board time, a belief."""


class Taken(NamedTuple):
    """One command on its way through flight's queue."""

    t_ns: int
    life: int
    name: str
    args: Any
    request: tuple[int, int, int] | None
    """Source, APID and sequence count of the telecommand; None for a command that flight gave itself."""
    ack: int
    """The reports that the telecommand asks for (ACK_COMPLETION and its like); failures are told unasked."""


class Report(NamedTuple):
    """One verification report as flight made it."""

    t_ns: int
    life: int
    request: tuple[int, int, int]
    subtype: int


class Entered(NamedTuple):
    """One change of mode, with what flight knew."""

    t_ns: int
    life: int
    old: Mode
    new: Mode
    believed_soc: float | None
    tilt_known: bool


class Boot(NamedTuple):
    """The beginning of one life."""

    t_ns: int
    cause: ResetCause
    parameters: Mapping[int, float]
    masked: tuple[bool, ...]
    minimal: bool


class Heard(NamedTuple):
    """One telecommand that flight accepted from a radio."""

    t_ns: int
    life: int
    request: tuple[int, int, int]
    body: tuple[int, int, bytes]
    """Service, subtype and data; what ground meant."""


@dataclass(slots=True)
class Run:
    """Everything that was seen of one run."""

    scenario: Scenario
    heater_names: tuple[str, ...] = ()
    load_names: tuple[str, ...] = ()
    heater_w: tuple[float, ...] = ()
    shed_levels: tuple[int, ...] = ()
    looks: list[Look] = field(default_factory=list)
    boots: list[Boot] = field(default_factory=list)
    accepted: list[Taken] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    modes: list[Entered] = field(default_factory=list)
    events: list[tuple[int, str]] = field(default_factory=list)
    """Time and name, as raised."""
    failures: list[str] = field(default_factory=list)
    """Rows that raised something, one line each."""
    faults: list[Activation] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    uplinked: list[tuple[int, bytes]] = field(default_factory=list)
    """Every whole packet that ground put on the air."""
    pings: list[tuple[int, bool]] = field(default_factory=list)
    """Ground's calls near the end: when, and whether one was answered."""
    watched: dict[str, list[float]] = field(default_factory=dict)
    """What a team watches besides, by name: one value for each look."""
    end_ns: int = 0
    _pairs: frozenset[str] | None = None

    @property
    def broken(self) -> frozenset[str]:
        """Every fault that ever acted, as DEVICE/KIND."""
        if self._pairs is None:
            self._pairs = frozenset(f"{item.device}/{item.kind}" for item in self.faults)
        return self._pairs

    def suffered(self, *patterns: str) -> bool:
        """Whether any fault that acted matches one of the patterns (`temperatures.battery_*/*`)."""
        return any(fnmatchcase(pair, pattern) for pair in self.broken for pattern in patterns)

    def spans(self, *patterns: str) -> list[tuple[int, int]]:
        """When faults that match were in force, from and to, ns."""
        open_ns: dict[str, int] = {}
        found: list[tuple[int, int]] = []
        for item in self.faults:
            pair = f"{item.device}/{item.kind}"
            if any(fnmatchcase(pair, pattern) for pattern in patterns):
                if item.level > 0.0:
                    open_ns.setdefault(pair, item.t_ns)
                elif pair in open_ns:
                    found.append((open_ns.pop(pair), item.t_ns))
        return found + [(start_ns, self.end_ns) for start_ns in open_ns.values()]

    def commanded(self, *names: str) -> bool:
        """Whether flight has run any of these commands (`system.*_parameter*`)."""
        return any(fnmatchcase(item.name, name) for item in self.taken for name in names)

    def event(self, name: str, from_ns: int = 0) -> int | None:
        """When an event was first raised, at `from_ns` or later."""
        return next((t_ns for t_ns, known in self.events if known == name and t_ns >= from_ns), None)


def seconds_of(t_ns: int) -> float:
    """Seconds after the start."""
    return t_ns / NS_PER_S
