"""An I2C bus of the kernel through smbus2: `i2c:///dev/i2c-1`, combined transfers only."""

from __future__ import annotations

import errno
import fcntl
from collections.abc import Callable
from typing import Any, Final

from hal.api.clock import NS_PER_S, Clock
from hal.buses.api import BusError, BusLost, BusNak, BusTimeout
from hal.buses.url import BusUrl

I2C_RETRIES: Final = 0x0701
I2C_TIMEOUT: Final = 0x0702
"""Argument in units of 10 ms (linux/i2c-dev.h)."""
TIMEOUT_10MS: Final = 2
REOPEN_NS: Final = NS_PER_S

_NAK: Final = (errno.ENXIO, errno.EREMOTEIO)
_TIMEOUT: Final = (errno.ETIMEDOUT, errno.EAGAIN, errno.EBUSY)
"""The clock was held down, arbitration was lost, the bus is not free."""

Ioctl = Callable[[int, int, int], object]


class SmbusI2c:
    """Implements `hal.buses.api.I2cBus`.  A port that is lost is opened again, at most once a second.

    `smbus2` is the module: `SMBus(path)` with `fd`, `i2c_rdwr` and `close`, and `i2c_msg.read` and `.write`.
    """

    def __init__(self, name: str, path: str, clock: Clock, smbus2: Any, ioctl: Ioctl) -> None:  # Any: a module's shape
        """Raises:
        BusLost: the port is not there.
        """
        self.name = name
        self._path = path
        self._clock = clock
        self._module = smbus2
        self._ioctl = ioctl
        self._port: Any = None  # an SMBus of that module
        self._next_ns = 0
        self._open()

    def transfer(self, address: int, written: bytes, read_size: int) -> bytes:
        """Raises `BusNak`, `BusTimeout` (20 ms) or `BusLost`."""
        if self._port is None:
            self._open()
        message = self._module.i2c_msg
        messages = []
        if written or not read_size:
            messages.append(message.write(address, written))
        if read_size:
            messages.append(message.read(address, read_size))
        try:
            self._port.i2c_rdwr(*messages)
        except OSError as error:
            raise self._told(address, error) from error
        return bytes(messages[-1]) if read_size else b""

    def close(self) -> None:
        """Give the port back; legal at any time."""
        if self._port is not None:
            self._port.close()
            self._port = None

    def _open(self) -> None:
        now_ns = self._clock.now_ns()
        if now_ns < self._next_ns:
            raise BusLost(self.name, f"{self._path} was lost, next try in {(self._next_ns - now_ns) / NS_PER_S:.1f} s")
        self._next_ns = now_ns + REOPEN_NS
        try:
            self._port = self._module.SMBus(self._path)
            self._ioctl(self._port.fd, I2C_TIMEOUT, TIMEOUT_10MS)
            self._ioctl(self._port.fd, I2C_RETRIES, 0)
        except OSError as error:
            self.close()
            raise BusLost(self.name, f"{self._path}: {error.strerror or error}") from error

    def _told(self, address: int, error: OSError) -> BusError:
        if error.errno in _NAK:
            return BusNak(self.name, f"no answer at {address:#04x}")
        if error.errno in _TIMEOUT:
            return BusTimeout(self.name, f"{address:#04x}: {error.strerror or error}")
        self.close()
        return BusLost(self.name, f"{self._path}: {error.strerror or error}")


def open_smbus(name: str, url: BusUrl, clock: Clock) -> SmbusI2c:
    """Open `i2c:///dev/i2c-N`.

    Raises:
        ValueError: the URL names no device file.
        BusLost: it is not there, or smbus2 is not installed.
    """
    url.only("hz")  # the clock is set in the device tree; the number is for people and emulators
    if url.host or not url.path.startswith("/") or url.path == "/":
        raise ValueError(f"{url.text}: expected a device file, such as i2c:///dev/i2c-1")
    try:
        import smbus2
    except ImportError as error:
        raise BusLost(name, f"{url.text} needs smbus2: pip install 'rahi[pi]'") from error
    return SmbusI2c(name, url.path, clock, smbus2, fcntl.ioctl)
