"""The power subsystem of the reference rover on fakes."""

from __future__ import annotations

from importlib.resources import files
from itertools import pairwise
from typing import Any

import msgspec

from flight.blackboard import MobilityState, ThermalState
from flight.loads import Loads
from flight.subsystems.power import Power
from flight.subsystems.power_config import PowerConfig
from hal.api.config import decode_raw, parse_toml
from telemetry_defs.definitions import Command, Mode
from tests.fakes.array import FakeArray
from tests.fakes.context import Bench, FakeExecution
from tests.fakes.power_monitor import FakePowerMonitor
from tests.fakes.switches import FakeSwitches

HELD_ON = ("radio_relay", "radio_local", "charge")


def section(name: str, kind: type) -> Any:
    """One section of the shipped rover file."""
    raw = parse_toml(files("flight").joinpath("rovers/south_pole.toml").read_text(), "south_pole.toml")
    return decode_raw(raw[name], kind, "south_pole.toml")


class PowerBench(Bench):
    """Power with a battery at 0.8, 20 C, at rest, in the dark."""

    def __init__(self, mode: Mode = Mode.IDLE, soc: float | None = 0.8) -> None:
        super().__init__(mode)
        self.config: PowerConfig = section("power", PowerConfig)
        self.loads = Loads(tuple(self.config.loads), HELD_ON)
        self.monitor = FakePowerMonitor(self.clock)
        self.array = FakeArray(self.clock)
        self.switches = FakeSwitches(self.clock, self.config.loads, HELD_ON)
        self.battery_c: float | None = 20.0
        self.battery_hot_c: float | None = None
        self.moving: bool | None = False
        self.power = self.make()
        self.power.restore(soc)
        if soc is not None:
            self.rest_at(soc)

    def make(self) -> Power:
        """Another instance on the same devices, as after a restart of the row."""
        return Power(
            monitor=self.monitor,
            array=self.array,
            switches=self.switches,
            loads=self.loads,
            config=self.config,
            context=self.context,
        )

    def rest_at(self, soc: float) -> None:
        """Voltage of a battery at rest with this charge."""
        points = list(zip(self.config.battery.ocv_soc, self.config.battery.ocv_v, strict=True))
        for (s0, v0), (s1, v1) in pairwise(points):
            if s0 <= soc <= s1:
                cell_v = v0 + (v1 - v0) * (soc - s0) / (s1 - s0)
                self.monitor.voltage_v = cell_v * self.config.battery.cells_in_series
                return
        raise AssertionError(soc)

    def mode(self, mode: Mode) -> None:
        """Enter a mode."""
        self.modes.put(mode)
        self.power.apply_mode(mode)

    def run(self, duration_s: float) -> None:
        """Tick at 1 Hz with the neighbours' snapshots fresh."""
        for now_ns in self.every(1.0, duration_s):
            self.publish_neighbours(now_ns)
            self.power.tick(now_ns)

    def publish_neighbours(self, now_ns: int) -> None:
        """Thermal and mobility; None stands for a subsystem that does not publish."""
        hot_c = self.battery_c if self.battery_hot_c is None else self.battery_hot_c
        self.board.thermal = ThermalState(
            time_ns=now_ns,
            web_c=10.0,
            battery_c=self.battery_c,
            battery_hot_c=hot_c,
            motors_c=(10.0,) * 6,
            instruments_c=10.0,
            motors_warm=True,
            too_hot=False,
            too_cold=False,
            heater_w=0.0,
        )
        if self.moving is not None:
            self.board.mobility = MobilityState(
                time_ns=now_ns,
                moving=self.moving,
                motion_ended_ns=None,
                x_m=0.0,
                y_m=0.0,
                yaw_rad=0.0,
                pitch_rad=0.0,
                roll_rad=0.0,
                tilt_rad=0.0,
                embedded=False,
            )

    def send(self, command: Command, args: msgspec.Struct | None = None) -> FakeExecution:
        """Run a telecommand's handler."""
        execution = FakeExecution()
        self.power.handlers()[command.name](args, execution)
        return execution
