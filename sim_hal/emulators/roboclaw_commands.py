"""What an emulated RoboClaw answers to each command: data of reads, effects of writes.

Numbers, layouts and units: RoboClaw user manual p.67 to p.98; 78, 79, 133 to 136 and 200 after the vendor's library.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from sim_hal.emulators.roboclaw_motor import Demand
from sim_hal.emulators.roboclaw_status import status_word
from sim_hal.emulators.roboclaw_unit import Pid, RoboclawUnit

NVM_KEY: Final = 0xE22E_AB7A
FULL_DUTY: Final = 32_767

Read = Callable[[RoboclawUnit], bytes]

_TWO_U32: Final = struct.Struct(">II")
_TWO_I32: Final = struct.Struct(">ii")
_TWO_I16: Final = struct.Struct(">hh")


class Write(NamedTuple):
    """A write command: its data, and what it does; False from the effect refuses it."""

    data: struct.Struct
    effect: Callable[..., bool | None]


def _tenths(value: float) -> bytes:
    return struct.pack(">h", round(value * 10.0))


def _count(unit: RoboclawUnit, channel: int) -> bytes:
    return struct.pack(">IB", unit.count(channel), unit.count_status(channel))


def _speed(unit: RoboclawUnit, channel: int) -> bytes:
    speed = unit.counts_s(channel)
    return struct.pack(">iB", speed, speed < 0)


def _counts(unit: RoboclawUnit) -> bytes:
    return _TWO_U32.pack(unit.count(0), unit.count(1))


def _speeds(unit: RoboclawUnit) -> bytes:
    return _TWO_I32.pack(unit.counts_s(0), unit.counts_s(1))


def _currents(unit: RoboclawUnit) -> bytes:
    return _TWO_I16.pack(unit.current(0), unit.current(1))


def _duties(unit: RoboclawUnit) -> bytes:
    """Duty in force; that of a speed loop is taken as proportional to its speed."""
    duties = []
    for channel, end in enumerate(unit.channels):
        kind, value, _ = end.demand
        share = value if kind == "duty" else value / (unit.settings.pid[channel][3] or 1)
        duties.append(round(max(-1.0, min(1.0, share)) * FULL_DUTY))
    return _TWO_I16.pack(*duties)


def _pid(unit: RoboclawUnit, channel: int) -> bytes:
    d, p, i, qpps = unit.settings.pid[channel]
    return struct.pack(">IIII", p, i, d, qpps)


def _status(unit: RoboclawUnit) -> bytes:
    return status_word(unit).to_bytes(4 if unit.wide else 2, "big")


READS: Final[Mapping[int, Read]] = MappingProxyType(
    {
        15: lambda unit: bytes((unit.settings.timeout_tenths,)),
        16: lambda unit: _count(unit, 0),
        17: lambda unit: _count(unit, 1),
        18: lambda unit: _speed(unit, 0),
        19: lambda unit: _speed(unit, 1),
        21: lambda unit: unit.firmware.encode("ascii") + b"\n\0",
        24: lambda unit: _tenths(unit.supply.main_v),
        25: lambda unit: _tenths(unit.supply.logic_v),
        30: lambda unit: _speed(unit, 0),
        31: lambda unit: _speed(unit, 1),
        48: _duties,
        49: _currents,
        55: lambda unit: _pid(unit, 0),
        56: lambda unit: _pid(unit, 1),
        59: lambda unit: struct.pack(">HH", *unit.settings.main_tenths_v),
        60: lambda unit: struct.pack(">HH", *unit.settings.logic_tenths_v),
        75: lambda unit: bytes(unit.settings.pins),
        78: _counts,
        79: _speeds,
        81: lambda unit: _TWO_U32.pack(*unit.settings.accel),
        82: lambda unit: _tenths(unit.supply.temperature_c),
        83: lambda unit: _tenths(unit.supply.temperature2_c),
        90: _status,
        108: _speeds,
        135: lambda unit: _TWO_U32.pack(*unit.settings.max_current[0]),
        136: lambda unit: _TWO_U32.pack(*unit.settings.max_current[1]),
    }
)
TOGETHER: Final = frozenset({78, 79, 108})
"""Reads that a unit may be too old for."""


def _order_duty(unit: RoboclawUnit, channel: int, duty: int) -> None:
    unit.order(channel, Demand("duty", max(-1.0, duty / FULL_DUTY)))


def _order_speed(unit: RoboclawUnit, channel: int, speed: int, accel: int = 0) -> None:
    """QPPS of the velocity loop is the fastest that the motor can do; 0: not known."""
    qpps = unit.settings.pid[channel][3]
    if qpps:
        speed = max(-qpps, min(qpps, speed))
    unit.order(channel, Demand("speed", float(speed), float(accel)))


def _both_duties(unit: RoboclawUnit, m1: int, m2: int) -> None:
    _order_duty(unit, 0, m1)
    _order_duty(unit, 1, m2)


def _both_duties_accel(unit: RoboclawUnit, m1: int, accel1: int, m2: int, accel2: int) -> bool:
    if max(accel1, accel2) > 655_359:
        return False
    _both_duties(unit, m1, m2)
    return True


def _one_duty_accel(unit: RoboclawUnit, channel: int, duty: int, accel: int) -> bool:
    if accel > 655_359:
        return False
    _order_duty(unit, channel, duty)
    return True


def _both_speeds(unit: RoboclawUnit, m1: int, m2: int) -> None:
    _order_speed(unit, 0, m1)
    _order_speed(unit, 1, m2)


def _both_speeds_accel(unit: RoboclawUnit, accel: int, m1: int, m2: int) -> None:
    _order_speed(unit, 0, m1, accel)
    _order_speed(unit, 1, m2, accel)


def _both_speeds_accels(unit: RoboclawUnit, accel1: int, m1: int, accel2: int, m2: int) -> None:
    _order_speed(unit, 0, m1, accel1)
    _order_speed(unit, 1, m2, accel2)


def _reset_counts(unit: RoboclawUnit) -> None:
    unit.set_count(0, 0)
    unit.set_count(1, 0)


def _set_pid(unit: RoboclawUnit, channel: int, pid: Pid) -> None:
    m1, m2 = unit.settings.pid
    unit.change(pid=(pid, m2) if channel == 0 else (m1, pid))


def _set_accel(unit: RoboclawUnit, channel: int, accel: int) -> None:
    m1, m2 = unit.settings.accel
    unit.change(accel=(accel, m2) if channel == 0 else (m1, accel))


def _set_max_current(unit: RoboclawUnit, channel: int, most: int, least: int) -> None:
    m1, m2 = unit.settings.max_current
    unit.change(max_current=((most, least), m2) if channel == 0 else (m1, (most, least)))


def _store(unit: RoboclawUnit, key: int) -> bool:
    if key == NVM_KEY:
        unit.nvm = unit.settings
    return key == NVM_KEY


def _restore(unit: RoboclawUnit) -> None:
    unit.settings = unit.nvm


def _write(data: str, effect: Callable[..., bool | None]) -> Write:
    return Write(struct.Struct(">" + data), effect)


WRITES: Final[Mapping[int, Write]] = MappingProxyType(
    {
        14: _write("B", lambda unit, tenths: unit.change(timeout_tenths=tenths)),
        20: _write("", _reset_counts),
        22: _write("i", lambda unit, count: unit.set_count(0, count)),
        23: _write("i", lambda unit, count: unit.set_count(1, count)),
        28: _write("4I", lambda unit, *pid: _set_pid(unit, 0, pid)),
        29: _write("4I", lambda unit, *pid: _set_pid(unit, 1, pid)),
        32: _write("h", lambda unit, duty: _order_duty(unit, 0, duty)),
        33: _write("h", lambda unit, duty: _order_duty(unit, 1, duty)),
        34: _write("hh", _both_duties),
        35: _write("i", lambda unit, speed: _order_speed(unit, 0, speed)),
        36: _write("i", lambda unit, speed: _order_speed(unit, 1, speed)),
        37: _write("ii", _both_speeds),
        38: _write("Ii", lambda unit, accel, speed: _order_speed(unit, 0, speed, accel)),
        39: _write("Ii", lambda unit, accel, speed: _order_speed(unit, 1, speed, accel)),
        40: _write("Iii", _both_speeds_accel),
        50: _write("IiIi", _both_speeds_accels),
        52: _write("hI", lambda unit, duty, accel: _one_duty_accel(unit, 0, duty, accel)),
        53: _write("hI", lambda unit, duty, accel: _one_duty_accel(unit, 1, duty, accel)),
        54: _write("hIhI", _both_duties_accel),
        57: _write("HH", lambda unit, low, high: unit.change(main_tenths_v=(low, high))),
        58: _write("HH", lambda unit, low, high: unit.change(logic_tenths_v=(low, high))),
        68: _write("I", lambda unit, accel: _set_accel(unit, 0, accel)),
        69: _write("I", lambda unit, accel: _set_accel(unit, 1, accel)),
        74: _write("3B", lambda unit, *pins: unit.change(pins=pins)),
        94: _write("I", _store),
        95: _write("", _restore),
        133: _write("II", lambda unit, most, least: _set_max_current(unit, 0, most, least)),
        134: _write("II", lambda unit, most, least: _set_max_current(unit, 1, most, least)),
        200: _write("", lambda unit: unit.reset_stop()),
    }
)
