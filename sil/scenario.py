"""The scenario file: its tables, ranges and closed forms.  What can only be said with the dictionary is in `checks`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

from msgspec import Meta

from hal.api.config import Section

Seconds = Annotated[float, Meta(ge=0.0, le=1.0e8)]
Radio = Literal["local", "relay"]
Name = Annotated[str, Meta(min_length=1, max_length=60)]
Span = tuple[Seconds, Seconds]
"""From and to, seconds after the start."""
FIRST_YEAR: Final = 1981
LAST_YEAR: Final = 2110
"""On-board time begins in January 1980 and its 32 bits of seconds end in 2116."""

Depth = Literal["device", "wire"]


class Pose(Section, frozen=True, kw_only=True):
    """Where the rover stands, in the site frame."""

    x_m: Annotated[float, Meta(ge=-5000.0, le=5000.0)] = 0.0
    y_m: Annotated[float, Meta(ge=-5000.0, le=5000.0)] = 0.0
    yaw_rad: Annotated[float, Meta(ge=-6.3, le=6.3)] = 0.0


class StartSection(Section, frozen=True, kw_only=True):
    """`[start]`: truth and persisted state at time zero."""

    time_utc: datetime
    mode: Literal[
        "INIT", "STOWED", "SERVICE", "EGRESS", "IDLE", "CHARGE", "DRIVE", "SCIENCE", "COMM", "THERMAL_HOLD",
        "HIBERNATE", "WAKE", "SAFE",
    ] = "IDLE"  # fmt: skip
    soc: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.8
    pose: Pose = Pose()
    temperatures_c: dict[str, Annotated[float, Meta(ge=-260.0, le=150.0)]] = {}
    rhu_w: Annotated[float, Meta(ge=0.0, le=100.0)] | None = None
    released: bool | None = None
    """Off the lander; None: as the mode says (STOWED, SERVICE and EGRESS begin on it)."""

    def check(self) -> Iterable[str]:
        if self.time_utc.utcoffset() != timedelta(0):
            yield "time_utc must be in UTC and end in Z"
        if not FIRST_YEAR <= self.time_utc.year <= LAST_YEAR:
            yield f"time_utc must be in the years {FIRST_YEAR}..{LAST_YEAR}"

    @property
    def is_released(self) -> bool:
        """Whether the rover is off its lander."""
        return self.mode not in ("STOWED", "SERVICE", "EGRESS") if self.released is None else self.released


class CommandSection(Section, frozen=True, kw_only=True):
    """`[[command]]`: a telecommand by its dictionary name, sent by the station."""

    at_s: Seconds = 0.0
    """Not before this time."""
    name: Name
    args: dict[str, Any] = {}
    radio: Radio = "local"
    id: Name | None = None
    """A name for `after` and for expectations."""
    after: Name | None = None
    """Sent when the command with this id was verified to its end."""
    delay_s: Seconds = 0.0
    """Wait this long after that."""


class UplinkSection(Section, frozen=True, kw_only=True):
    """`[[uplink]]`: raw bytes on a radio."""

    at_s: Seconds
    hex: Annotated[str, Meta(pattern=r"^([0-9a-fA-F]{2})*$", max_length=200_000)]
    radio: Radio = "local"


class LinkGapSection(Section, frozen=True, kw_only=True):
    """`[[link_gap]]`: no carrier on a radio for a while."""

    radio: Radio
    from_s: Seconds
    to_s: Seconds

    def check(self) -> Iterable[str]:
        if self.to_s <= self.from_s:
            yield "to_s must be later than from_s"


class FaultSection(Section, frozen=True, kw_only=True):
    """`[[fault]]`: one device/kind pair of the closed registry."""

    at_s: Seconds
    device: Name
    kind: Name
    for_s: Seconds | None = None
    """None: until the end."""
    args: dict[str, Any] = {}
    ramp_s: Seconds = 0.0
    """Grows from nothing to the whole over this time."""
    every_s: Annotated[float, Meta(ge=0.1, le=1.0e8)] | None = None
    """Begins again each so many seconds."""
    times: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    """How often in all; None with `every_s`: until the end."""

    def check(self) -> Iterable[str]:
        if self.every_s is not None and self.for_s is not None and self.for_s >= self.every_s:
            yield "for_s must be shorter than every_s"
        if self.times is not None and self.every_s is None:
            yield "times needs every_s"


class ComputerSection(Section, frozen=True, kw_only=True):
    """`[[computer]]`: what happens to the flight computer itself."""

    at_s: Seconds
    kind: Literal["power_cut", "reset"]
    for_s: Annotated[float, Meta(ge=0.5, le=1.0e6)] = 2.0


class DisperseSection(Section, frozen=True, kw_only=True):
    """`[[disperse]]`: a number of the start, the world or the true vehicle that the seed varies."""

    key: Annotated[str, Meta(pattern=r"^(start|world|vehicle)(\.[a-z0-9_]+)+$", max_length=100)]
    """Its place: `start.` and a key of `[start]`, `world.` or `vehicle.` and a key of that file."""
    low: float
    high: float

    def check(self) -> Iterable[str]:
        if self.high < self.low:
            yield f"high ({self.high:g}) must not be below low ({self.low:g})"


class DisperseFaultSection(Section, frozen=True, kw_only=True):
    """`[[disperse_fault]]`: a fault that the seed brings or spares, at a rate or with a probability."""

    device: Name
    kind: Name
    rate_per_day: Annotated[float, Meta(gt=0.0, le=1.0e6)] | None = None
    """Mean number of starts in a simulated day in which it is not in force (a Poisson process)."""
    probability: Annotated[float, Meta(gt=0.0, le=1.0)] | None = None
    """That it comes once, at any time of the span alike."""
    args: dict[str, Any] = {}
    for_s: Seconds | None = None
    """None: until the end."""
    ramp_s: Seconds = 0.0
    from_s: Seconds = 0.0
    to_s: Seconds | None = None
    """Span in which it may begin; None: until the end of the run."""
    most: Annotated[int, Meta(ge=1, le=1000)] = 20
    """No more starts than these in one run."""

    def check(self) -> Iterable[str]:
        if (self.rate_per_day is None) == (self.probability is None):
            yield "needs exactly one of rate_per_day, probability"
        if self.to_s is not None and self.to_s <= self.from_s:
            yield "to_s must be later than from_s"


FORMS: Final = (
    "event", "value", "command", "final_mode", "distance_m", "product", "boots", "archived_until_s", "outage_s",
    "property",
)  # fmt: skip
"""Of each `[[expect]]` exactly one."""


class ExpectSection(Section, frozen=True, kw_only=True):
    """`[[expect]]`: exactly one of the closed forms."""

    event: Name | None = None
    absent: bool = False
    between_s: Span | None = None
    value: Name | None = None
    """`AREA.STRUCTURE.FIELD` of telemetry or `world.NAME` of the truth."""
    min: float | None = None
    max: float | None = None
    always_s: Span | None = None
    eventually_s: Span | None = None
    at_end: bool = False
    command: Name | None = None
    """Id or dictionary name."""
    refused: Name | None = None
    """Failure code; without it the command must complete."""
    final_mode: Name | None = None
    distance_m: tuple[float, float] | None = None
    """Least and most true distance driven."""
    product: Name | None = None
    """Kind of product that must have come down whole."""
    count: Annotated[int, Meta(ge=1, le=10_000)] = 1
    boots: tuple[int, int] | None = None
    """Least and most boots of the flight computer."""
    archived_until_s: Seconds | None = None
    """Every packet on the rover's storage made up to then is in the archive, and none is in there twice."""
    outage_s: tuple[Seconds, Seconds] | None = None
    """Least and most time that the boot reports announce as lost, which must be the only holes in the record."""
    property: Name | None = None
    """A safety property that must hold over the whole run, or `all`."""

    def check(self) -> Iterable[str]:
        if sum(getattr(self, form) is not None for form in FORMS) != 1:
            yield f"needs exactly one of {', '.join(FORMS)}"
        if self.value is not None:
            yield from self._check_value()

    def _check_value(self) -> Iterable[str]:
        if self.min is None and self.max is None:
            yield "value needs min, max or both"
        if (self.always_s is not None) + (self.eventually_s is not None) + self.at_end != 1:
            yield "value needs exactly one of always_s, eventually_s, at_end"


class Scenario(Section, frozen=True, kw_only=True):
    """A whole scenario file."""

    name: Annotated[str, Meta(pattern=r"^[a-z0-9_]+$", max_length=60)]
    purpose: Annotated[str, Meta(max_length=400)] = ""
    rover: Name = "south_pole"
    vehicle: Name | None = None
    """True vehicle; None: the one that has the name in the rover file."""
    world: Name = "leibnitz_beta"
    depth: Depth = "device"
    """wire: the real drivers against emulated chips, as `[hardware]` of the rover file wires them."""
    ask_again: bool = False
    """The station has the rover send again what was lost on the way."""
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 1
    duration_s: Annotated[float, Meta(gt=0.0, le=1.0e8)]
    start: StartSection
    command: tuple[CommandSection, ...] = ()
    uplink: tuple[UplinkSection, ...] = ()
    link_gap: tuple[LinkGapSection, ...] = ()
    fault: tuple[FaultSection, ...] = ()
    computer: tuple[ComputerSection, ...] = ()
    disperse: tuple[DisperseSection, ...] = ()
    disperse_fault: tuple[DisperseFaultSection, ...] = ()
    expect: tuple[ExpectSection, ...] = ()
    waypoint: tuple[Pose, ...] = ()
    """Drawn on the map."""
