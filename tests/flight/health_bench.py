"""Recovery over a board of devices that can be broken one by one, with a power subsystem that grants every load."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from flight.blackboard import Blackboard, MobilityState
from flight.commanding.completion import complete
from flight.durable import Durable
from flight.health.config import HealthConfig
from flight.health.recovery import Recovery
from flight.health.registry import DeviceRecord
from flight.health.services import HealthServices
from flight.health.watched import NO_DEVICES, watch
from flight.loads import Loads
from hal.api.board import Hal
from hal.api.errors import DeviceError
from hal.api.values import ResetCause, Value
from telemetry_defs.areas.health import DeviceId, DeviceState, WhichDevice
from telemetry_defs.definitions import Command, NoArguments
from tests.fakes.context import CapturedEvents, FakeClock, FakeExecution
from tests.fakes.storage import FakeStorage

HELD_ON = ("radio_relay", "radio_local", "imu", "nav", "motors")
LINES = (*HELD_ON, "camera", "spectrometer", "dosimeter", "plasma")
INSTRUMENTS = ("spectrometer", "dosimeter", "plasma")


class BreakableDevice:
    """Answers every question until it has a fault, and counts how often it was reached."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.fault: type[Exception] | None = None
        self.reading: Value | None = None
        self.reached = 0
        self.made_safe = 0

    def read(self) -> object:
        self.reached += 1
        if self.fault is not None:
            raise self.fault(self._name, "broken by the test")
        return "answer" if self.reading is None else self.reading

    status = poll = read_gps_ns = read

    def make_safe(self) -> None:
        self.made_safe += 1
        if self.fault is not None:
            raise self.fault(self._name, "broken by the test")


class HealthBench:
    """`boot` makes flight's part anew from what was saved; devices, lines and clock stay."""

    def __init__(self, config: HealthConfig | None = None, absent: tuple[str, ...] = ()) -> None:
        self.clock = FakeClock()
        self.config = config or HealthConfig()
        self.devices = {d.name.lower(): BreakableDevice(d.name.lower()) for d in DeviceId}
        self.absent = absent
        self.in_use: dict[str, None] = {}
        """Devices that their owner asks once a second, however they answer."""
        self.moving: bool | None = False
        """None: mobility does not say."""
        self.saved: tuple[list[int], dict[int, int]] = ([], {})
        self.saves = 0
        self.storage = FakeStorage()
        self.storage_works = True
        self.boot()

    def boot(self) -> None:
        """A new incarnation."""
        devices: dict[str, Any] = dict(self.devices)
        board = {
            field.name: None if field.name in self.absent else devices.get(field.name)
            for field in fields(Hal)
            if field.name not in (*NO_DEVICES, "instruments")
        }
        instruments = {name: devices[name] for name in INSTRUMENTS if name not in self.absent}
        values: dict[str, Any] = {**board, "instruments": instruments}
        self.hal, self.registry = watch(Hal(clock=self.clock, reset_cause=ResetCause.POWER_ON, **values))
        self.registry.restore(*self.saved)
        self.loads = Loads(LINES, HELD_ON)
        self.blackboard = Blackboard()
        self.events = CapturedEvents()
        self.recovery = Recovery(
            registry=self.registry,
            loads=self.loads,
            board=self.blackboard,
            events=self.events,
            config=self.config,
            save=self.save,
        )
        self.durable = Durable(self.storage, self.clock)
        self.services = HealthServices(self.registry, self.recovery, self.clock)

    def save(self) -> int | None:
        self.saves += 1
        if not self.storage_works:
            return None
        self.saved = self.registry.kept_dead(), self.registry.kept_power_cycles()
        return self.storage.replace("state", b"")

    def device(self, name: str) -> Any:
        """As flight is handed it."""
        return self.hal.instruments[name] if name in INSTRUMENTS else getattr(self.hal, name)

    def record(self, name: str) -> DeviceRecord:
        return self.registry.records[DeviceId[name.upper()]]

    def state(self, name: str) -> DeviceState:
        return self.record(name).state

    def use(self, name: str) -> bool:
        """Ask a device as its owner would; whether it answered."""
        try:
            self.device(name).read()
        except DeviceError:
            return False
        return True

    def run_s(self, duration_s: int) -> None:
        """Second by second: owners ask, power grants, recovery looks."""
        for _ in range(duration_s):
            now_ns = self.clock.advance_s(1.0)
            for line in LINES:
                self.loads.note(line, self.loads.wanted(line))
            if self.moving is not None:
                self.blackboard.mobility = _mobility(now_ns, self.moving)
            for name in self.in_use:
                self.use(name)
            self.recovery.tick(now_ns)

    def give(self, command: Command, name: str = "") -> FakeExecution:
        """Run a telecommand and, if it has to wait for storage, let storage finish."""
        execution = FakeExecution()
        arguments = WhichDevice(device=DeviceId[name.upper()]) if name else NoArguments()
        self.services.handlers()[command.name](arguments, execution)
        if not execution.started and not execution.ended:
            complete(command, execution, self.durable, self.save)
        self.durable.tick(self.clock.now_ns())
        return execution


def _mobility(now_ns: int, moving: bool) -> MobilityState:
    return MobilityState(
        time_ns=now_ns,
        moving=moving,
        motion_ended_ns=None,
        x_m=0.0,
        y_m=0.0,
        yaw_rad=0.0,
        pitch_rad=None,
        roll_rad=None,
        tilt_rad=None,
        embedded=False,
    )
