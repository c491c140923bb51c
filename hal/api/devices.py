"""The device interfaces that flight is written against.

Each is small and about a capability, not a chip.  Every method may raise `DeviceTimeout`, `BadReading` or
`NotReady`; every reader returns within its bus budget; anything slower than 5 ms is a `start` and a `poll`.
Every output has a safe value and a maximum hold time set by the board: if flight does not refresh it, it returns
to the safe value by itself.  `make_safe` does that at once and is legal at any time.
"""

from __future__ import annotations

from typing import Protocol

from hal.api.values import (
    ArrayReading,
    ControllerStatus,
    EgressStatus,
    GroundMotionFix,
    HibernateSettings,
    HostReading,
    Image,
    ImuReading,
    InstrumentStatus,
    PowerReading,
    RadioStatus,
    Record,
    SteeringReadings,
    SunReading,
    TemperatureReadings,
    WheelReadings,
)


class WheelDrives(Protocol):
    """Six wheel drives in the order of `WHEELS`.  Safe value: zero speed, brakes by gearing."""

    def command(self, speed_rad_s: tuple[float, ...], hold_ns: int) -> None:
        """Turn the wheels at these speeds (rad/s, forward positive) for at most `hold_ns`."""
        ...

    def read(self) -> WheelReadings:
        """Encoders, speeds and motor currents."""
        ...

    def make_safe(self) -> None:
        """Zero speed at once."""
        ...


class Steering(Protocol):
    """Four corner steering actuators in the order of `CORNERS`.  Safe value: hold the angle."""

    def command(self, angle_rad: tuple[float, ...], hold_ns: int) -> None:
        """Turn the corners towards these angles (rad, counter-clockwise positive)."""
        ...

    def read(self) -> SteeringReadings:
        """Measured corner angles."""
        ...

    def make_safe(self) -> None:
        """Stop turning, keep the angle."""
        ...


class Imu(Protocol):
    """Inertial unit."""

    def read(self) -> ImuReading:
        """Angular rate and specific force, averaged since the read before."""
        ...


class GroundMotion(Protocol):
    """Visual odometry: 0.5 Hz while enabled."""

    def enable(self, on: bool) -> None:
        """Switch fixes on or off."""
        ...

    def read(self) -> GroundMotionFix:
        """The newest fix.  Raises `NotReady` before the first."""
        ...


class SunSensor(Protocol):
    """Coarse Sun sensor."""

    def read(self) -> SunReading:
        """Sun direction in the body frame."""
        ...


class PowerMonitor(Protocol):
    """Bus voltage and battery current."""

    def read(self) -> PowerReading:
        """Voltage at the battery terminals and signed battery current."""
        ...


class ArrayMonitor(Protocol):
    """Voltage and current of each array face, and the charge switch."""

    def read(self) -> ArrayReading:
        """Faces in the order of `FACES`."""
        ...


class TemperatureSensors(Protocol):
    """All temperature sensors."""

    def read(self) -> TemperatureReadings:
        """Sensors in the order of `TEMPERATURES`."""
        ...


class SwitchBank(Protocol):
    """Named on/off outputs (heaters, loads).  Each has a safe value and a maximum hold time fixed by the board."""

    def names(self) -> tuple[str, ...]:
        """Every switch of this bank."""
        ...

    def set(self, name: str, on: bool, hold_ns: int) -> None:
        """Switch `name`; unless refreshed within `hold_ns` it returns to its safe value."""
        ...

    def is_on(self, name: str) -> bool:
        """The state read back from the switch."""
        ...

    def make_safe(self) -> None:
        """Every switch to its safe value."""
        ...


class Radio(Protocol):
    """A byte pipe to the ground.  Framing is flight's business."""

    def send(self, data: bytes) -> int:
        """Queue bytes for transmission; returns how many fitted."""
        ...

    def receive(self, max_bytes: int) -> bytes:
        """Take up to `max_bytes` received bytes; empty when there are none."""
        ...

    def set_transmitter(self, on: bool, rate_bit_s: float, hold_ns: int) -> None:
        """Transmitter on or off and at which of the radio's rates.  Safe value: off."""
        ...

    def set_receiver(self, on: bool) -> None:
        """Receiver power.  Safe value: on."""
        ...

    def status(self) -> RadioStatus:
        """Lock, signal strength and buffers."""
        ...

    def make_safe(self) -> None:
        """Transmitter off, receiver on."""
        ...


class Camera(Protocol):
    """One camera; needs its load switched on."""

    def start(self, exposure_s: float) -> None:
        """Begin one image.  Raises `NotReady` while unpowered or busy."""
        ...

    def poll(self) -> Image | None:
        """The image once it is there, else None."""
        ...


class Instrument(Protocol):
    """A payload that integrates for a while and gives one record."""

    def start(self, duration_s: float) -> None:
        """Begin an acquisition.  Raises `NotReady` while unpowered, cold or busy."""
        ...

    def poll(self) -> Record | None:
        """The record once the acquisition has ended, else None."""
        ...

    def abort(self) -> None:
        """End the acquisition, dropping its data."""
        ...

    def status(self) -> InstrumentStatus:
        """Life-cycle flags."""
        ...


class Egress(Protocol):
    """Hold-down and ramp on the lander."""

    def release(self) -> None:
        """Fire the hold-down release.  Irreversible."""
        ...

    def status(self) -> EgressStatus:
        """Release and lander power."""
        ...


class PowerController(Protocol):
    """The always-on controller that switches the flight computer off and on again."""

    def arm(self, settings: HibernateSettings) -> None:
        """Set the wake conditions.  Takes effect with `power_off`."""
        ...

    def power_off(self) -> None:
        """Cut the flight computer's power.  A caller that lives to see this return must end itself."""
        ...

    def status(self) -> ControllerStatus:
        """What happened while flight was off."""
        ...


class Rtc(Protocol):
    """Battery-backed clock: GPS time in ns since 1980-01-06."""

    def read_gps_ns(self) -> int:
        """Raises `BadReading` when the clock lost power."""
        ...

    def set_gps_ns(self, gps_ns: int) -> None:
        """Set the clock."""
        ...


class Watchdog(Protocol):
    """Restarts the flight computer unless stroked in time."""

    def stroke(self) -> None:
        """Say that every critical row made progress."""
        ...

    def ready(self, minimal: bool) -> None:
        """Say once that this boot has proved healthy.

        `minimal`: with the minimal set of rows, or a driver that has shown a defect; then it may approve no new version
        of the software.
        """
        ...


class Host(Protocol):
    """The flight computer itself."""

    def read(self) -> HostReading:
        """The newest reading.  Never raises: a part that could not be read is None."""
        ...
