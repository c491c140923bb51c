"""The words of the dictionary: modes, severities, failure codes, and what an area declares."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import msgspec

APID_SYSTEM = 0x100
APID_POWER = 0x101
APID_THERMAL = 0x102
APID_MOBILITY = 0x103
APID_INSTRUMENTS = 0x104
APID_COMMS = 0x105
TM_APIDS = (APID_SYSTEM, APID_POWER, APID_THERMAL, APID_MOBILITY, APID_INSTRUMENTS, APID_COMMS)
"""Each counts its packets by itself; the boot report says from where."""

COMMAND_SERVICE, COMMAND_SUBTYPE = 8, 1
PARAMETER_ARM_BIT = 0x8000


class Severity(IntEnum):
    """Severity of an event, equal to the PUS service 5 message subtype."""

    INFO = 1
    LOW = 2
    MEDIUM = 3
    HIGH = 4


class Mode(IntEnum):
    """Rover modes. Any two codes differ in at least two bits: one flipped bit never makes another legal mode."""

    INIT = 0x03
    STOWED = 0x05
    SERVICE = 0x06
    EGRESS = 0x09
    IDLE = 0x0A
    CHARGE = 0x0C
    DRIVE = 0x0F
    SCIENCE = 0x11
    COMM = 0x12
    THERMAL_HOLD = 0x14
    HIBERNATE = 0x17
    WAKE = 0x18
    SAFE = 0x1B


class FailureCode(IntEnum):
    """Why a request failed; travels in TM[1,2], [1,4], [1,6] and [1,8].

    Codes below 0x20 refuse acceptance, the others end an execution.
    """

    BAD_APID = 0x01
    BAD_SERVICE = 0x02
    BAD_LENGTH = 0x03
    DUPLICATE = 0x04
    RANGE = 0x05
    MODE = 0x06
    NOT_ARMED = 0x07
    QUEUE_FULL = 0x08
    UNKNOWN_FUNCTION = 0x09
    NOT_AVAILABLE = 0x0A

    GUARD_REFUSED = 0x20
    DEVICE = 0x21
    TIMEOUT = 0x22
    ABORTED = 0x23
    BUSY = 0x24
    PRECONDITION = 0x25
    UNKNOWN_ID = 0x26
    REFUSED = 0x27
    STORAGE = 0x28
    LIMIT = 0x29
    SUPERSEDED = 0x2A
    INTERNAL = 0x2B


class NoArguments(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The record without fields, shared by every command and event that has none."""


class Housekeeping(msgspec.Struct, frozen=True):
    """A housekeeping packet TM[3,25]: structure id, then the fields of ``cls``.

    ``structure_id`` is u8 and unique over all areas; ``period_s`` is the collection interval after boot, 0 for off.
    """

    name: str
    structure_id: int
    cls: type[Any]
    period_s: float = 10.0
    meaning: str = ""


class Command(msgspec.Struct, frozen=True):
    """A telecommand: TC[8,1] with a function id (area number in the high byte), or a service request of its own.

    ``modes`` None means legal in every mode. A hazardous command runs only after an arm command naming its arm code.
    ``progress`` announces that execution reports progress (TM[1,5]). ``arm_as`` is the arm code of a service request;
    without ``hazardous`` it depends on the arguments and the moment whether it is asked for. ``kept`` commands change
    the state image and complete once that survives a power cut; services with files of their own see to it themselves.
    """

    name: str
    cls: type[Any] = NoArguments
    service: int = COMMAND_SERVICE
    subtype: int = COMMAND_SUBTYPE
    function_id: int | None = None
    modes: frozenset[Mode] | None = None
    hazardous: bool = False
    meaning: str = ""
    progress: bool = False
    arm_as: int | None = None
    kept: bool = False

    @property
    def arm_code(self) -> int | None:
        """What an arm command must name; None for most service requests, which arm by parameter or not at all."""
        return self.function_id if self.arm_as is None else self.arm_as

    def allowed_in(self, mode: Mode) -> bool:
        """Return True if the command is legal in this mode."""
        return self.modes is None or mode in self.modes


class Event(msgspec.Struct, frozen=True):
    """An event report TM[5,severity]: event id u16, then the fields of ``cls``."""

    name: str
    event_id: int
    severity: Severity
    cls: type[Any] = NoArguments
    meaning: str = ""


class Parameter(msgspec.Struct, frozen=True):
    """An on-board parameter, set by TC[20,3] within low..high (inclusive, in ``unit``).

    ``hazardous`` marks a protection limit: changing it needs arming with :attr:`arm_code`. Travels as f64; ``integer``
    parameters take whole numbers only.
    """

    name: str
    parameter_id: int
    default: float
    low: float
    high: float
    unit: str
    meaning: str
    hazardous: bool = False
    integer: bool = False

    @property
    def arm_code(self) -> int:
        """What an arm command must name before a hazardous parameter is changed."""
        return PARAMETER_ARM_BIT | self.parameter_id

    def problem(self, value: float) -> str | None:
        """Return why a value is not legal, or None."""
        if not self.low <= value <= self.high:
            unit = "" if self.unit in ("", "1") else f" {self.unit}"
            return f"{self.name} = {value:.10g}{unit} outside {self.low:.10g}..{self.high:.10g}"
        if self.integer and value != int(value):
            return f"{self.name} = {value:.10g} must be a whole number"
        return None


class Area(msgspec.Struct, frozen=True):
    """One area of the rover: all it sends, takes and keeps. ``number`` is the high byte of its function ids."""

    name: str
    apid: int
    number: int
    housekeeping: tuple[Housekeeping, ...] = ()
    commands: tuple[Command, ...] = ()
    events: tuple[Event, ...] = ()
    parameters: tuple[Parameter, ...] = ()
