"""A bus that could not be opened: every use of it says why, so that each device on it is reported by its own driver."""

from __future__ import annotations

from typing import NoReturn

from hal.buses.api import BusError, BusLost


class LostBus:
    """Implements `SerialBus`, `I2cBus` and `GpioBus`."""

    byte_ns = 86_806

    def __init__(self, error: BusError) -> None:
        self._detail = error.detail
        self.name = error.bus

    def write(self, data: bytes) -> None:
        """Raises `BusLost`."""
        self._refuse()

    def read(self, size: int, deadline_ns: int) -> bytes:
        """Raises `BusLost`."""
        self._refuse()

    def drop_input(self) -> int:
        """Raises `BusLost`."""
        self._refuse()

    def transfer(self, address: int, written: bytes, read_size: int) -> bytes:
        """Raises `BusLost`."""
        self._refuse()

    def claim(self, line: int, value: bool, *, active_low: bool = False) -> None:
        """Raises `BusLost`."""
        self._refuse()

    def set(self, line: int, value: bool) -> None:
        """Raises `BusLost`."""
        self._refuse()

    def get(self, line: int) -> bool:
        """Raises `BusLost`."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise BusLost(self.name, self._detail)
