"""What the power subsystem tells the ground, and when: each condition once when it begins and once when it ends."""

from __future__ import annotations

from typing import Final

from flight.context import EventSink
from flight.edges import Edges
from flight.energy.battery_monitor import BatteryMonitor
from flight.energy.faces import Face
from flight.energy.shedding import Shedding
from flight.energy.state_of_charge import StateOfCharge
from flight.held_switches import HeldSwitch
from flight.persistence import Persistent
from hal.api.clock import NS_PER_S
from hal.api.values import PowerReading
from telemetry_defs.areas import power as area
from telemetry_defs.areas.power import ArrayFace, ChargeState, LoadName

DISAGREE: Final = 0.15
"""Count and voltage may differ by so much before ground is told."""


class PowerReports:
    """Edges of every condition that has an event."""

    def __init__(self, events: EventSink) -> None:
        self._events = events
        self._edges = Edges(events)
        self._level = 0
        self._charge = ChargeState.ALLOWED
        self._charge_settled = Persistent(5 * NS_PER_S)
        self._disagrees = Persistent(60 * NS_PER_S)

    def array_lost(self, lost: bool) -> None:
        """The array monitor does not answer, or does again."""
        self._edges.report(lost, area.ARRAY_MONITOR_LOST, area.ARRAY_MONITOR_BACK)

    def face(self, number: int, face: Face) -> None:
        """The judgement on a face changed."""
        fields = area.FaceReport(face=ArrayFace(number), before_w=face.before_w, now_w=face.now_w)
        self._events.emit(area.FACE_LOST if face.lost else area.FACE_BACK, fields)

    def switch(self, name: str, switch: HeldSwitch) -> None:
        """The judgement on a switch changed."""
        fields = area.LoadReport(load=LoadName[name.upper()], commanded_on=switch.ordered)
        self._events.emit(area.SWITCH_STUCK if switch.stuck else area.SWITCH_FREE, fields)

    def switches_lost(self, lost: bool) -> None:
        """The bank does not answer, or does again."""
        self._edges.report(lost, area.SWITCHES_LOST, area.SWITCHES_BACK)

    def battery(self, now_ns: int, monitor: BatteryMonitor, soc: StateOfCharge) -> None:
        """Lost monitor, refused readings, two opinions about the charge."""
        self._edges.report(monitor.lost, area.MONITOR_LOST, area.MONITOR_BACK)
        refused = monitor.refused
        self._edges.report(refused is not None, area.IMPLAUSIBLE_CURRENT, None, _battery(refused))
        counted, by_voltage = soc.counted, soc.by_voltage
        differ = counted is not None and by_voltage is not None and abs(counted - by_voltage) > DISAGREE
        lasting = self._disagrees.update(now_ns, differ)
        if self._edges.changed(area.SOC_DISAGREES, lasting) and lasting:
            self._events.emit(area.SOC_DISAGREES, area.SocReport(counted=counted, by_voltage=by_voltage))

    def shedding(self, shedding: Shedding, soc: float | None, reading: PowerReading | None) -> None:
        """A new shed level, and what forced it."""
        self._edges.report(shedding.undervoltage, area.UNDERVOLTAGE, area.UNDERVOLTAGE_OVER, _battery(reading))
        self._edges.report(shedding.overcurrent, area.DISCHARGE_OVERCURRENT, None, _battery(reading))
        if shedding.level == self._level:
            return
        event = area.SHED if shedding.level > self._level else area.RESTORED
        self._level = shedding.level
        voltage_v = reading.bus_voltage_v if reading else None
        self._events.emit(event, area.Shed(level=shedding.level, soc=soc, bus_voltage_v=voltage_v))

    def charging(self, now_ns: int, state: ChargeState, battery_c: float | None, reading: PowerReading | None) -> None:
        """Charging forbidden or allowed, and why."""
        over = state is ChargeState.OVERVOLTAGE
        self._edges.report(over, area.OVERVOLTAGE, area.OVERVOLTAGE_OVER, _battery(reading))
        self._edges.report(state is ChargeState.OVERCURRENT, area.CHARGE_OVERCURRENT, None, _battery(reading))
        # The first readings after a boot come one by one, so only what lasts is told.
        if not self._charge_settled.update(now_ns, state is not self._charge):
            return
        self._charge = state
        fields = area.ChargeReport(state=state, battery_c=battery_c)
        self._edges.report(state is ChargeState.HOT, area.BATTERY_HOT, None, fields)
        self._events.emit(area.CHARGE_ALLOWED if state is ChargeState.ALLOWED else area.CHARGE_INHIBITED, fields)


def _battery(reading: PowerReading | None) -> area.BatteryReport:
    return area.BatteryReport(
        bus_voltage_v=reading.bus_voltage_v if reading else None,
        battery_current_a=reading.battery_current_a if reading else None,
    )
