"""One line a transaction: time, bus, direction, bytes, meaning; which chip is where says a rover file, or a guess."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from hal.api.clock import NS_PER_MS, NS_PER_S
from hal.api.config import one_line
from hal.api.wiring import Hardware
from hal.buses.tracing import Record
from sil.bus_trace.i2c_chips import ina260, pca9685, tmp117
from sil.bus_trace.serial_chips import Bno055Meaning, Meaning, RoboClawMeaning, Unknown

I2cMeaning = Callable[[bytes, bytes], str]
_USUAL: Final[Mapping[int, I2cMeaning]] = MappingProxyType(
    {0x40: pca9685, 0x41: ina260, 0x44: ina260, 0x45: ina260, 0x46: ina260, **dict.fromkeys(range(0x48, 0x4C), tmp117)}
)
"""Where such chips are usually strapped."""
_ARROWS: Final[Mapping[str, str]] = MappingProxyType(
    {"write": ">", "read": "<", "drop": "x", "transfer": "=", "claim": ">", "set": ">", "get": "<", "end": "."}
)


class TraceText:
    """Renders records in their order."""

    def __init__(self, hardware: Hardware | None = None) -> None:
        """Without `hardware` chips are guessed: serial lines by their first bytes, I2C chips by usual address."""
        self._serial: dict[str, Meaning] = {}
        self._i2c: dict[tuple[str, int], tuple[str, I2cMeaning]] = {}
        self._gpio: dict[tuple[str, int], str] = {}
        self._guesses = hardware is None
        if hardware is not None:
            self._learn(hardware)

    def line(self, record: Record, first_ns: int) -> str:
        """One record as text; times are since `first_ns`."""
        data = record.got if record.kind in ("read", "get") else record.sent
        shown = data.hex(" ")
        if record.kind == "transfer":
            shown = f"{record.place or 0:#04x} {shown}{f' -> {record.got.hex(chr(32))}' if record.got else ''}"
        elif record.kind == "end":
            shown = f"end, {record.dropped} records dropped"
        elif record.kind == "drop":
            shown = f"{record.dropped} stale bytes dropped"
        elif record.place is not None:
            shown = f"line {record.place} {record.kind} {data.hex()}"
        elif record.kind == "read" and not data and not record.error:
            shown = f"nothing for {record.took_ns / NS_PER_MS:.1f} ms"
        meaning = f"ERROR {record.error}" if record.error else self._meaning(record)
        time_s = (record.t_ns - first_ns) / NS_PER_S
        line = f"{time_s:12.6f}  {record.bus:<10} {_ARROWS[record.kind]} {shown:<40}  {meaning}"
        return one_line(line).rstrip()  # a file from elsewhere may hold a terminal's escape codes

    def _meaning(self, record: Record) -> str:
        if record.kind in ("write", "read"):
            meaning = self._line_of(record)
            return meaning.sent(record.sent) if record.kind == "write" else meaning.got(record.got)
        if record.kind == "transfer" and record.place is not None:
            known = self._i2c.get((record.bus, record.place))
            if known is None and self._guesses and record.place in _USUAL:
                known = (_USUAL[record.place].__name__, _USUAL[record.place])
            return "" if known is None else f"{known[0]}: {known[1](record.sent, record.got)}"
        return self._gpio.get((record.bus, record.place or 0), "")

    def _line_of(self, record: Record) -> Meaning:
        if record.bus not in self._serial:
            if not self._guesses or record.kind == "read":
                return Unknown()
            self._serial[record.bus] = _guess(record.sent)
        return self._serial[record.bus]

    def _learn(self, hardware: Hardware) -> None:
        if hardware.wheels is not None:
            self._serial[hardware.wheels.bus] = RoboClawMeaning()
        if hardware.imu is not None:
            self._serial[hardware.imu.bus] = Bno055Meaning()
        if hardware.steering is not None:
            self._i2c[hardware.steering.bus, hardware.steering.address] = ("steering", pca9685)
        monitors = {f"array {face}": monitor for face, monitor in hardware.array.items()}
        if hardware.power_monitor is not None:
            monitors["battery"] = hardware.power_monitor
        for name, monitor in monitors.items():
            self._i2c[monitor.bus, monitor.address] = (name, ina260)
        for sensor in hardware.temperatures:
            self._i2c[sensor.bus, sensor.address] = (" ".join(sensor.measures), tmp117)
        for bank in (hardware.heaters, hardware.loads):
            for name, line in {} if bank is None else bank.lines.items():
                if bank is not None and bank.bus is not None and line.line is not None:
                    self._gpio[bank.bus, line.line] = name


def _guess(sent: bytes) -> Meaning:
    """By the first bytes that the computer sends."""
    if sent[:1] == b"\xaa":
        return Bno055Meaning()
    if len(sent) >= 2 and 0x80 <= sent[0] <= 0x87:
        return RoboClawMeaning()
    return Unknown()
