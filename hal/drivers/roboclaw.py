"""One RoboClaw motor controller in packet-serial mode: its commands, and what their answers mean.

Numbers of commands and units: RoboClaw user manual p.58 to p.98, and the vendor's library where noted.
"""

from __future__ import annotations

import re
import struct
from typing import Final

from hal.api.errors import BadReading
from hal.crc import xmodem
from hal.drivers.roboclaw_line import DEVICE, RoboClawLine
from hal.drivers.roboclaw_status import Status, decode_status

AMPS_A_COUNT: Final = 0.01
WIDE_SINCE: Final = (4, 2, 8)
"""This firmware and later answer with 32 bits of status; from which on is not documented."""

_TWO_U32: Final = struct.Struct(">IIxx")
_TWO_I32: Final = struct.Struct(">iixx")
_TWO_I16: Final = struct.Struct(">hhxx")
_COUNT: Final = struct.Struct(">IBxx")
_SPEED: Final = struct.Struct(">iBxx")
_I16: Final = struct.Struct(">hxx")
_SPEED_ACCEL: Final = struct.Struct(">BBIii")
_DUTY: Final = struct.Struct(">BBhh")
_LIMIT: Final = struct.Struct(">BBII")
_VERSION: Final = re.compile(r"v(\d+)\.(\d+)\.(\d+)")


def with_crc(packet: bytes) -> bytes:
    """A write packet, complete."""
    return packet + xmodem(packet).to_bytes(2, "big")


class RoboClaw:
    """One unit by its address (0x80..0x87).  Channels are 0 (M1) and 1 (M2).

    Every method raises `DeviceTimeout`, `BadReading` or `NotReady` as `RoboClawLine` does; none tries twice.
    """

    __slots__ = (
        "_ask_counts", "_ask_currents", "_ask_one_count", "_ask_one_speed", "_ask_speeds", "_ask_status",
        "_ask_timeout", "_line", "_read", "_version", "address", "last_status", "wide",
    )  # fmt: skip

    def __init__(self, line: RoboClawLine, address: int) -> None:
        self._line = line
        self._read = line.read
        self.address = address
        self._ask_counts, self._ask_speeds, self._ask_currents, self._ask_status, self._ask_timeout = (
            bytes((address, command)) for command in (78, 79, 49, 90, 15)
        )
        self._ask_one_count = (bytes((address, 16)), bytes((address, 17)))
        self._ask_one_speed = (bytes((address, 18)), bytes((address, 19)))
        self._version: tuple[int, ...] = ()
        self.last_status: Status | None = None
        self.wide: bool | None = None
        """Whether status has 32 bits, None while that is not known."""

    @property
    def name(self) -> str:
        """Address and bus, for people."""
        return self._line.name_of(self.address)

    def forget(self) -> None:
        """Another firmware may be there next time."""
        self._version = ()
        self.last_status = None
        self.wide = None

    def read_version(self) -> str:
        """The firmware's own words, such as "USB Roboclaw 2x7a v4.2.8".

        Raises:
            BadReading: whatever it is, it is no RoboClaw.
        """
        data = self._line.read_version(bytes((self.address, 21)))
        text = data.decode("ascii", errors="backslashreplace")
        if "roboclaw" not in text.lower():
            raise BadReading(DEVICE, f"{self.name}: expected a RoboClaw, not {text!r}")
        found = _VERSION.search(text)
        self._version = tuple(int(part) for part in found.groups()) if found else ()
        return text

    def read_status(self) -> Status:
        """Errors and warnings.  The first answer's length shows the layout, which is kept until `forget`."""
        wide = self.wide
        if wide is None:
            data = self._line.read_either(self._ask_status, 4, 6)
            wide = self.wide = self._is_wide(data)
        else:
            data = self._read(self._ask_status, 6 if wide else 4)
        word = int.from_bytes(data[:-2], "big")
        status = self.last_status
        if status is None or status.word != word or status.wide is not wide:
            status = self.last_status = decode_status(word, wide=wide)
        return status

    def read_counts(self) -> tuple[int, int]:
        """Both encoders, 0..2**32-1, in one answer; not every firmware has it."""
        m1, m2 = _TWO_U32.unpack(self._read(self._ask_counts, 10))
        return m1, m2

    def read_count(self, channel: int) -> int:
        """One encoder, 0..2**32-1."""
        count, _ = _COUNT.unpack(self._read(self._ask_one_count[channel], 7))
        return int(count)

    def read_speeds(self) -> tuple[int, int]:
        """Both speeds, counts/s, in one answer; not every firmware has it."""
        m1, m2 = _TWO_I32.unpack(self._read(self._ask_speeds, 10))
        return m1, m2

    def read_speed(self, channel: int) -> int:
        """One speed, counts/s.  The word is read as signed, as libraries do; the direction byte settles its sign."""
        request = self._ask_one_speed[channel]
        speed, backward = _SPEED.unpack(self._read(request, 7))
        if backward > 1:
            raise BadReading(DEVICE, f"{self._line.describe(request)}: direction {backward}")
        return -abs(speed) if backward else int(speed)

    def read_currents(self) -> tuple[float, float]:
        """Both motor currents, A, with the sign that the unit gives."""
        m1, m2 = _TWO_I16.unpack(self._read(self._ask_currents, 6))
        return m1 * AMPS_A_COUNT, m2 * AMPS_A_COUNT

    def read_main_v(self) -> float:
        """Main battery, V."""
        return self._read_tenths(24)

    def read_temperature_c(self) -> float:
        """Board temperature, degrees C."""
        return self._read_tenths(82)

    def read_timeout(self) -> int:
        """Serial timeout in tenths of a second; 0 is none."""
        return self._read(self._ask_timeout, 3)[0]

    def write_timeout(self, tenths: int) -> None:
        """Stop the motors after this long without a byte on the line, 0..255 tenths of a second."""
        self._line.write(with_crc(bytes((self.address, 14, tenths))))

    def write_current_limit(self, channel: int, limit_a: float) -> None:
        """Limit one motor's current, A (commands 133 and 134; vendor's library)."""
        self._line.write(with_crc(_LIMIT.pack(self.address, 133 + channel, round(limit_a / AMPS_A_COUNT), 0)))

    def write_duty(self, m1: int, m2: int) -> None:
        """Drive both bridges without regard to encoders, +-32767 for +-100 %."""
        self._line.write(with_crc(_DUTY.pack(self.address, 34, m1, m2)))

    def write_speed(self, accel: int, m1: int, m2: int) -> None:
        """Turn both motors at these speeds, counts/s, reached at `accel` counts/s2."""
        self._line.write(with_crc(_SPEED_ACCEL.pack(self.address, 40, accel, m1, m2)))

    def _read_tenths(self, command: int) -> float:
        (tenths,) = _I16.unpack(self._read(bytes((self.address, command)), 4))
        return float(tenths) / 10.0

    def _is_wide(self, data: bytes) -> bool:
        """The layout, by the length of an answer and by what the firmware should give."""
        wide = len(data) == 6
        if not wide and self._version >= WIDE_SINCE:
            version = ".".join(map(str, self._version))
            raise BadReading(DEVICE, f"{self.name}: 16 bits of status from firmware {version}, expected 32")
        return wide
