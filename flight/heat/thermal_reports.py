"""What the thermal subsystem tells the ground, and when: each condition once when it begins and once when it ends."""

from __future__ import annotations

from flight.context import EventSink
from flight.edges import Edges
from flight.heat.battery_vote import BatteryTemperature
from flight.heat.heater_health import HeaterHealth
from flight.heat.motor_warmth import FIRST, MotorWarmth
from flight.heat.sensors import SensorPanel
from flight.heat.web_range import WebRange
from telemetry_defs.areas import thermal as area
from telemetry_defs.areas.heaters import Heater
from telemetry_defs.areas.thermal import Sensor


class ThermalReports:
    """Edges of every condition that has an event."""

    def __init__(self, events: EventSink, panel: SensorPanel) -> None:
        self._events = events
        self._edges = Edges(events)
        self._panel = panel
        count = len(panel.sensors)
        self._lost = [False] * count
        self._doubted = [False] * count
        self._hot = [False] * count
        self._web_out = False

    def sensors(self) -> None:
        """Lost sensors and readings not believed."""
        for number, sensor in enumerate(self._panel.sensors):
            if sensor.doubted is not self._doubted[number]:
                self._doubted[number] = sensor.doubted
                if sensor.doubted:
                    self._events.emit(area.SENSOR_IMPLAUSIBLE, _sensor(number, sensor.last_c))
            lost = sensor.lost and not sensor.masked
            if lost is not self._lost[number]:
                self._lost[number] = lost
                self._events.emit(area.SENSOR_LOST if lost else area.SENSOR_BACK, _sensor(number, sensor.last_c))

    def battery(self, battery: BatteryTemperature, a_c: float | None, b_c: float | None) -> None:
        """Disagreement and blindness; heat and cold are told by monitors."""
        if self._edges.changed(area.SENSORS_DISAGREE, battery.disagree):
            event = area.SENSORS_DISAGREE if battery.disagree else area.SENSORS_AGREE
            self._events.emit(event, area.DisagreeReport(battery_a_c=a_c, battery_b_c=b_c))
        both = self._panel.sensors[1:3]
        blind = battery.warmest_c is None and all(sensor.lost or sensor.masked for sensor in both)
        self._edges.report(blind, area.BATTERY_BLIND, None)

    def web(self, web: WebRange) -> None:
        """Electronics out of range and back; a lost sensor has its own event."""
        if web.web_c is None:
            return
        out = web.too_hot or web.too_cold
        if out and not self._web_out:
            self._events.emit(area.TOO_HOT if web.too_hot else area.TOO_COLD, _temperature(web.web_c))
        elif self._web_out and not out:
            self._events.emit(area.IN_RANGE, _temperature(web.web_c))
        self._web_out = out

    def motors(self, motors: MotorWarmth, slow: bool) -> None:
        """Warm, cold, hot, slow."""
        for number, hot in enumerate(motors.hot):
            if hot is not self._hot[number]:
                self._hot[number] = hot
                if hot:
                    self._events.emit(area.MOTOR_HOT, _sensor(FIRST + number, motors.temperatures_c[number]))
        coldest = _temperature(motors.coldest_c)
        self._edges.report(motors.warm, area.MOTORS_WARM, area.MOTORS_COLD, coldest)
        self._edges.report(slow, area.WARMUP_SLOW, None, coldest)

    def heaters_lost(self, lost: bool) -> None:
        """The heater switches do not answer, or do again."""
        self._edges.report(lost, area.HEATERS_LOST, area.HEATERS_BACK)

    def switch_stuck(self, number: int, node_c: float | None) -> None:
        """A heater switch does not read back what it was told."""
        fields = area.HeaterReport(heater=Heater(number), temperature_c=node_c, heat_w=None)
        self._events.emit(area.SWITCH_STUCK, fields)

    def heater(self, number: int, health: HeaterHealth, node_c: float | None) -> None:
        """The opinion on a heater changed."""
        event = area.HEATER_BACK
        if health.stuck_on:
            event = area.HEATER_STUCK_ON
        elif health.failed:
            event = area.HEATER_NO_EFFECT
        fields = area.HeaterReport(heater=Heater(number), temperature_c=node_c, heat_w=health.balance.seen_w)
        self._events.emit(event, fields)


def _temperature(value_c: float | None) -> area.TemperatureReport:
    return area.TemperatureReport(temperature_c=value_c)


def _sensor(number: int, last_c: float | None) -> area.SensorReport:
    return area.SensorReport(sensor=Sensor(number), last_c=last_c)
