"""What a driver may ask of a bus, and how a bus says no.

A driver gets one of these three, never a file or a library object, so that it cannot tell a wire from an emulator.
Time comes from the clock that the driver was given; every wait has a deadline.
"""

from __future__ import annotations

from typing import Protocol


class BusError(Exception):
    """A transaction failed on the bus itself.  `bus` names it as the rover file does."""

    def __init__(self, bus: str, detail: str) -> None:
        super().__init__(f"{bus}: {detail}")
        self.bus = bus
        self.detail = detail


class BusNak(BusError):
    """Nobody acknowledged this address."""


class BusTimeout(BusError):
    """The bus did not come free, or a write was not taken, within its time."""


class BusBusy(BusError):
    """The time that this bus may take in one cycle is used up; nothing was sent."""


class BusLost(BusError):
    """The port itself is gone: unplugged, closed, or never there."""


class SerialBus(Protocol):
    """An asynchronous serial line, 8 data bits, no parity, 1 stop bit."""

    @property
    def name(self) -> str:
        """As the rover file calls it."""
        ...

    @property
    def byte_ns(self) -> int:
        """Time that one byte takes on the wire, ns."""
        ...

    def write(self, data: bytes) -> None:
        """Queue `data`; returns at once, the bytes follow at the line's rate.  Raises `BusError`."""
        ...

    def read(self, size: int, deadline_ns: int) -> bytes:
        """Up to `size` bytes: returns when so many have come, else with what there is at `deadline_ns`.

        A deadline that has passed takes what has already come.  Raises `BusError`.
        """
        ...

    def drop_input(self) -> int:
        """Throw away what has come and was not read; returns how many bytes.  Raises `BusError`."""
        ...


class I2cBus(Protocol):
    """An I2C bus as its master sees it."""

    @property
    def name(self) -> str:
        """As the rover file calls it."""
        ...

    def transfer(self, address: int, written: bytes, read_size: int) -> bytes:
        """One combined transfer: write (if any), repeated start, read `read_size` bytes (if any), stop.

        Raises `BusNak`, `BusTimeout`, `BusBusy` or `BusLost`.
        """
        ...


class GpioBus(Protocol):
    """Output lines of one GPIO chip."""

    @property
    def name(self) -> str:
        """As the rover file calls it."""
        ...

    def claim(self, line: int, value: bool, *, active_low: bool = False) -> None:
        """Make `line` an output that begins with `value`.  `value` is logical: an active-low line is low for True."""
        ...

    def set(self, line: int, value: bool) -> None:
        """Drive a claimed line.  Raises `BusError`."""
        ...

    def get(self, line: int) -> bool:
        """Logical level of a claimed line, read back from the chip.  Raises `BusError`."""
        ...
