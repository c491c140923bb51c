"""What a registered fault is: where it acts, its parameters, what flight should do, and how to switch it."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, Literal, Protocol, TypeVar

import msgspec

from flight.app import Flight
from hal.api.config import Section
from sim_hal.clock import SimClock
from sim_hal.faults.shim import DeviceFaults
from sim_hal.simulation import Simulation


class Layer(Enum):
    """Where a fault acts."""

    PLANT = "plant"
    DEVICE = "device"
    WIRE = "wire"
    LINK = "link"
    COMPUTER = "computer"


class Bench(Protocol):
    """What a fault may lay hands on: a mission."""

    @property
    def simulation(self) -> Simulation:
        """The world, its links, its disk and the computer's power."""
        ...

    @property
    def clock(self) -> SimClock:
        """Simulated time."""
        ...

    @property
    def devices(self) -> DeviceFaults:
        """What stands between flight and its devices."""
        ...

    @property
    def flight(self) -> Flight | None:
        """The life of flight that runs now."""
        ...

    def uplink(self, radio: str, data: bytes) -> None:
        """Bytes from the ground, now."""
        ...


SetLevel = Callable[[float], None]
"""1 is the whole fault, 0 ends it; a ramp passes through what lies between."""
P = TypeVar("P", bound=Section)


class NoParams(Section, frozen=True, kw_only=True):
    """A fault without parameters."""


def present(_bench: Bench) -> str:
    """Every rover has it."""
    return ""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One registered device/kind pair."""

    layer: Layer
    meaning: str
    """What is wrong, in a few words."""
    response: str
    """What flight should do about it."""
    make: Callable[[Bench, Any], SetLevel]
    """Called at each activation with decoded parameters; what it returns is called at once and at every change."""
    params: type[Section] = NoParams
    events: tuple[str, ...] = ()
    """One of these should be raised where flight can see it; empty: it cannot, or need not."""
    ramps: bool = False
    """Levels between 0 and 1 mean something."""
    lasting: bool = True
    """False: it happens at an instant and has no end."""
    depth: Literal["device", "wire"] | None = None
    """Acts at this depth only."""
    absent: Callable[[Bench], str] = present
    """Why the rover of this mission does not have the device; empty: it has."""
    single_point: str = ""
    """Why ground may lose the rover by this alone; empty: it may not."""


def switched(act: Callable[[Bench, Any, bool], None]) -> Callable[[Bench, Any], SetLevel]:
    """The `make` of a fault that is on or off."""

    def make(bench: Bench, params: Any) -> SetLevel:
        return lambda level: act(bench, params, level > 0.0)

    return make


def graded(act: Callable[[Bench, Any, float], None]) -> Callable[[Bench, Any], SetLevel]:
    """The `make` of a fault that has levels."""

    def make(bench: Bench, params: Any) -> SetLevel:
        return lambda level: act(bench, params, level)

    return make


def instant(act: Callable[[Bench, Any], None]) -> Callable[[Bench, Any], SetLevel]:
    """The `make` of a fault that happens once."""

    def make(bench: Bench, params: Any) -> SetLevel:
        return lambda level: act(bench, params) if level > 0.0 else None

    return make
