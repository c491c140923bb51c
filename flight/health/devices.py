"""What flight knows of each device beforehand: can the rover live without it, what powers it, how to ask it softly."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from telemetry_defs.areas.health import DeviceId


class DeviceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One device."""

    probe: str
    """The method that asks it something and changes nothing; empty for a critical one, which needs no probe."""
    critical: bool = False
    """It is never declared dead: the rover dies without it, so it is tried for ever."""
    line: str | None = None
    """The load switch that powers it; None if it is always on."""
    not_ready_is_ordinary: bool = False
    """It says `NotReady` in good health as well, for a file or a fix that is not there."""


def _critical(*, not_ready_is_ordinary: bool = False) -> DeviceFacts:
    return DeviceFacts(probe="", critical=True, not_ready_is_ordinary=not_ready_is_ordinary)


FACTS: Final[Mapping[DeviceId, DeviceFacts]] = MappingProxyType(
    {
        DeviceId.WHEELS: DeviceFacts(probe="read", line="motors"),
        DeviceId.STEERING: DeviceFacts(probe="read", line="motors"),
        DeviceId.IMU: DeviceFacts(probe="read", line="imu"),
        DeviceId.GROUND_MOTION: DeviceFacts(probe="read", line="nav", not_ready_is_ordinary=True),
        DeviceId.SUN_SENSOR: DeviceFacts(probe="read"),
        DeviceId.POWER_MONITOR: _critical(),
        DeviceId.ARRAY: DeviceFacts(probe="read"),
        DeviceId.TEMPERATURES: _critical(),
        DeviceId.HEATERS: _critical(),
        DeviceId.LOADS: _critical(),
        DeviceId.RADIO_RELAY: DeviceFacts(probe="status", line="radio_relay"),
        DeviceId.RADIO_LOCAL: DeviceFacts(probe="status", line="radio_local"),
        DeviceId.STORAGE: _critical(not_ready_is_ordinary=True),
        DeviceId.WATCHDOG: _critical(),
        DeviceId.EGRESS: DeviceFacts(probe="status"),
        DeviceId.POWER_CONTROLLER: DeviceFacts(probe="status"),
        DeviceId.RTC: DeviceFacts(probe="read_gps_ns"),
        DeviceId.CAMERA: DeviceFacts(probe="poll", line="camera"),
        DeviceId.SPECTROMETER: DeviceFacts(probe="status", line="spectrometer"),
        DeviceId.DOSIMETER: DeviceFacts(probe="status", line="dosimeter"),
        DeviceId.PLASMA: DeviceFacts(probe="status", line="plasma"),
    }
)
TWINS: Final[Mapping[DeviceId, DeviceId]] = MappingProxyType(
    {DeviceId.RADIO_RELAY: DeviceId.RADIO_LOCAL, DeviceId.RADIO_LOCAL: DeviceId.RADIO_RELAY}
)
"""Each does the other's work: one may be given up only while the other one is well."""
PAYLOADS: Final = ("camera", "spectrometer", "dosimeter", "plasma")
"""Lines of what science alone needs."""
STILL_LINES: Final = ("imu", "motors", "nav")
"""Lines that are never switched off by recovery while the rover moves."""
