"""The heaters by name, and the telecommand that tests one; the rest of their area is in `thermal`."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated

import msgspec

from telemetry_defs.definitions import Command, Mode
from telemetry_defs.wire import Wire


class Heater(IntEnum):
    """Heaters in order of priority; bit n of a heater mask has code n."""

    BATTERY = 0
    MOTOR_FRONT_LEFT = 1
    MOTOR_FRONT_RIGHT = 2
    MOTOR_MIDDLE_LEFT = 3
    MOTOR_MIDDLE_RIGHT = 4
    MOTOR_REAR_LEFT = 5
    MOTOR_REAR_RIGHT = 6


class TestHeater(msgspec.Struct, frozen=True, kw_only=True):
    """One heater for a moment."""

    __test__ = False  # pytest would take the name for a test class

    heater: Annotated[Heater, Wire("u8", meaning="which heater")]
    duration_s: Annotated[float, Wire("f32", unit="s", low=1.0, high=10.0, meaning="how long it is on")]


TEST_HEATER = Command(
    "thermal.test_heater",
    TestHeater,
    function_id=0x0304,
    modes=frozenset({Mode.SERVICE}),
    hazardous=True,
    meaning="one heater on for some seconds; completes if its switch reads back on, and off afterwards",
)
