"""Three emulated RoboClaws behind the real driver, and a line whose answers a test writes down."""

from __future__ import annotations

from hal.api.clock import NS_PER_MS
from hal.api.errors import DeviceError
from hal.api.values import WheelReadings
from hal.api.wiring import DriveUnit, WheelsWiring
from hal.buses.budget import BudgetedSerial
from hal.drivers.roboclaw import RoboClaw
from hal.drivers.roboclaw_line import RoboClawLine
from hal.drivers.roboclaw_wheels import RoboClawWheels
from sim_hal.buses.serial import Emit
from sim_hal.emulators.roboclaw import RoboclawBus
from sim_hal.emulators.roboclaw_motor import FreeMotor
from sim_hal.emulators.roboclaw_unit import RoboclawUnit
from tests.wire_bench import WireBench

COUNTS_PER_RAD = 119.65
HOLD_NS = 500 * NS_PER_MS
FORWARD = (0.5,) * 6
STILL = (0.0,) * 6
WIRING = WheelsWiring(
    bus="uart",
    counts_per_rad=COUNTS_PER_RAD,
    timeout_s=0.5,
    units=(
        DriveUnit(address=0x80, m1="front_left", m2="middle_left"),
        DriveUnit(address=0x81, m1="rear_right", m2="rear_left", m1_sign=-1),
        DriveUnit(address=0x82, m1="front_right", m2="middle_right", m1_sign=-1, m2_sign=-1),
    ),
)
OF_UNIT = ((0, 2), (5, 4), (1, 3))
"""Columns in the order of `WHEELS` of each unit's M1 and M2."""
OLD = {"wide": False, "together": False, "firmware": "USB Roboclaw 2x7a v4.1.2"}


class Motor(FreeMotor):
    """A motor that stands where a test puts it."""

    def __init__(self, counts: int = 0, counts_s: float = 0.0, current_a: float = 0.0) -> None:
        super().__init__()
        self.at, self.rate, self.amps = counts, counts_s, current_a

    def counts(self) -> int:
        return self.at

    def counts_s(self) -> float:
        return self.rate

    def current_a(self) -> float:
        return self.amps


class Drives:
    """Driver, wires and units; without `motors` they run freely."""

    def __init__(
        self,
        wiring: WheelsWiring = WIRING,
        *,
        motors: bool = False,
        budget_ms: float | None = None,
        old: bool = False,
        addresses: tuple[int, ...] = (0x80, 0x81, 0x82),
    ) -> None:
        self.bench = WireBench()
        self.motors = tuple((Motor(), Motor()) for _ in wiring.units) if motors else ()
        kind = OLD if old else {}
        self.units = tuple(
            RoboclawUnit(address, self.motors[n] if motors else None, **kind)  # type: ignore[arg-type]
            for n, address in enumerate(addresses)
        )
        self.line, port = self.bench.serial(RoboclawBus(self.units))
        self.fed = True
        bus = port if budget_ms is None else BudgetedSerial(port, round(budget_ms * NS_PER_MS), self.bench.plug)
        self.bus = bus
        self.wheels = RoboClawWheels(bus, wiring, self.bench.plug, lambda: self.fed)

    @property
    def now_ns(self) -> int:
        return self.bench.plug.now_ns()

    def pass_s(self, duration_s: float) -> None:
        self.bench.pass_s(duration_s)

    def cycles(self, count: int, speeds: tuple[float, ...] | None = None) -> list[WheelReadings | DeviceError]:
        """`count` cycles of 0.1 s: a reading, and a command if there are speeds."""
        found: list[WheelReadings | DeviceError] = []
        for _ in range(count):
            end_ns = self.now_ns + 100 * NS_PER_MS
            try:
                found.append(self.wheels.read())
                if speeds is not None:
                    self.wheels.command(speeds, HOLD_NS)
            except DeviceError as error:
                found.append(error)
            self.bench.plug.sleep_until_ns(end_ns)
        return found

    def demands(self) -> tuple[tuple[str, float], ...]:
        """Kind and value of all six channels, unit by unit."""
        found = [unit.demand(channel, self.now_ns) for unit in self.units for channel in (0, 1)]
        return tuple((demand.kind, demand.value) for demand in found)


class Script:
    """A serial chip that answers each request with the next bytes written down, after a millisecond."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.heard: list[tuple[bytes, int]] = []
        self._emit: Emit | None = None

    def connect(self, emit: Emit) -> None:
        self._emit = emit

    def receive(self, data: bytes, start_ns: int, end_ns: int) -> None:
        self.heard.append((data, start_ns))
        if self.answers and (answer := self.answers.pop(0)) and self._emit is not None:
            self._emit(answer, NS_PER_MS)


class Lone:
    """One driver unit at 0x80 with a scripted line."""

    def __init__(self, *answers: bytes, budget_ms: float | None = None) -> None:
        self.bench = WireBench()
        self.chip = Script(*answers)
        self.wires, port = self.bench.serial(self.chip)
        bus = port if budget_ms is None else BudgetedSerial(port, round(budget_ms * NS_PER_MS), self.bench.plug)
        self.line = RoboClawLine(bus, self.bench.plug)
        self.unit = RoboClaw(self.line, 0x80)

    @property
    def now_ns(self) -> int:
        return self.bench.plug.now_ns()
