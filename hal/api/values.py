"""What devices report: frozen values in SI units (temperatures in degrees Celsius), each with its time.

`time_ns` is monotonic time of the measurement.  A part that could not be read is `None`; a device that could not
be read at all raises a `DeviceError` instead.  Vectors are in the body frame, x forward, y left, z up.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import msgspec

WHEELS: Final = ("front_left", "front_right", "middle_left", "middle_right", "rear_left", "rear_right")
CORNERS: Final = ("front_left", "front_right", "rear_left", "rear_right")
FACES: Final = ("left", "right", "rear")
TEMPERATURES: Final = (
    "web",
    "battery_a",
    "battery_b",
    "shell",
    "radiator",
    "instruments",
    *(f"motor_{wheel}" for wheel in WHEELS),
)

Vector = tuple[float, float, float]


class Value(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Base of every reading."""

    time_ns: int


class WheelReadings(Value, frozen=True, kw_only=True, gc=False):
    """Six wheels in the order of `WHEELS`; a wheel whose controller did not answer is None in all three."""

    angle_rad: tuple[float | None, ...]
    """Encoder angle since power-on, forward positive."""
    speed_rad_s: tuple[float | None, ...]
    current_a: tuple[float | None, ...]


class SteeringReadings(Value, frozen=True, kw_only=True, gc=False):
    """Corner angles in the order of `CORNERS`, counter-clockwise positive."""

    angle_rad: tuple[float | None, ...]


class ImuReading(Value, frozen=True, kw_only=True, gc=False):
    """`accel_m_s2` is specific force: a level rover at rest reads (0, 0, +g)."""

    gyro_rad_s: Vector
    accel_m_s2: Vector


class GroundMotionFix(Value, frozen=True, kw_only=True, gc=False):
    """Body-frame displacement since the fix before, as visual odometry gives it.

    `valid` is False in darkness or low texture; `sequence` counts fixes, so a reader can tell a new one.
    """

    sequence: int
    valid: bool
    forward_m: float
    left_m: float
    interval_s: float


class SunReading(Value, frozen=True, kw_only=True, gc=False):
    """Coarse Sun direction in the body frame; None when no Sun is seen."""

    azimuth_rad: float | None
    """Counter-clockwise from body x."""
    elevation_rad: float | None


class PowerReading(Value, frozen=True, kw_only=True, gc=False):
    """Battery terminals; current is positive while charging."""

    bus_voltage_v: float
    battery_current_a: float


class FaceReading(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One array face."""

    voltage_v: float
    current_a: float

    @property
    def power_w(self) -> float:
        """Electrical power delivered, W."""
        return self.voltage_v * self.current_a


class ArrayReading(Value, frozen=True, kw_only=True, gc=False):
    """Faces in the order of `FACES`; None where the monitor did not answer."""

    faces: tuple[FaceReading | None, ...]


class TemperatureReadings(Value, frozen=True, kw_only=True, gc=False):
    """Sensors in the order of `TEMPERATURES`, degrees Celsius; None where one did not answer."""

    temperature_c: tuple[float | None, ...]


class RadioStatus(Value, frozen=True, kw_only=True, gc=False):
    """`locked`: a carrier from the other end is being received now."""

    locked: bool
    rssi_dbm: float | None
    """None: this radio does not tell."""
    tx_free_bytes: int
    tx_rate_bit_s: float
    rx_overflow_bytes: int
    """Bytes lost in the receive buffer since power-on."""


class Image(Value, frozen=True, kw_only=True, gc=False):
    """A grey image, row by row, 8 bit."""

    width_px: int
    height_px: int
    pixels: bytes


class InstrumentStatus(Value, frozen=True, kw_only=True, gc=False):
    """`ready`: powered, warmed up and idle."""

    ready: bool
    acquiring: bool
    fault: bool


class Record(Value, frozen=True, kw_only=True, gc=False):
    """One science record as the instrument formats it."""

    data: bytes


class EgressStatus(Value, frozen=True, kw_only=True, gc=False):
    """How the rover sits on its lander."""

    released: bool
    lander_power: bool


class ResetCause(IntEnum):
    """Why the flight computer came up.  Codes differ in two bits or more, so one upset cannot turn one into another."""

    UNKNOWN = 0x00
    POWER_ON = 0x03
    WATCHDOG = 0x05
    COMMANDED = 0x06
    CRASH = 0x09
    WAKE_ARRAY = 0x0A
    WAKE_TIMER = 0x0C
    WAKE_UPLINK = 0x0F
    DEAD_BUS = 0x11
    POWER_CUT = 0x12


class HibernateSettings(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What flight asks of the always-on power controller before it lets itself be switched off."""

    wake_array_w: float
    wake_array_hold_s: float
    wake_after_s: float | None
    heater_on_c: float
    heater_off_c: float
    receive_window_s: float
    receive_period_s: float


class ControllerStatus(Value, frozen=True, kw_only=True, gc=False):
    """State of the power controller; `bus_died` says that the controller itself lost power since it was armed."""

    armed: bool
    bus_died: bool
    off_s: float | None
    """How long the computer was off before this boot, None if the controller does not know."""


class HostReading(Value, frozen=True, kw_only=True, gc=False):
    """The flight computer's own state; None where this computer cannot tell."""

    cpu_temperature_c: float | None
    throttle_flags: int | None
    """As the Raspberry Pi firmware has them: bits 0-3 now, 16-19 since power-on; under-voltage, frequency capped,
    throttled, soft temperature limit ("get_throttled" in the Raspberry Pi documentation).
    """
    disk_free_bytes: int | None
    """Room left where storage lies."""
