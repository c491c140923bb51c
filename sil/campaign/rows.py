"""What a campaign keeps of each run.  Nothing in `Row` depends on the machine's clock or on who flew it."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

PASSED: Final = "passed"
FAILED: Final = "failed"
ERROR: Final = "error"

Count = Annotated[int, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of table `runs`, in the order of its columns."""

    seed: Count
    verdict: Literal["passed", "failed", "error"]
    broken: str | None = None
    """The safety property that broke first."""
    unmet: Count = 0
    """Expectations that did not hold."""
    distance_m: float | None = None
    """True distance driven."""
    final_mode: str | None = None
    """OFF while the flight computer is off."""
    soc: Share | None = None
    """True state of charge at the end."""
    min_soc: Share | None = None
    load_wh: float | None = None
    """What all loads drew from the bus."""
    array_wh: float | None = None
    """What the array gave to the bus."""
    events: Count | None = None
    """Event reports sent."""
    faults: Count | None = None
    """Times that a fault began."""
    boots: Count | None = None
    cycles: Count | None = None
    overruns: Count | None = None
    sim_s: float | None = None
    downlink_sha256: str | None = None
    error: str | None = None
    """What failed in Rahi itself, with the place in its source."""


class Margin(msgspec.Struct, frozen=True, kw_only=True):
    """How near a run came to breaking a property that it put to the test: 0 is the limit."""

    property: str
    margin: float
    t_s: float
    text: str


class Met(msgspec.Struct, frozen=True, kw_only=True):
    """One `[[expect]]` of one run, counted from 1."""

    number: int
    text: str
    passed: bool
    measured: str


class Flown(msgspec.Struct, frozen=True, kw_only=True):
    """All that a worker hands back for one seed."""

    row: Row
    margins: tuple[Margin, ...] = ()
    met: tuple[Met, ...] = ()
    wall_s: float = 0.0
    worker: str = ""
    """Machine and process."""


COLUMNS: Final = Row.__struct_fields__
