"""Thermal: what is warm enough for its task, which heaters run, and whether they do what they are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from flight.blackboard import ThermalState, fresh
from flight.context import Context, Execution, Handler
from flight.heat.battery_heating import BatteryHeating
from flight.heat.battery_vote import NOTHING, vote
from flight.heat.heater_health import HeaterHealth
from flight.heat.heater_test import HeaterTest
from flight.heat.motor_warmth import FIRST, MotorWarmth
from flight.heat.sensors import SensorPanel
from flight.heat.supply import Supply
from flight.heat.thermal_reports import ThermalReports
from flight.heat.warm_up import WarmUp
from flight.heat.web_range import WebRange
from flight.held_switches import HeldSwitches
from flight.persistence import Backoff
from flight.subsystems.thermal_config import HEATERS, ThermalConfig
from hal.api.clock import NS_PER_S, seconds
from hal.api.devices import SwitchBank, TemperatureSensors
from hal.api.errors import DeviceError
from hal.api.values import TEMPERATURES
from telemetry_defs.areas import thermal as area
from telemetry_defs.areas.heaters import TEST_HEATER, TestHeater
from telemetry_defs.areas.thermal import Sensor, ThermalTarget
from telemetry_defs.definitions import FailureCode, Mode

_KEEP, _CHARGE, _DRIVE = ThermalTarget.KEEP, ThermalTarget.CHARGE_READY, ThermalTarget.DRIVE_READY
MODE_TARGETS: Final = MappingProxyType(
    {
        Mode.INIT: _KEEP,
        Mode.STOWED: _KEEP,
        Mode.SERVICE: _DRIVE,
        Mode.EGRESS: _DRIVE,
        Mode.IDLE: _KEEP,
        Mode.CHARGE: _CHARGE,
        Mode.DRIVE: _DRIVE,
        Mode.SCIENCE: _KEEP,
        Mode.COMM: _KEEP,
        Mode.THERMAL_HOLD: _KEEP,
        Mode.HIBERNATE: _KEEP,
        Mode.WAKE: ThermalTarget.WAKE_UP,
        Mode.SAFE: _KEEP,
    }
)
"""What each mode asks of thermal control."""

HEATER_HOLD_NS: Final = 30 * NS_PER_S
JUDGE_NS: Final = 10 * NS_PER_S
"""Heat balances are fed this often: nodes change by less than a sensor's noise in a second."""
FLOOR_BAND_K: Final = 0.5
"""A reading this close to the floor of the sensors may be any colder temperature."""
BATTERY: Final = 0
"""Place of the battery heater in `HEATERS`; the motors follow in the order of the wheels."""


class Thermal:
    """The thermal subsystem; 1 Hz."""

    def __init__(
        self, *, sensors: TemperatureSensors, heaters: SwitchBank, config: ThermalConfig, context: Context
    ) -> None:
        self._device = sensors
        self._config = config
        self._context = context
        self._beliefs = tuple(config.heaters[name] for name in HEATERS)
        self._surroundings = tuple(TEMPERATURES.index(belief.surroundings) for belief in self._beliefs)
        self._backoff = Backoff(NS_PER_S, 10 * NS_PER_S)
        self._panel = SensorPanel()
        self._switches = HeldSwitches(heaters, HEATERS, HEATER_HOLD_NS)
        self._web = WebRange(self._panel, context.parameters)
        self._motors = MotorWarmth(self._panel, context.parameters)
        self._battery = NOTHING
        self._heating = BatteryHeating(context.parameters)
        self._supply = Supply(context.parameters)
        self._warm_up = WarmUp()
        self._test = HeaterTest()
        self._health = tuple(HeaterHealth(belief) for belief in self._beliefs)
        self._reports = ThermalReports(context.events, self._panel)
        self._target = MODE_TARGETS[context.modes.mode]
        self._on = (False,) * len(HEATERS)
        self._heater_w = 0.0
        self._energy_j = 0.0
        self._last_ns: int | None = None
        self._judged_ns = 0
        self._errors = 0

    def tick(self, now_ns: int) -> None:
        """Read, decide, switch, judge, publish."""
        self._read(now_ns)
        self._decide(now_ns)
        self._switch(now_ns)
        if now_ns - self._judged_ns >= JUDGE_NS:
            self._judged_ns = now_ns
            self._judge(now_ns)
        self._publish(now_ns)

    def make_safe(self) -> None:
        """Every heater off."""
        self._test.end(FailureCode.INTERNAL)
        self._on = (False,) * len(HEATERS)
        self._heater_w = 0.0
        self._switches.make_safe()

    def apply_mode(self, mode: Mode) -> None:
        """Take the target of the mode just entered."""
        self._target = MODE_TARGETS[mode]
        if mode is not Mode.SERVICE:
            self._test.end(FailureCode.ABORTED)

    def request_motor_warmup(self, on: bool) -> None:
        """For other subsystems: keep the motors warm enough to turn until told otherwise."""
        self._warm_up.requested = on

    def handlers(self) -> Mapping[str, Handler]:
        """Telecommands of this area."""
        return {
            area.WARM_MOTORS.name: self._warm_motors,
            area.MASK_SENSOR.name: self._mask_sensor,
            area.CLEAR_FAULTS.name: self._clear_faults,
            TEST_HEATER.name: self._test_heater,
        }

    def housekeeping(self) -> area.ThermalHk:
        """The packet `thermal.hk`."""
        sensors = self._panel.sensors
        return area.ThermalHk(
            temperatures_c=tuple(None if sensor.lost else sensor.last_c for sensor in sensors),
            battery_c=self._battery.coldest_c,
            target=self._target,
            battery_control=self._heating.control,
            battery_heater_on_c=self._heating.on_below_c,
            heaters_on=_mask(self._on),
            heaters_failed=_mask(health.failed for health in self._health),
            heaters_stuck=_mask(health.stuck_on for health in self._health),
            sensors_lost=_mask(sensor.lost for sensor in sensors),
            sensors_masked=_mask(sensor.masked for sensor in sensors),
            heater_w=self._heater_w,
            heater_budget_w=self._supply.budget_w,
            heater_energy_wh=self._energy_j / 3600.0,
            motors_warm=self._motors.warm,
            too_hot=self._web.too_hot,
            too_cold=self._web.too_cold,
            device_errors=self._errors + self._switches.errors,
            battery_warmest_c=self._battery.warmest_c,
        )

    def _read(self, now_ns: int) -> None:
        self._panel.update(now_ns, self._fetch(now_ns))
        self._web.update()
        self._motors.update()
        a_c, b_c = self._panel.value_c(Sensor.BATTERY_A), self._panel.value_c(Sensor.BATTERY_B)
        self._battery = vote(a_c, b_c, self._web.web_c, self._context.parameters.get(area.DISAGREE_K))
        self._reports.sensors()
        self._reports.battery(self._battery, a_c, b_c)
        self._reports.web(self._web)

    def _fetch(self, now_ns: int) -> tuple[float | None, ...] | None:
        if not self._backoff.due(now_ns):
            return None
        try:
            readings_c = self._device.read().temperature_c
        except DeviceError:
            self._errors += 1
            self._backoff.failed(now_ns)
            return None
        self._backoff.succeeded()
        return readings_c

    def _decide(self, now_ns: int) -> None:
        """Wishes by priority, granted while the budget lasts; a heater stuck on has taken its share already."""
        self._supply.update(fresh(self._context.board.power, now_ns), self._battery.coldest_c)
        left_w = self._supply.budget_w
        left_w -= sum(b.power_w for b, h in zip(self._beliefs, self._health, strict=True) if h.stuck_on)
        granted = []
        wishes = self._test.wishes(self._wishes(now_ns), now_ns)
        for wish, belief, health in zip(wishes, self._beliefs, self._health, strict=True):
            on = wish and belief.power_w <= left_w and health.usable(now_ns)
            if on:
                left_w -= belief.power_w
            granted.append(on)
        self._on = tuple(granted)

    def _wishes(self, now_ns: int) -> tuple[bool, ...]:
        target, delivers = self._target, self._supply.delivers
        charge_ready = delivers or target in (ThermalTarget.CHARGE_READY, ThermalTarget.WAKE_UP)
        battery = self._heating.wants(now_ns, self._battery, self._web.web_c, charge_ready)
        warm = self._warm_motors_wanted(now_ns)
        limit_ns = seconds(self._context.parameters.get(area.WARMUP_LIMIT_S))
        self._reports.motors(self._motors, self._warm_up.slow(now_ns, warm, self._motors.warm, limit_ns))
        self._warm_up.settle(now_ns, self._motors.warm, self._motors.coldest_c)
        return (battery, *self._motors.wants(warm))

    def _warm_motors_wanted(self, now_ns: int) -> bool:
        waking = self._target is ThermalTarget.WAKE_UP and self._supply.delivers and self._supply.rich
        return waking or self._target is ThermalTarget.DRIVE_READY or self._warm_up.wanted(now_ns)

    def _switch(self, now_ns: int) -> None:
        if self._last_ns is not None:
            self._energy_j += self._heater_w * (now_ns - self._last_ns) / NS_PER_S
        self._last_ns = now_ns
        for name in self._switches.apply(now_ns, self._on):
            number = HEATERS.index(name)
            if self._switches.switches[name].stuck:
                self._reports.switch_stuck(number, self._node_c(number))
        self._test.settle(self._on, tuple(item.is_on for item in self._switches.switches.values()), now_ns)
        self._reports.heaters_lost(self._switches.lost)
        self._heater_w = sum(
            belief.power_w
            for on, belief, health in zip(self._on, self._beliefs, self._health, strict=True)
            if on or health.stuck_on
        )

    def _judge(self, now_ns: int) -> None:
        """Feed the heat balances; a driven motor heats itself, so its window is dropped while the rover may move."""
        mobility = fresh(self._context.board.mobility, now_ns)
        still = mobility is not None and not mobility.moving
        get = self._context.parameters.get
        window_ns, retry_ns = seconds(get(area.JUDGE_AFTER_S)), seconds(get(area.RETRY_AFTER_S))
        for number, health in enumerate(self._health):
            node_c = self._node_c(number)
            if self._switches.lost or (number != BATTERY and not still):
                health.balance.restart()
                continue
            visible_c = None if node_c is None or self._is_blurred(number, node_c) else node_c
            on, around_c = self._on[number], self._panel.value_c(self._surroundings[number])
            verdict = health.balance.update(now_ns, on, visible_c, around_c, window_ns)
            if verdict is not None and health.judge(now_ns, verdict, on, retry_ns):
                self._reports.heater(number, health, node_c)

    def _node_c(self, number: int) -> float | None:
        if number == BATTERY:
            return self._battery.control_c
        return self._panel.value_c(FIRST + number - 1)

    def _is_blurred(self, number: int, node_c: float) -> bool:
        """Whether a change of the node would not show: at the sensors' floor, or while they contradict each other."""
        if number == BATTERY and self._battery.disagree:
            return True
        return abs(node_c - self._config.sensor_floor_c) <= FLOOR_BAND_K

    def _publish(self, now_ns: int) -> None:
        self._context.board.thermal = ThermalState(
            time_ns=now_ns,
            web_c=self._web.web_c,
            battery_c=self._battery.coldest_c,
            battery_hot_c=self._battery.warmest_c,
            motors_c=self._motors.temperatures_c,
            instruments_c=self._panel.value_c(Sensor.INSTRUMENTS),
            motors_warm=self._motors.warm,
            too_hot=self._web.too_hot,
            too_cold=self._web.too_cold,
            heater_w=self._heater_w,
        )

    def _warm_motors(self, args: area.WarmMotors, execution: Execution) -> None:
        self._warm_up.order(self._context.clock.now_ns(), seconds(args.hold_s), execution)

    def _test_heater(self, args: TestHeater, execution: Execution) -> None:
        self._test.begin(args, execution, self._context.clock.now_ns())

    def _mask_sensor(self, args: area.MaskSensor, execution: Execution) -> None:
        self._panel.sensors[args.sensor].masked = args.masked
        execution.complete()

    def _clear_faults(self, _args: object, execution: Execution) -> None:
        for health in self._health:
            health.clear()
        self._switches.reset()
        execution.complete()


def _mask(flags: Iterable[bool]) -> int:
    """Bit n for the n-th flag."""
    return sum(1 << number for number, flag in enumerate(flags) if flag)
