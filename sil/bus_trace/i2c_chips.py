"""What transfers mean to PCA9685, INA260 and TMP117: register names and values in units."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

_PCA: Final[Mapping[int, str]] = MappingProxyType({0x00: "MODE1", 0x01: "MODE2", 0xFE: "PRE_SCALE"})
_INA: Final[Mapping[int, str]] = MappingProxyType(
    {
        0x00: "config", 0x01: "current", 0x02: "bus voltage", 0x03: "power", 0x06: "mask/enable", 0x07: "alert limit",
        0xFE: "manufacturer", 0xFF: "die",
    }
)  # fmt: skip
_TMP: Final[Mapping[int, str]] = MappingProxyType(
    {0x00: "temperature", 0x01: "config", 0x02: "high limit", 0x03: "low limit", 0x07: "offset", 0x0F: "device id"}
)
_FIRST_LED: Final = 0x06
_LAST_LED: Final = 0x45


def pca9685(sent: bytes, got: bytes) -> str:
    """Mode registers and channels; counts of 4096 a period."""
    if not sent:
        return f"read {got.hex(' ')}" if got else ""
    register, values = sent[0], sent[1:] or got
    way = "<-" if got else "="
    if _FIRST_LED <= register <= _LAST_LED:
        return _channels(register, values, way)
    name = _PCA.get(register, f"register {register:#04x}")
    return f"{name} {way} {values.hex(' ')}" if values else f"point at {name}"


def _channels(register: int, values: bytes, way: str) -> str:
    """Four registers each: ON, OFF, little-endian; bit 12 is full on or full off."""
    first, odd = divmod(register - _FIRST_LED, 4)
    if odd or len(values) % 4 or not values:
        return f"LED registers from {register:#04x} {way} {values.hex(' ')}"
    texts = []
    for number in range(len(values) // 4):
        part = values[4 * number : 4 * number + 4]
        on, off = int.from_bytes(part[:2], "little"), int.from_bytes(part[2:], "little")
        pulse = "off" if off & 0x1000 else "full on" if on & 0x1000 else f"on {on} off {off}"
        texts.append(f"channel {first + number} {pulse}")
    return f"{way} {', '.join(texts)}"


def ina260(sent: bytes, got: bytes) -> str:
    """1.25 mA, 1.25 mV, 10 mW a count (INA260 data sheet)."""
    return _words(sent, got, _INA, _ina_value)


def _ina_value(register: int, word: int) -> str:
    signed = word - 0x10000 if word & 0x8000 else word
    scaled = {0x01: f"{signed * 1.25e-3:.4f} A", 0x02: f"{word * 1.25e-3:.4f} V", 0x03: f"{word * 0.01:.2f} W"}
    return scaled.get(register, f"{word:#06x}")


def tmp117(sent: bytes, got: bytes) -> str:
    """7.8125 m degrees Celsius a count; -256 before the first conversion (TMP117 data sheet)."""
    return _words(sent, got, _TMP, _tmp_value)


def _tmp_value(register: int, word: int) -> str:
    if register not in (0x00, 0x02, 0x03, 0x07):
        return f"{word:#06x}"
    if register == 0x00 and word == 0x8000:
        return "not converted yet"
    return f"{(word - 0x10000 if word & 0x8000 else word) * 7.8125e-3:.4f} C"


def _words(sent: bytes, got: bytes, names: Mapping[int, str], value: Callable[[int, int], str]) -> str:
    """Chips with 16-bit registers, big-endian, behind a pointer byte."""
    if not sent:
        return f"read {got.hex(' ')}" if got else ""
    name = names.get(sent[0], f"register {sent[0]:#04x}")
    data = sent[1:] or got
    if len(data) != 2:
        return f"{name} {data.hex(' ')}".rstrip()
    return f"{name} {'=' if len(sent) > 1 else '<-'} {value(sent[0], int.from_bytes(data, 'big'))}"
