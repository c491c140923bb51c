"""What all I2C chip drivers share: bus errors told as device errors, and a chip that fails left alone for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from hal.api.clock import NS_PER_MS, NS_PER_S, Clock
from hal.api.errors import BadReading, DeviceError, DeviceTimeout
from hal.buses.api import BusBusy, BusError, BusNak, I2cBus

FIRST_PAUSE_NS: Final = 500 * NS_PER_MS
MOST_PAUSE_NS: Final = 4 * NS_PER_S

T = TypeVar("T")


class BusDown(DeviceTimeout):
    """The whole bus fails or has no time left, not this chip alone: nobody else on it need be tried now."""


class I2cLink:
    """One chip at one address.  Its first failure ends its turn; the pauses then double up to `MOST_PAUSE_NS`."""

    __slots__ = ("_bus", "_clock", "_next_ns", "_pause_ns", "address", "device", "lost", "where")

    def __init__(self, device: str, chip: str, bus: I2cBus, address: int, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._next_ns = 0
        self._pause_ns = 0
        self.device = device
        self.address = address
        self.where = f"{chip} at {address:#04x} on {bus.name}"
        self.lost = True
        """Nobody knows whether the chip there is still the one that was set up.  The driver clears it."""

    @property
    def bus_name(self) -> str:
        """The bus that the chip hangs on."""
        return self._bus.name

    def transfer(self, written: bytes, read_size: int) -> bytes:
        """As `I2cBus.transfer`, exactly `read_size` bytes.

        Raises:
            DeviceTimeout: no acknowledgement, or left alone because of one before; `BusDown` if the bus is to blame.
            BadReading: fewer bytes came than were asked for.
        """
        wait_ns = self._next_ns - self._clock.now_ns()
        if wait_ns > 0:
            raise DeviceTimeout(self.device, f"{self.where}: did not answer, next try in {wait_ns / NS_PER_S:.1f} s")
        try:
            read = self._bus.transfer(self.address, written, read_size)
        except BusBusy as error:
            raise BusDown(self.device, f"{self.where}: bus budget: {error.detail}") from error
        except BusError as error:
            self.fail()
            kind = DeviceTimeout if isinstance(error, BusNak) else BusDown
            raise kind(self.device, f"{self.where}: expected an answer, {error.detail}") from error
        if len(read) != read_size:
            self.fail()
            raise self.bad(f"expected {read_size} bytes, got {len(read)}")
        return read

    def bad(self, detail: str) -> BadReading:
        """An error that says where."""
        return BadReading(self.device, f"{self.where}: {detail}")

    def fail(self) -> None:
        """Leave the chip alone for a while and trust nothing that it was told."""
        self.lost = True
        self._pause_ns = min(2 * self._pause_ns, MOST_PAUSE_NS) if self._pause_ns else FIRST_PAUSE_NS
        self._next_ns = self._clock.now_ns() + self._pause_ns

    def forget(self) -> None:
        """Set up anew at the next contact, at once if need be: it was off, or it said that it lost its settings."""
        self.lost = True
        self._pause_ns = self._next_ns = 0

    def good(self) -> None:
        """The driver had what it wanted: the next failure starts afresh."""
        self._pause_ns = 0


class RegisterChip:
    """A chip of 16-bit big-endian registers behind a pointer byte, as Texas Instruments makes them."""

    __slots__ = ("link",)

    def __init__(self, link: I2cLink) -> None:
        self.link = link

    def get(self, register: int) -> int:
        """Read one register.  Raises as `I2cLink.transfer`."""
        return int.from_bytes(self.link.transfer(bytes((register,)), 2), "big")

    def get_signed(self, register: int) -> int:
        """Read one register in two's complement."""
        return int.from_bytes(self.link.transfer(bytes((register,)), 2), "big", signed=True)

    def put(self, register: int, value: int) -> None:
        """Write one register."""
        self.link.transfer(bytes((register, value >> 8, value & 0xFF)), 0)


def survey(chips: Iterable[tuple[I2cLink, Callable[[], T]]]) -> list[T | DeviceError]:
    """Ask every chip once; a bus that is down is not waited for a second time."""
    found: list[T | DeviceError] = []
    down: dict[str, BusDown] = {}
    for link, ask in chips:
        known = down.get(link.bus_name)
        if known is not None:
            found.append(known)
            continue
        try:
            found.append(ask())
        except BusDown as error:
            down[link.bus_name] = error
            found.append(error)
        except DeviceError as error:
            found.append(error)
    return found
