"""How a BNO055 is brought to run: reset, identity, units, IMU fusion (no magnetometer), and how its state is checked.

There is no global magnetic field on the Moon, so the mode is IMU, not NDOF: heading drifts as it would in flight.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from hal.api.clock import NS_PER_MS, Clock
from hal.api.errors import BadReading
from hal.drivers.bno055_link import DEVICE, Bno055Link

CHIP_ID: Final = 0x00
PAGE_ID: Final = 0x07
DATA: Final = 0x08
"""Acceleration, magnetic field, rate, Euler angles, quaternion: 32 bytes on end."""
CALIB_STAT: Final = 0x35
SYS_STATUS: Final = 0x39
UNIT_SEL: Final = 0x3B
OPR_MODE: Final = 0x3D
PWR_MODE: Final = 0x3E
SYS_TRIGGER: Final = 0x3F

BNO055: Final = 0xA0
UNITS: Final = 0b0000_0010
"""m/s2, rad/s, degrees, Celsius; written always, for the data sheet contradicts itself on what reset leaves."""
_UNIT_BITS: Final = 0b1001_0111
"""The others are reserved."""
CONFIG: Final = 0x00
IMU: Final = 0x08
NORMAL: Final = 0x00
RESET: Final = 0x20
FUSION_RUNS: Final = 5
SYSTEM_ERROR: Final = 1

RESET_NS: Final = 700 * NS_PER_MS
"""Reset or power-on to the first answer: 650 to 700 ms."""
TO_CONFIG_NS: Final = 20 * NS_PER_MS
FROM_CONFIG_NS: Final = 8 * NS_PER_MS
"""19 and 7 ms in table 3-6 of the data sheet."""
FUSION_NS: Final = 1_000 * NS_PER_MS
"""Longest from the change of mode to a fusion that runs."""


class State(NamedTuple):
    """Registers 0x39 to 0x3E."""

    status: int
    error: int
    units: int
    reserved: int
    mode: int
    power: int

    @property
    def runs(self) -> bool:
        """Fusion runs, in our units."""
        settings = (self.units & _UNIT_BITS, self.mode & 0x0F, self.power & 0x03)
        return self.status == FUSION_RUNS and settings == (UNITS, IMU, NORMAL)

    @property
    def text(self) -> str:
        """For an operator."""
        return (
            f"mode {self.mode & 0x0F:#x} (expected {IMU:#x}), status {self.status} (expected {FUSION_RUNS}), "
            f"error {self.error:#04x}, units {self.units:#04x} (expected {UNITS:#04x}), power {self.power & 0x03}"
        )


def read_state(link: Bno055Link) -> State:
    """The chip's own account of itself.  Raises `DeviceTimeout`, `BadReading`."""
    return State(*link.read(SYS_STATUS, len(State._fields)))


def set_up(link: Bno055Link, clock: Clock, *, reset: bool) -> Iterator[int]:
    """The set-up, step by step: gives the time before which the next step makes no sense, ends when the chip runs.

    Without `reset` the chip is taken as it is, which serves after power-on and after it fell back to CONFIG.

    Raises:
        DeviceTimeout: no answer.
        BadReading: not a BNO055, or it does not come to run.
    """
    if reset:
        link.write(PAGE_ID, 0)
        link.write_blind(SYS_TRIGGER, RESET)
        yield clock.now_ns() + RESET_NS
    chip = link.read(CHIP_ID, 1)[0]
    if chip != BNO055:
        raise BadReading(DEVICE, f"{link.where}: chip id {chip:#04x}, expected {BNO055:#04x}")
    yield clock.now_ns()
    state = read_state(link)
    if state.mode & 0x0F != CONFIG:
        link.write(OPR_MODE, CONFIG)
        yield clock.now_ns() + TO_CONFIG_NS
    if state.power & 0x03 != NORMAL:
        link.write(PWR_MODE, NORMAL)
        yield clock.now_ns()
    link.write(UNIT_SEL, UNITS)
    yield clock.now_ns()
    link.write(OPR_MODE, IMU)
    yield from _fusion(link, clock)


def _fusion(link: Bno055Link, clock: Clock) -> Iterator[int]:
    """Wait for fusion."""
    end_ns = clock.now_ns() + FUSION_NS
    yield clock.now_ns() + FROM_CONFIG_NS
    while not (state := read_state(link)).runs:
        if state.status == SYSTEM_ERROR or clock.now_ns() >= end_ns:
            raise BadReading(DEVICE, f"{link.where} does not come to run: {state.text}")
        yield clock.now_ns() + FROM_CONFIG_NS
