"""What subsystems let each other know: one frozen snapshot each, with its time.

The owner replaces its snapshot on every tick; readers ask through `fresh`, which answers None for a snapshot that is
missing or old, so that stale data can never pass for good data.
"""

from __future__ import annotations

from typing import Final, TypeVar

import msgspec

from hal.api.clock import NS_PER_S


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Base: `time_ns` is the monotonic time the owner published it."""

    time_ns: int


class PowerState(Snapshot, frozen=True, kw_only=True, gc=False):
    """Power as flight believes it to be; None where it cannot be told."""

    soc: float | None
    """State of charge, 0 to 1."""
    bus_voltage_v: float | None
    battery_current_a: float | None
    """Positive while charging."""
    array_w: float | None
    """Sum of the faces that answer; None when none does."""
    shed_level: int
    """0: nothing shed; each step sheds one more priority class."""
    charge_inhibited: bool


class ThermalState(Snapshot, frozen=True, kw_only=True, gc=False):
    """Temperatures that others decide on, degrees Celsius."""

    web_c: float | None
    battery_c: float | None
    """The colder of the valid battery sensors."""
    battery_hot_c: float | None = None
    """The warmer of them: what guards from heat."""
    motors_c: tuple[float | None, ...]
    """In the order of `WHEELS`."""
    instruments_c: float | None
    motors_warm: bool
    """Every usable motor is warm enough to turn."""
    too_hot: bool
    too_cold: bool
    """Electronics outside their working range."""
    heater_w: float
    """Heater power commanded now."""


class CommsState(Snapshot, frozen=True, kw_only=True, gc=False):
    """Links as seen from the rover."""

    relay_locked: bool
    local_locked: bool
    last_telecommand_ns: int | None
    """When the last valid telecommand came, None since boot."""
    downlink_radio: str | None
    """'relay', 'local' or None: where telemetry goes now."""
    downlink_rate_bit_s: float


class MobilityState(Snapshot, frozen=True, kw_only=True, gc=False):
    """Motion and attitude; angles are None without a good IMU."""

    moving: bool
    motion_ended_ns: int | None
    """When the last motion ended, None if there was none since boot."""
    x_m: float
    y_m: float
    yaw_rad: float
    pitch_rad: float | None
    roll_rad: float | None
    tilt_rad: float | None
    embedded: bool


class InstrumentsState(Snapshot, frozen=True, kw_only=True, gc=False):
    """Acquisitions."""

    acquiring: bool
    acquisition_ended_ns: int | None


S = TypeVar("S", bound=Snapshot)

MAX_AGE_NS: Final = 10 * NS_PER_S
"""The slowest subsystem publishes every second or faster; ten misses in a row make its word worthless."""


def fresh(snapshot: S | None, now_ns: int, max_age_ns: int = MAX_AGE_NS) -> S | None:
    """`snapshot` if it is at most `max_age_ns` old, else None."""
    if snapshot is None or now_ns - snapshot.time_ns > max_age_ns:
        return None
    return snapshot


class Blackboard:
    """The newest snapshot of each subsystem, None until its first tick."""

    __slots__ = ("comms", "instruments", "mobility", "power", "thermal")

    def __init__(self) -> None:
        self.power: PowerState | None = None
        self.thermal: ThermalState | None = None
        self.comms: CommsState | None = None
        self.mobility: MobilityState | None = None
        self.instruments: InstrumentsState | None = None
