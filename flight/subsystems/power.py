"""Power: what the battery holds, what the array gives, which loads may draw, whether the battery may be charged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from flight.blackboard import PowerState, fresh
from flight.context import Context, Execution, Handler
from flight.energy.battery_monitor import LOST_AFTER_NS, BatteryMonitor
from flight.energy.charging import Charging
from flight.energy.faces import FaceWatch
from flight.energy.load_orders import LoadOrders
from flight.energy.power_reports import PowerReports
from flight.energy.shedding import Shedding
from flight.energy.state_of_charge import StateOfCharge
from flight.held_switches import HeldSwitches
from flight.loads import Loads
from flight.persistence import Backoff, Persistent
from flight.subsystems.power_config import CHARGE_SWITCH, PowerConfig
from hal.api.absent import Absent
from hal.api.clock import NS_PER_S
from hal.api.devices import ArrayMonitor, PowerMonitor, SwitchBank
from hal.api.errors import DeviceError
from hal.api.values import FACES, FaceReading
from telemetry_defs.areas import power as area
from telemetry_defs.areas.power import LoadName, PowerTarget
from telemetry_defs.definitions import FailureCode, Mode

_FULL, _ESSENTIAL = PowerTarget.FULL, PowerTarget.ESSENTIAL
MODE_TARGETS: Final = MappingProxyType(
    {
        Mode.INIT: _ESSENTIAL,
        Mode.STOWED: _ESSENTIAL,
        Mode.SERVICE: _FULL,
        Mode.EGRESS: _FULL,
        Mode.IDLE: _FULL,
        Mode.CHARGE: _ESSENTIAL,
        Mode.DRIVE: _FULL,
        Mode.SCIENCE: _FULL,
        Mode.COMM: _FULL,
        Mode.THERMAL_HOLD: _ESSENTIAL,
        Mode.HIBERNATE: _ESSENTIAL,
        Mode.WAKE: _ESSENTIAL,
        Mode.SAFE: _ESSENTIAL,
    }
)
"""What each mode asks of power."""

LOAD_HOLD_NS: Final = 60 * NS_PER_S
MOTORS: Final = "motors"
ROLL_OUT_NS: Final = 10 * NS_PER_S
"""Motors that are to lose power keep it so long, for a rover that is still rolling to a stop."""


class Power:
    """The power subsystem; 1 Hz."""

    def __init__(
        self,
        *,
        monitor: PowerMonitor,
        array: ArrayMonitor,
        switches: SwitchBank,
        loads: Loads,
        config: PowerConfig,
        context: Context,
    ) -> None:
        self._array = array
        self._loads = loads
        self._config = config
        self._context = context
        self._monitor = BatteryMonitor(monitor, config)
        self._switches = HeldSwitches(switches, loads.names, LOAD_HOLD_NS, loads.note)
        self._orders = LoadOrders(loads)
        self._soc = StateOfCharge(config.battery)
        self._shedding = Shedding(context.parameters)
        self._charging = Charging(context.parameters)
        self._faces = FaceWatch(len(FACES), config.face_lit_w)
        self._array_backoff = Backoff(NS_PER_S, 30 * NS_PER_S)
        self._target = MODE_TARGETS[context.modes.mode]
        self._granted = dict.fromkeys(loads.names, False)
        self._levels = tuple(config.loads[name].shed_level for name in loads.names)
        self._last_reading_ns: int | None = None
        self._roll_out = Persistent(ROLL_OUT_NS)
        self._array_missing = Persistent(LOST_AFTER_NS)
        self._array_errors = 0
        self._array_w: float | None = None
        self._battery_c: float | None = None
        self._reports = PowerReports(context.events)

    @property
    def soc(self) -> float | None:
        """State of charge for the state image, 0 to 1; the last count even while the monitor is lost."""
        return self._soc.counted

    def restore(self, soc: float | None) -> None:
        """Take the state of charge from the state image; the first good voltage confirms or replaces it."""
        self._soc.restore(soc)

    def tick(self, now_ns: int) -> None:
        """Read, judge, switch, publish."""
        self._read_array(now_ns)
        self._read_battery(now_ns)
        self._shed(now_ns)
        self._charge(now_ns)
        self._switch(now_ns)
        self._publish(now_ns)

    def make_safe(self) -> None:
        """Every load switch to its safe value."""
        self._switches.make_safe()

    def apply_mode(self, mode: Mode) -> None:
        """Take the target of the mode just entered."""
        self._target = MODE_TARGETS[mode]

    def handlers(self) -> Mapping[str, Handler]:
        """Telecommands of this area."""
        return {
            area.SET_LOAD.name: self._set_load,
            area.AUTO_LOAD.name: self._auto_load,
            area.SET_SOC.name: self._set_soc,
            area.CLEAR_FAULTS.name: self._clear_faults,
        }

    def housekeeping(self) -> area.PowerHk:
        """The packet `power.hk`."""
        reading = self._monitor.reading
        switches = self._switches.switches
        return area.PowerHk(
            soc=self._soc.soc,
            soc_by_voltage=self._soc.by_voltage,
            bus_voltage_v=reading.bus_voltage_v if reading else None,
            battery_current_a=reading.battery_current_a if reading else None,
            battery_c=self._battery_c,
            array_w=self._array_w,
            faces_w=tuple(face.now_w for face in self._faces.faces),
            charged_ah=self._soc.charged_ah,
            discharged_ah=self._soc.discharged_ah,
            target=self._target,
            shed_level=self._shedding.level,
            loads_wanted=_mask(name for name in self._loads.names if self._loads.wanted(name)),
            loads_on=_mask(name for name in self._loads.names if self._loads.is_on(name)),
            loads_forbidden=_mask(name for name in self._loads.names if self._loads.forbidden(name)),
            loads_stuck=_mask(name for name in self._loads.names if switches[name].stuck),
            charge=self._charging.state,
            faces_lost=sum(1 << number for number, face in enumerate(self._faces.faces) if face.lost),
            device_errors=self._monitor.errors + self._switches.errors + self._array_errors,
        )

    def _read_array(self, now_ns: int) -> None:
        if isinstance(self._array, Absent):
            return
        faces = self._fetch_faces(now_ns)
        lost = self._array_missing.update(now_ns, faces is None)
        self._reports.array_lost(lost)
        if faces is None:
            self._array_w = None if lost else self._array_w
            return
        mobility = fresh(self._context.board.mobility, now_ns)
        still = mobility is not None and not mobility.moving
        for number in self._faces.update(now_ns, faces, still):
            self._reports.face(number, self._faces.faces[number])
        self._array_w = self._faces.total_w()

    def _fetch_faces(self, now_ns: int) -> tuple[FaceReading | None, ...] | None:
        if not self._array_backoff.due(now_ns):
            return None
        try:
            faces = self._array.read().faces
        except DeviceError:
            self._array_errors += 1
            self._array_backoff.failed(now_ns)
            return None
        self._array_backoff.succeeded()
        return faces

    def _read_battery(self, now_ns: int) -> None:
        all_answer = all(face.now_w is not None for face in self._faces.faces)
        self._monitor.read(now_ns, self._array_w if all_answer else None)
        thermal = fresh(self._context.board.thermal, now_ns)
        self._battery_c = thermal.battery_c if thermal else None
        reading = self._monitor.reading
        if reading is not None:
            last_ns = self._last_reading_ns
            dt_s = 0.0 if last_ns is None else (now_ns - last_ns) / NS_PER_S
            self._last_reading_ns = now_ns
            self._soc.step(dt_s, reading.bus_voltage_v, reading.battery_current_a, self._battery_c)
        elif self._monitor.lost:
            self._soc.forget()
        self._reports.battery(now_ns, self._monitor, self._soc)

    def _shed(self, now_ns: int) -> None:
        if self._context.modes.mode is Mode.INIT and self._soc.soc is None:
            return  # nothing sheddable is on yet, and the monitor may still be converting
        reading = self._monitor.reading
        voltage_v = reading.bus_voltage_v if reading else None
        current_a = reading.battery_current_a if reading else None
        self._shedding.update(now_ns, self._soc.soc, voltage_v, current_a)
        self._reports.shedding(self._shedding, self._soc.soc, reading)

    def _charge(self, now_ns: int) -> None:
        thermal = fresh(self._context.board.thermal, now_ns)
        coldest_c = thermal.battery_c if thermal else None
        warmest_c = thermal.battery_hot_c if thermal else None
        reading = self._monitor.reading
        self._charging.update(
            now_ns,
            coldest_c,
            warmest_c if warmest_c is not None else coldest_c,
            reading.bus_voltage_v if reading else None,
            reading.battery_current_a if reading else None,
        )
        self._reports.charging(now_ns, self._charging.state, self._battery_c, reading)

    def _switch(self, now_ns: int) -> None:
        for name, level in zip(self._loads.names, self._levels, strict=True):
            self._granted[name] = self._grant(now_ns, name, level)
        for name in self._switches.apply(now_ns, tuple(self._granted.values())):
            self._reports.switch(name, self._switches.switches[name])
        self._reports.switches_lost(self._switches.lost)
        self._orders.settle(now_ns, self._granted)

    def _grant(self, now_ns: int, name: str, level: int) -> bool:
        if name == CHARGE_SWITCH:
            return self._charging.allowed
        sheddable = level > 0
        affordable = not sheddable or (self._target is _FULL and self._shedding.level < level)
        on = affordable and self._loads.wanted(name)
        if name != MOTORS:
            return on
        losing = self._granted[name] and not on
        if self._roll_out.update(now_ns, losing) or not losing:
            return on
        mobility = fresh(self._context.board.mobility, now_ns)
        return mobility is not None and mobility.moving

    def _publish(self, now_ns: int) -> None:
        reading = self._monitor.reading
        self._context.board.power = PowerState(
            time_ns=now_ns,
            soc=self._soc.soc,
            bus_voltage_v=reading.bus_voltage_v if reading else None,
            battery_current_a=reading.battery_current_a if reading else None,
            array_w=self._array_w,
            shed_level=self._shedding.level,
            charge_inhibited=not self._charging.allowed,
        )

    def _set_load(self, args: area.SetLoad, execution: Execution) -> None:
        name = args.load.name.lower()
        if name not in self._granted:
            execution.fail(FailureCode.NOT_AVAILABLE)
        elif not self._config.loads[name].shed_level:
            execution.fail(FailureCode.REFUSED)
        else:
            self._orders.add(self._context.clock.now_ns(), name, args.on, execution)

    def _auto_load(self, args: area.AutoLoad, execution: Execution) -> None:
        name = args.load.name.lower()
        if name not in self._granted:
            execution.fail(FailureCode.NOT_AVAILABLE)
            return
        self._orders.cancel(name)
        execution.complete()

    def _set_soc(self, args: area.SetSoc, execution: Execution) -> None:
        self._soc.calibrate(args.soc)

    def _clear_faults(self, _args: object, execution: Execution) -> None:
        self._faces.reset()
        self._switches.reset()
        execution.complete()


def _mask(names: Iterable[str]) -> int:
    """Bit mask of loads, bit n for the load with code n."""
    return sum(1 << LoadName[name.upper()] for name in names)
