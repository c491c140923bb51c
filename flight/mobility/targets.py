"""What each mode asks of mobility."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

from telemetry_defs.areas.mobility_reports import MotionKind
from telemetry_defs.definitions import Mode


class MobilityTarget(Enum):
    """Target state of mobility."""

    OFF = "everything off"
    SENSING = "inertial unit on, motors off"
    TESTING = "inertial unit on, motors on for a test of a wheel or of corners only"
    DRIVING = "inertial unit, motors and navigation on"


MODE_TARGETS: Final[Mapping[Mode, MobilityTarget]] = MappingProxyType(
    {
        Mode.INIT: MobilityTarget.SENSING,
        Mode.STOWED: MobilityTarget.SENSING,
        Mode.SERVICE: MobilityTarget.TESTING,
        Mode.EGRESS: MobilityTarget.DRIVING,
        Mode.IDLE: MobilityTarget.SENSING,
        Mode.CHARGE: MobilityTarget.SENSING,
        Mode.DRIVE: MobilityTarget.DRIVING,
        Mode.SCIENCE: MobilityTarget.SENSING,
        Mode.COMM: MobilityTarget.SENSING,
        Mode.THERMAL_HOLD: MobilityTarget.SENSING,
        Mode.HIBERNATE: MobilityTarget.OFF,
        Mode.WAKE: MobilityTarget.SENSING,
        Mode.SAFE: MobilityTarget.SENSING,
    }
)

NO_SAFE_REQUEST: Final = frozenset({Mode.INIT, Mode.STOWED, Mode.SAFE, Mode.HIBERNATE, Mode.WAKE})
"""Held by the lander or safe already: SAFE would add nothing there."""


def allows(mode: Mode, kind: MotionKind) -> bool:
    """True if a running motion of this kind may go on in this mode."""
    if kind is MotionKind.EGRESS:
        return mode is Mode.EGRESS
    is_test = kind is MotionKind.WHEEL_TEST or kind is MotionKind.STEERING_TEST
    return mode is Mode.SERVICE if is_test else mode is Mode.DRIVE
