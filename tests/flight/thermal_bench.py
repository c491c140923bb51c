"""The thermal subsystem of the reference rover on fakes, with or without heat that really flows."""

from __future__ import annotations

import msgspec

from flight.blackboard import MobilityState, PowerState
from flight.subsystems.thermal import Thermal
from flight.subsystems.thermal_config import HEATERS, ThermalConfig
from hal.api.values import WHEELS
from telemetry_defs.definitions import Command, Mode
from tests.fakes.context import Bench, FakeExecution
from tests.fakes.switches import FakeSwitches
from tests.fakes.temperatures import FakeTemperatures
from tests.flight.power_bench import section


class ThermalBench(Bench):
    """Thermal with everything at 10 C, a battery at 0.8 and a dark array."""

    def __init__(self, mode: Mode = Mode.IDLE) -> None:
        super().__init__(mode)
        self.config: ThermalConfig = section("thermal", ThermalConfig)
        self.sensors = FakeTemperatures(self.clock)
        self.heaters = FakeSwitches(self.clock, HEATERS)
        self.soc: float | None = 0.8
        self.array_w: float | None = 0.0
        self.current_a: float | None = -0.5
        self.moving: bool | None = False
        self.thermal = Thermal(sensors=self.sensors, heaters=self.heaters, config=self.config, context=self.context)
        self.flows = False
        """Whether heaters really heat (and the web cools the battery)."""
        self.dead_elements: list[str] = []
        """Heaters whose switch works and whose element does not."""
        self.welded: list[str] = []
        """Heaters that heat whatever their switch says."""

    def mode(self, mode: Mode) -> None:
        """Enter a mode."""
        self.modes.put(mode)
        self.thermal.apply_mode(mode)

    def run(self, duration_s: float) -> None:
        """Tick at 1 Hz with the neighbours' snapshots fresh."""
        for now_ns in self.every(1.0, duration_s):
            if self.flows:
                self._flow()
            self.publish_neighbours(now_ns)
            self.thermal.tick(now_ns)

    def _flow(self) -> None:
        """One second of heat."""
        celsius = self.sensors.celsius
        for heater, belief in self.config.heaters.items():
            names = ("battery_a", "battery_b") if heater == "battery" else (heater,)
            around_c = celsius[belief.surroundings]
            on = self.heaters.really_on(heater) and heater not in self.dead_elements
            heat_w = belief.power_w if on or heater in self.welded else 0.0
            for name in names:
                node_c = celsius[name]
                if node_c is not None and around_c is not None:
                    rate = (heat_w - belief.loss_w_k * (node_c - around_c)) / belief.heat_capacity_j_k
                    celsius[name] = node_c + rate

    def publish_neighbours(self, now_ns: int) -> None:
        """Power and mobility; a `moving` of None stands for a mobility that does not publish."""
        self.board.power = PowerState(
            time_ns=now_ns,
            soc=self.soc,
            bus_voltage_v=26.0,
            battery_current_a=self.current_a,
            array_w=self.array_w,
            shed_level=0,
            charge_inhibited=False,
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

    def on(self) -> list[str]:
        """Heaters that are really switched on."""
        return self.heaters.all_on()

    def send(self, command: Command, args: msgspec.Struct | None = None) -> FakeExecution:
        """Run a telecommand's handler."""
        execution = FakeExecution()
        self.thermal.handlers()[command.name](args, execution)
        return execution


MOTORS = [f"motor_{wheel}" for wheel in WHEELS]
