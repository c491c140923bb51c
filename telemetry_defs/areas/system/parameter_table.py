"""The parameter table (PUS 20/128-132): changes staged one by one, checked and activated together, and the dump."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated

import msgspec

from telemetry_defs.areas.system.commands import SetParameter
from telemetry_defs.definitions import PARAMETER_ARM_BIT, Command, Event, NoArguments, Severity
from telemetry_defs.wire import Wire

PARAMETER_SET_ARM_CODE = PARAMETER_ARM_BIT
"""Arms a change of several parameters at once; parameter 0 does not exist."""


class RollBackTo(IntEnum):
    """What is undone."""

    ACTIVE = 1
    """What is staged is forgotten."""
    PREVIOUS = 2
    """The set before the last change is active again."""


class RollBack(msgspec.Struct, frozen=True, kw_only=True):
    """How far back."""

    to: Annotated[RollBackTo, Wire("u8", meaning="ACTIVE: forget what is staged; PREVIOUS: undo the last change too")]


class ParametersActivated(msgspec.Struct, frozen=True, kw_only=True):
    """How much changed, and what is active now."""

    changed: Annotated[int | None, Wire("u16", meaning="parameters that have another value than before")]
    crc32: Annotated[int | None, Wire("u32", meaning="CRC-32 over all active values, as in the dump")]


STAGE_PARAMETER = Command(
    name="system.stage_parameter",
    cls=SetParameter,
    service=20,
    subtype=128,
    meaning="stage a new value; nothing changes before activation",
)
VALIDATE_PARAMETERS = Command(
    name="system.validate_parameters",
    cls=NoArguments,
    service=20,
    subtype=129,
    meaning="check what is staged as a whole; a failure names the first parameter at fault",
)
ACTIVATE_PARAMETERS = Command(
    name="system.activate_parameters",
    cls=NoArguments,
    service=20,
    subtype=130,
    kept=True,
    arm_as=PARAMETER_SET_ARM_CODE,
    meaning="put all staged values in force, or none; armed with code 0x8000 if a protection limit is staged",
)
ROLL_BACK_PARAMETERS = Command(
    name="system.roll_back_parameters",
    cls=RollBack,
    service=20,
    subtype=131,
    kept=True,
    arm_as=PARAMETER_SET_ARM_CODE,
    meaning="forget what is staged, or undo the last change; armed with code 0x8000 if that moves a protection limit",
)
DUMP_PARAMETERS = Command(
    name="system.dump_parameters",
    cls=NoArguments,
    service=20,
    subtype=132,
    meaning="all active values with their CRC-32 by TM[20,133]",
)
PARAMETERS_ACTIVATED = Event(
    name="system.parameters_activated",
    event_id=0x0130,
    severity=Severity.INFO,
    cls=ParametersActivated,
    meaning="several parameters were changed at once",
)
