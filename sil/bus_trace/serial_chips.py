"""What the bytes of a serial line mean to a BNO055 or to RoboClaws: requests put together, replies taken apart."""

from __future__ import annotations

import binascii
import struct
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol

from hal.drivers.bno055_link import DATA_FOLLOWS, START, STATUS, STATUS_TEXT
from hal.drivers.bno055_sample import ACCEL_LSB, GYRO_LSB, QUATERNION_LSB, SIZE
from hal.drivers.bno055_setup import DATA


class Meaning(Protocol):
    """Follows one line; each call gives the meaning of what it was told, empty if there is none yet."""

    def sent(self, data: bytes) -> str:
        """The computer sent this."""
        ...

    def got(self, data: bytes) -> str:
        """The chip sent this."""
        ...


class Unknown:
    """A line that nothing is known of, such as a radio's: bytes that can be read are shown as text."""

    def sent(self, data: bytes) -> str:
        return _text(data)

    def got(self, data: bytes) -> str:
        return _text(data)


def _text(data: bytes) -> str:
    printable = data and all(32 <= byte < 127 or byte in (10, 13) for byte in data)
    return repr(data.decode("ascii")) if printable else ""


_BNO_NAMES: Final[Mapping[int, str]] = MappingProxyType(
    {
        0x00: "CHIP_ID", 0x07: "PAGE_ID", 0x08: "data", 0x35: "CALIB_STAT", 0x39: "SYS_STATUS", 0x3A: "SYS_ERR",
        0x3B: "UNIT_SEL", 0x3D: "OPR_MODE", 0x3E: "PWR_MODE", 0x3F: "SYS_TRIGGER",
    }
)  # fmt: skip


class Bno055Meaning:
    """Requests come in halves, replies as head and body."""

    def __init__(self) -> None:
        self._request = b""
        self._register = 0
        self._body = 0

    def sent(self, data: bytes) -> str:
        self._body = 0
        if data[:1] == bytes((START,)) and data[1:2] in (b"\x00", b"\x01"):
            self._request = b""
        self._request += data
        request = self._request
        if len(request) < 4 or request[0] != START:
            return ""
        self._register = request[2]
        name = _BNO_NAMES.get(request[2], f"register {request[2]:#04x}")
        if request[1]:
            return f"read {name}, {request[3]} bytes"
        return f"write {name} = {request[4:].hex(' ')}" if len(request) == 4 + request[3] else ""

    def got(self, data: bytes) -> str:
        body, self._body = self._body, 0
        if not body and data[:1] == bytes((STATUS,)) and len(data) == 2:
            return f"status {data[1]:#04x}, {STATUS_TEXT.get(data[1], 'unknown')}"
        if not body and data[:1] == bytes((DATA_FOLLOWS,)) and len(data) == 2:
            self._body = data[1]
            return f"{data[1]} bytes follow"
        if len(data) != body:
            return f"{len(data)} of {body} bytes" if body else "out of turn"
        if self._register == DATA and len(data) == SIZE:
            return _sample(data)
        return f"{_BNO_NAMES.get(self._register, 'bytes')} <- {data.hex(' ')}"


def _sample(data: bytes) -> str:
    values = struct.unpack("<16h", data)
    accel = " ".join(f"{value / ACCEL_LSB:.2f}" for value in values[0:3])
    gyro = " ".join(f"{value / GYRO_LSB:.4f}" for value in values[6:9])
    norm = sum(value * value for value in values[12:16]) ** 0.5 / QUATERNION_LSB
    return f"accel {accel} m/s2, gyro {gyro} rad/s, quaternion of length {norm:.4f}"


class _Command(NamedTuple):
    """A RoboClaw command: big-endian layouts, without CRC; no reply layout: acknowledged by 0xFF."""

    name: str
    request: str = ""
    reply: str = ""
    scale: float = 1.0
    unit: str = ""


_ROBOCLAW: Final[Mapping[int, _Command]] = MappingProxyType(
    {
        14: _Command("set serial timeout", "B", scale=0.1, unit="s"),
        15: _Command("serial timeout", reply="B", scale=0.1, unit="s"),
        16: _Command("encoder M1", reply="iB", unit="counts, status"),
        17: _Command("encoder M2", reply="iB", unit="counts, status"),
        18: _Command("speed M1", reply="iB", unit="counts/s, direction"),
        19: _Command("speed M2", reply="iB", unit="counts/s, direction"),
        20: _Command("reset encoders"),
        21: _Command("version", reply="text"),
        24: _Command("main battery", reply="H", scale=0.1, unit="V"),
        25: _Command("logic battery", reply="H", scale=0.1, unit="V"),
        32: _Command("duty M1", "h", scale=1 / 327.67, unit="%"),
        33: _Command("duty M2", "h", scale=1 / 327.67, unit="%"),
        34: _Command("duty M1, M2", "hh", scale=1 / 327.67, unit="%"),
        35: _Command("speed M1", "i", unit="counts/s"),
        36: _Command("speed M2", "i", unit="counts/s"),
        37: _Command("speed M1, M2", "ii", unit="counts/s"),
        38: _Command("acceleration, speed M1", "Ii", unit="counts/s2, counts/s"),
        39: _Command("acceleration, speed M2", "Ii", unit="counts/s2, counts/s"),
        40: _Command("acceleration, speed M1, M2", "Iii", unit="counts/s2, counts/s"),
        49: _Command("currents M1, M2", reply="hh", scale=0.01, unit="A"),
        78: _Command("encoders M1, M2", reply="ii", unit="counts"),
        79: _Command("speeds M1, M2", reply="ii", unit="counts/s"),
        82: _Command("temperature", reply="h", scale=0.1, unit="C"),
        83: _Command("temperature 2", reply="h", scale=0.1, unit="C"),
        90: _Command("status", reply="bits"),
        94: _Command("write settings", "I"),
        133: _Command("set current limit M1", "II", scale=0.01, unit="A"),
        134: _Command("set current limit M2", "II", scale=0.01, unit="A"),
        135: _Command("current limit M1", reply="II", scale=0.01, unit="A"),
        136: _Command("current limit M2", reply="II", scale=0.01, unit="A"),
    }
)


class RoboClawMeaning:
    """A request in one piece; replies may come in several."""

    def __init__(self) -> None:
        self._asked = b""
        self._reply = b""

    def sent(self, data: bytes) -> str:
        self._asked, self._reply = data[:2], b""
        if len(data) not in range(2, 100):
            return ""
        command = _ROBOCLAW.get(data[1], _Command(f"command {data[1]}"))
        where = f"{data[0]:#04x} {command.name}"
        if len(data) == 2:
            return f"{where}?"
        return f"{where} = {_numbers(command, command.request, data[2:-2])}{_crc_note(data)}"

    def got(self, data: bytes) -> str:
        self._reply += data
        command = _ROBOCLAW.get(self._asked[1]) if len(self._asked) == 2 else None
        if command is None or not command.reply:
            return "taken" if self._reply == b"\xff" else ""
        if len(self._reply) < 3:
            return ""
        body, note = self._reply[:-2], _crc_note(self._asked + self._reply)
        if command.reply == "text":
            text = "".join(letter for letter in body.decode("ascii", "replace") if letter.isprintable())
            return "" if note else repr(text)
        if command.reply == "bits":
            return f"0x{body.hex()}{note}" if len(body) == 4 or not note else ""
        if len(body) != struct.calcsize(f">{command.reply}"):
            return ""
        return f"{_numbers(command, command.reply, body)}{note}"


def _numbers(command: _Command, layout: str, body: bytes) -> str:
    if not layout:
        return body.hex(" ")
    if struct.calcsize(f">{layout}") != len(body):
        return f"{body.hex(' ')} (expected {struct.calcsize(f'>{layout}')} bytes)"
    values = struct.unpack(f">{layout}", body)
    texts = (f"{value * command.scale:.2f}" if command.scale != 1.0 else str(value) for value in values)
    return f"{', '.join(texts)} {command.unit}".rstrip()


def _crc_note(data: bytes) -> str:
    good = binascii.crc_hqx(data[:-2], 0) == int.from_bytes(data[-2:], "big")
    return "" if good else " (wrong CRC)"
