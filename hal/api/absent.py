"""Stand-ins for devices that are not there: each call raises, `make_safe` does nothing, nobody is alarmed.

A device that the rover file does not name, and an optional one that did not answer at start, is such a stand-in.  One
that should be there and is not is no stand-in: its driver fails and is reported.
"""

from __future__ import annotations

from typing import NoReturn

from hal.api.errors import NotReady
from hal.api.values import (
    ArrayReading,
    ImuReading,
    PowerReading,
    RadioStatus,
    SteeringReadings,
    TemperatureReadings,
    WheelReadings,
)


class Absent:
    """Base of all: flight counts no error of such a device and tells it as absent."""

    def __init__(self, device: str) -> None:
        self.device = device

    def make_safe(self) -> None:
        """Nothing is there to be made safe."""

    def _refuse(self) -> NoReturn:
        raise NotReady(self.device, "not fitted")


class AbsentWheels(Absent):
    """No wheel drives."""

    def command(self, speed_rad_s: tuple[float, ...], hold_ns: int) -> None:
        """Refused."""
        self._refuse()

    def read(self) -> WheelReadings:
        """Refused."""
        self._refuse()


class AbsentSteering(Absent):
    """No steering."""

    def command(self, angle_rad: tuple[float, ...], hold_ns: int) -> None:
        """Refused."""
        self._refuse()

    def read(self) -> SteeringReadings:
        """Refused."""
        self._refuse()


class AbsentImu(Absent):
    """No inertial unit."""

    def read(self) -> ImuReading:
        """Refused."""
        self._refuse()


class AbsentPowerMonitor(Absent):
    """No battery monitor."""

    def read(self) -> PowerReading:
        """Refused."""
        self._refuse()


class AbsentArray(Absent):
    """No array."""

    def read(self) -> ArrayReading:
        """Refused."""
        self._refuse()


class AbsentTemperatures(Absent):
    """No temperature sensor."""

    def read(self) -> TemperatureReadings:
        """Refused."""
        self._refuse()


class AbsentSwitches(Absent):
    """A bank without a switch."""

    def names(self) -> tuple[str, ...]:
        """None."""
        return ()

    def set(self, name: str, on: bool, hold_ns: int) -> None:
        """Refused."""
        self._refuse()

    def is_on(self, name: str) -> bool:
        """Refused."""
        self._refuse()


class AbsentRadio(Absent):
    """No such radio."""

    def send(self, data: bytes) -> int:
        """Refused."""
        self._refuse()

    def receive(self, max_bytes: int) -> bytes:
        """Refused."""
        self._refuse()

    def set_transmitter(self, on: bool, rate_bit_s: float, hold_ns: int) -> None:
        """Refused."""
        self._refuse()

    def set_receiver(self, on: bool) -> None:
        """Refused."""
        self._refuse()

    def status(self) -> RadioStatus:
        """Refused."""
        self._refuse()
