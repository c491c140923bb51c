"""A BNO055 driver on its emulator: a truth that a test sets, and a little noise, so that no two samples are alike."""

from __future__ import annotations

from hal.api.clock import NS_PER_MS
from hal.api.errors import DeviceError
from hal.api.values import ImuReading, Vector
from hal.api.wiring import ImuWiring
from hal.buses.budget import BudgetedSerial
from hal.drivers.bno055 import Bno055
from sim_hal.emulators.bno055 import Bno055Chip
from sim_hal.emulators.bno055_registers import Quaternion
from tests.wire_bench import WireBench

CYCLE_S = 0.1
BUDGET_NS = 30 * NS_PER_MS


class Truth:
    """Implements `ImuTruth`."""

    def __init__(self) -> None:
        self.gyro: Vector = (0.1, -0.2, 0.3)
        self.accel: Vector = (0.5, -0.25, 1.5)
        self.attitude: Quaternion = (1.0, 0.0, 0.0, 0.0)
        self._count = 0

    def gyro_rad_s(self) -> Vector:
        return self._noisy(self.gyro, 0.002)

    def accel_m_s2(self) -> Vector:
        return self._noisy(self.accel, 0.02)

    def quaternion(self) -> Quaternion:
        return self.attitude

    def _noisy(self, vector: Vector, size: float) -> Vector:
        self._count += 1
        a, b, c = (((self._count * step) % 13 - 6) / 6.0 * size for step in (3, 5, 7))
        return (vector[0] + a, vector[1] + b, vector[2] + c)


class Tap:
    """Implements `SerialChip`: the chip, with what the host sent written down."""

    def __init__(self, chip: Bno055Chip) -> None:
        self._chip = chip
        self.connect = chip.connect
        self.sent: list[bytes] = []

    def receive(self, data: bytes, start_ns: int, end_ns: int) -> None:
        self.sent.append(data)
        self._chip.receive(data, start_ns, end_ns)


class ImuRig:
    """Driver, wires and chip."""

    def __init__(self, **wiring: str) -> None:
        self.bench = WireBench()
        self.truth = Truth()
        self.chip = Bno055Chip(self.truth)
        self.tap = Tap(self.chip)
        self.line, self.port = self.bench.serial(self.tap, name="imu_uart")
        self.on = True
        self.bus = BudgetedSerial(self.port, BUDGET_NS, self.bench.plug)
        self.imu = Bno055(self.bus, ImuWiring(bus="imu_uart", **wiring), self.bench.plug, lambda: self.on)  # type: ignore[arg-type]  # axes of a test
        self.longest_ns = 0
        """Longest call so far."""

    def power(self, on: bool) -> None:
        self.on = on
        self.chip.power(on, self.bench.plug.now_ns())

    def read(self) -> ImuReading:
        """One reading, its time noted."""
        start_ns = self.bench.plug.now_ns()
        try:
            return self.imu.read()
        finally:
            self.longest_ns = max(self.longest_ns, self.bench.plug.now_ns() - start_ns)

    def cycle(self) -> ImuReading | DeviceError:
        """One reading or its error, then the rest of a cycle."""
        try:
            return self.read()
        except DeviceError as error:
            return error
        finally:
            self.bench.pass_s(CYCLE_S)

    def cycles(self, count: int) -> list[ImuReading | DeviceError]:
        """Several."""
        return [self.cycle() for _ in range(count)]

    def running(self, within: int = 60) -> ImuReading:
        """Cycles until there is a reading."""
        for _ in range(within):
            result = self.cycle()
            if isinstance(result, ImuReading):
                return result
        raise AssertionError(f"no reading in {within} cycles: {result}")

    def is_true(self, reading: ImuReading, gyro: float = 0.005, accel: float = 0.03) -> bool:
        """Whether a reading is what the chip feels, within noise and resolution."""
        return all(
            abs(a - b) <= size
            for pair, truth, size in (
                (reading.gyro_rad_s, self.truth.gyro, gyro),
                (reading.accel_m_s2, self.truth.accel, accel),
            )
            for a, b in zip(pair, truth, strict=True)
        )
