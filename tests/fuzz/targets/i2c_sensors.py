"""INA260, TMP117 and PCA9685 replies into the real drivers: device errors only, bounded time, no invented value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from hal.api.clock import NS_PER_MS, NS_PER_S
from hal.api.errors import DeviceError
from hal.api.wiring import MonitorWiring, SensorWiring
from hal.drivers.ina260 import LSB_A, LSB_V
from hal.drivers.power_monitors import Ina260Monitor
from hal.drivers.temperature_sensors import Tmp117Sensors
from hal.drivers.tmp117 import LSB_C
from sim_hal.buses.i2c import I2cChip
from sim_hal.emulators.ina260 import Ina260Chip
from sim_hal.emulators.tmp117 import Tmp117Chip
from tests.fuzz.draw import Draw
from tests.hal.drivers.i2c_bench import BUDGET_NS, I2cBench
from tests.hal.drivers.test_servo_steering import SteeringBench

CYCLES: Final = 24
LONGEST_NS: Final = BUDGET_NS + 5 * NS_PER_MS
HOLD_NS: Final = NS_PER_S // 2
_INA, _TMP = 0x45, 0x48


class DrawnReads:
    """Implements `sim_hal.buses.i2c.ReadFault`; `seen` is what the master saw."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self.seen: list[bytes] = []

    def __call__(self, address: int, read: bytes) -> bytes | None:
        del address
        draw = self._draw
        kind = draw.below(6) if draw.left else 0
        if kind == 1:
            return None
        if kind == 2 and read:
            at = draw.number() % len(read)
            read = read[:at] + bytes((read[at] ^ draw.number(),)) + read[at + 1 :]
        elif kind == 3:
            read = draw.take(len(read)).ljust(len(read), b"\xff")
        elif kind == 4:
            read = read[: draw.number()]
        self.seen.append(read)
        return read


def seeds() -> Iterator[bytes]:
    """No fault, and each kind before and after set-up, for each driver."""
    for device in range(3):
        yield bytes((device,))
        for before in (0, 12):
            for kind in range(1, 5):
                yield bytes((device,)) + bytes(before) + bytes((kind, 1, 0x80)) * 8


def check(data: bytes) -> None:
    """One driver for some cycles."""
    draw = Draw(data)
    (_monitor, _temperatures, _steering)[draw.below(3)](draw)


def _monitor(draw: Draw) -> None:
    bench, faults = _bench(draw, {_INA: Ina260Chip(lambda: 14.8, lambda: 1.25)})
    device = Ina260Monitor(bench.bus, MonitorWiring(bus="i2c1", address=_INA), bench.plug)
    for reading in _cycles(bench, device.read):
        for value, lsb in ((reading.bus_voltage_v, LSB_V), (reading.battery_current_a, LSB_A)):
            assert (round(value / lsb) & 0xFFFF).to_bytes(2, "big") in faults.seen, value


def _temperatures(draw: Draw) -> None:
    bench, faults = _bench(draw, {_TMP: Tmp117Chip(lambda: -20.25)})
    wiring = SensorWiring(bus="i2c1", address=_TMP, measures=("battery",))
    device = Tmp117Sensors([(bench.bus, wiring)], bench.plug)
    for reading in _cycles(bench, device.read):
        for value in reading.temperature_c:
            assert value is None or (round(value / LSB_C) & 0xFFFF).to_bytes(2, "big") in faults.seen, value


def _steering(draw: Draw) -> None:
    bench = SteeringBench()
    bench.wires.fault = DrawnReads(draw)
    angles = (0.3, -0.3, 0.2, -0.2)

    def turn() -> Any:
        bench.steering.command(angles, HOLD_NS)
        return bench.steering.read()

    for reading in _cycles(bench, turn):
        assert all(value is None or abs(value) < 2.0 for value in reading.angle_rad)
    for channel in range(4):
        pulse_us = bench.chip.pulse_us(channel, bench.plug.now_ns())
        assert pulse_us is None or 500.0 <= pulse_us <= 2500.0, pulse_us


def _bench(draw: Draw, chips: dict[int, I2cChip]) -> tuple[I2cBench, DrawnReads]:
    bench, faults = I2cBench(chips), DrawnReads(draw)
    bench.wires.fault = faults
    return bench, faults


def _cycles(bench: I2cBench, ask: Callable[[], Any]) -> Iterator[Any]:
    for _ in range(CYCLES):
        start_ns = bench.plug.now_ns()
        try:
            reading = ask()
        except DeviceError as error:
            assert str(error).isprintable()
        else:
            yield reading
        assert bench.plug.now_ns() - start_ns <= LONGEST_NS
        bench.pass_s(0.1)
