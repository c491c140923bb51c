"""Broken sensors, broken heaters, broken switches: each is found, reported once and survived."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from flight.heat.battery_vote import vote
from flight.heat.heat_balance import HeatBalance, Verdict
from hal.api.errors import DeviceTimeout
from telemetry_defs.areas import thermal as area
from telemetry_defs.areas.heaters import Heater
from telemetry_defs.areas.thermal import BatteryControl, Sensor
from telemetry_defs.definitions import Mode
from tests.flight.thermal_bench import MOTORS, ThermalBench

# -- heaters


def test_a_heater_without_effect_is_found_and_left_off_and_tried_again() -> None:
    """On for a quarter of an hour and no rise: one event, off, another chance half an hour later."""
    bench = ThermalBench(Mode.CHARGE)
    bench.flows = True
    bench.dead_elements = ["battery"]
    bench.sensors.set(battery=0.0, web=0.0)
    bench.run(900)
    assert bench.on() == ["battery"]
    bench.run(200)
    reports = bench.events.of(area.HEATER_NO_EFFECT)
    assert len(reports) == 1
    assert isinstance(reports[0], area.HeaterReport)
    assert reports[0].heater is Heater.BATTERY
    assert bench.on() == []
    assert bench.thermal.housekeeping().heaters_failed == 1

    bench.run(1800)
    assert bench.on() == ["battery"]
    bench.dead_elements = []
    bench.run(1100)
    assert bench.events.count(area.HEATER_BACK) == 1
    assert bench.thermal.housekeeping().heaters_failed == 0


def test_a_failed_heater_frees_its_share_of_the_budget() -> None:
    """The next motor in line gets it."""
    bench = ThermalBench(Mode.DRIVE)
    bench.flows = True
    bench.parameters.set(area.HEATER_BUDGET_W, 2.0)
    bench.dead_elements = [MOTORS[0]]
    bench.sensors.set(motors=-100.0, shell=-100.0)
    bench.run(60)
    assert bench.on() == [MOTORS[0]]
    bench.run(1100)

    assert bench.on() == [MOTORS[1]]


def test_a_heater_in_equilibrium_is_not_called_dead() -> None:
    """Twelve watts hold the battery 43 K above the web: no rise, but the heat is seen in the loss."""
    bench = ThermalBench(Mode.CHARGE)
    bench.flows = True
    bench.sensors.set(battery=-1.5, web=-45.0)
    bench.run(4 * 3600)

    assert bench.on() == ["battery"]
    assert bench.events.count(area.HEATER_NO_EFFECT) == 0


@pytest.mark.parametrize("heater", ["battery", "motor_middle_right"])
def test_a_heater_stuck_on_is_found(heater: str) -> None:
    """Its node warms although it is off; its watts count against the budget."""
    bench = ThermalBench()
    bench.flows = True
    bench.welded = [heater]
    bench.run(1200)
    reports = bench.events.of(area.HEATER_STUCK_ON)
    assert len(reports) == 1
    assert isinstance(reports[0], area.HeaterReport)
    assert reports[0].heater is Heater[heater.upper()]
    power_w = bench.config.heaters[heater].power_w
    assert reports[0].heat_w == pytest.approx(power_w, rel=0.1)
    assert bench.board.thermal is not None
    assert bench.board.thermal.heater_w == power_w

    bench.welded = []
    bench.run(2100)
    assert bench.events.count(area.HEATER_BACK) == 1


def test_sunlight_and_driving_are_not_a_stuck_heater() -> None:
    """0.4 W of Sun on a motor stay below the limit; a driven motor is not judged."""
    bench = ThermalBench()
    for second in range(4000):
        bench.sensors.set(motors=-20.0 + 0.4 / 300.0 * second)
        bench.run(1)
    assert bench.events.count(area.HEATER_STUCK_ON) == 0

    bench.moving = True
    for second in range(2400):
        bench.sensors.set(motors=-15.0 + 2.0 / 300.0 * second)
        bench.run(1)
    assert bench.events.count(area.HEATER_STUCK_ON) == 0


def test_a_clamped_sensor_does_not_condemn_a_heater() -> None:
    """A motor at -100 C whose sensor shows -55 warms for hours without showing it."""
    bench = ThermalBench(Mode.DRIVE)
    bench.sensors.set(motors=-55.0)
    bench.run(2 * 3600)

    assert bench.on() == MOTORS
    assert bench.events.count(area.HEATER_NO_EFFECT) == 0


def test_clear_faults_judges_anew() -> None:
    """Ground has another opinion on a heater."""
    bench = ThermalBench(Mode.CHARGE)
    bench.flows = True
    bench.dead_elements = ["battery"]
    bench.sensors.set(battery=0.0, web=0.0)
    bench.run(1100)
    assert bench.on() == []
    assert bench.send(area.CLEAR_FAULTS).completed
    bench.run(2)

    assert bench.on() == ["battery"]


def test_dead_heater_switches_are_reported_and_probed() -> None:
    """One event each way; the heater comes back with the switches, and nobody is blamed meanwhile."""
    bench = ThermalBench()
    bench.sensors.set(battery=-10.0)
    bench.run(2)
    bench.heaters.error = DeviceTimeout("heaters")
    bench.run(1800)
    assert bench.events.count(area.HEATERS_LOST) == 1
    assert bench.events.count(area.HEATER_NO_EFFECT) == 0
    bench.heaters.error = None
    bench.run(12)

    assert bench.events.count(area.HEATERS_BACK) == 1
    assert bench.on() == ["battery"]


def test_a_heater_switch_that_does_not_obey_is_reported() -> None:
    """Read back every second."""
    bench = ThermalBench()
    bench.heaters.stuck["battery"] = True
    bench.run(10)

    assert bench.events.count(area.SWITCH_STUCK) == 1


BATTERY = ThermalBench().config.heaters["battery"]


@given(heat_share=st.floats(0.0, 1.5), start_c=st.floats(-60.0, 40.0), web_c=st.floats(-60.0, 40.0), on=st.booleans())
def test_the_balance_sees_the_heat_that_flows(heat_share: float, start_c: float, web_c: float, on: bool) -> None:
    """Whatever the surroundings, the verdict is about the heat put in."""
    balance = HeatBalance(BATTERY)
    node_c, verdict, second = start_c, None, 0
    while verdict is None:
        verdict = balance.update(second * 10**9, on, node_c, web_c, 900 * 10**9)
        heat_w = heat_share * BATTERY.power_w
        for _ in range(10):
            node_c += (heat_w - BATTERY.loss_w_k * (node_c - web_c)) / BATTERY.heat_capacity_j_k
        second += 10

    assert balance.seen_w == pytest.approx(heat_share * BATTERY.power_w, abs=0.1)
    if on and heat_share < 0.23:
        assert verdict is Verdict.NO_EFFECT
    if not on and heat_share > 0.62:
        assert verdict is Verdict.STUCK_ON
    if 0.27 < heat_share < 0.58:
        assert verdict is Verdict.GOOD


# -- sensors


def test_a_short_silence_of_a_sensor_is_bridged_a_long_one_is_lost() -> None:
    """Ten seconds on the last reading; then unknown, one event; one more when it is back."""
    bench = ThermalBench()
    bench.run(2)
    bench.sensors.set(web=None)
    bench.run(9)
    assert bench.board.thermal is not None
    assert bench.board.thermal.web_c == 10.0
    assert bench.events.names() == ["thermal.motors_warm"]
    bench.run(60)
    state = bench.board.thermal
    assert state is not None
    assert (state.web_c, state.too_hot, state.too_cold) == (None, True, True)
    assert bench.events.of(area.SENSOR_LOST) == [area.SensorReport(sensor=Sensor.WEB, last_c=10.0)]

    bench.sensors.set(web=12.0)
    bench.run(1)
    state = bench.board.thermal
    assert state is not None
    assert (state.web_c, state.too_hot, state.too_cold) == (12.0, False, False)
    assert bench.events.count(area.SENSOR_BACK) == 1


def test_all_sensors_lost_at_once() -> None:
    """No blind heating of motors, no charging, a duty cycle for the battery."""
    bench = ThermalBench(Mode.DRIVE)
    bench.sensors.set(motors=-60.0)
    bench.run(2)
    bench.sensors.error = DeviceTimeout("temperatures")
    on_s = 0
    for now_ns in bench.every(1.0, 3700):
        bench.publish_neighbours(now_ns)
        bench.thermal.tick(now_ns)
        on_s += "battery" in bench.on()
    state = bench.board.thermal

    assert state is not None
    assert (state.battery_c, state.web_c, state.motors_warm) == (None, None, False)
    assert not any(name in bench.on() for name in MOTORS)
    assert on_s == pytest.approx(0.25 * 3600, rel=0.15)
    assert bench.thermal.housekeeping().battery_control is BatteryControl.BLIND
    assert bench.events.count(area.BATTERY_BLIND) == 1
    assert bench.events.count(area.SENSOR_LOST) == 12


@pytest.mark.parametrize(("web_c", "heats"), [(20.0, False), (-10.0, True)])
def test_without_battery_sensors_the_web_decides_whether_to_heat(web_c: float, heats: bool) -> None:
    """A warm web keeps the battery warm; beside a cold one the heater runs a quarter of the time."""
    bench = ThermalBench()
    bench.sensors.set(battery=None, web=web_c)
    on_s = 0
    for now_ns in bench.every(1.0, 3600):
        bench.publish_neighbours(now_ns)
        bench.thermal.tick(now_ns)
        on_s += "battery" in bench.on()

    assert on_s == pytest.approx(900 if heats else 0, abs=20)
    assert bench.thermal.housekeeping().battery_control is BatteryControl.WEB


def test_one_battery_sensor_is_enough() -> None:
    """The other one's word counts for everything."""
    bench = ThermalBench()
    bench.sensors.set(battery_a=None, battery_b=-6.0)
    bench.run(20)

    assert bench.on() == ["battery"]
    assert bench.board.thermal is not None
    assert bench.board.thermal.battery_c == -6.0


def test_disagreeing_battery_sensors_count_at_their_worst() -> None:
    """Colder for charging, warmer for heat, the one nearer to the web for the heater; one event each way."""
    bench = ThermalBench()
    bench.run(2)
    bench.sensors.set(battery_a=-4.0, battery_b=8.0, web=9.0)
    bench.run(30)
    state = bench.board.thermal
    assert state is not None
    assert (state.battery_c, state.battery_hot_c) == (-4.0, 8.0)
    assert bench.on() == []
    assert bench.events.count(area.SENSORS_DISAGREE) == 1
    bench.sensors.set(battery=8.0)
    bench.run(30)
    assert bench.events.count(area.SENSORS_AGREE) == 1


@given(
    a=st.none() | st.floats(-100.0, 100.0),
    b=st.none() | st.floats(-100.0, 100.0),
    web=st.none() | st.floats(-100.0, 100.0),
)
def test_the_vote_lies_between_its_sensors(a: float | None, b: float | None, web: float | None) -> None:
    """Coldest <= control <= warmest, each known exactly when a sensor is."""
    result = vote(a, b, web, 5.0)
    known = [value for value in (a, b) if value is not None]
    if not known:
        assert result.coldest_c is result.warmest_c is result.control_c is None
        return
    assert result.coldest_c == min(known)
    assert result.warmest_c == max(known)
    assert result.control_c is not None
    assert min(known) <= result.control_c <= max(known)


def test_a_jump_is_not_believed_until_it_lasts() -> None:
    """One absurd reading switches nothing; five in a row are the new truth."""
    bench = ThermalBench()
    bench.run(2)
    bench.sensors.set(battery=-60.0)
    bench.run(1)
    assert bench.on() == []
    bench.sensors.set(battery=10.0)
    bench.run(5)
    assert bench.events.count(area.SENSOR_IMPLAUSIBLE) == 2

    bench.sensors.set(battery=-60.0)
    bench.run(7)
    assert bench.on() == ["battery"]


def test_a_reading_outside_all_range_is_a_lost_sensor() -> None:
    """A thermistor open or shorted."""
    bench = ThermalBench()
    bench.run(2)
    bench.sensors.set(web=-273.0)
    bench.run(20)

    assert bench.events.count(area.SENSOR_IMPLAUSIBLE) == 1
    assert bench.events.count(area.SENSOR_LOST) == 1
    assert bench.board.thermal is not None
    assert bench.board.thermal.web_c is None


def test_a_motor_without_sensor_is_neither_heated_nor_warm_until_ground_masks_it() -> None:
    """Masked, it follows the coldest of the others."""
    bench = ThermalBench(Mode.DRIVE)
    bench.sensors.set(motors=20.0, motor_front_left=None)
    bench.run(20)
    state = bench.board.thermal
    assert state is not None
    assert not state.motors_warm
    assert "motor_front_left" not in bench.on()

    mask = area.MaskSensor(sensor=Sensor.MOTOR_FRONT_LEFT, masked=True)
    assert bench.send(area.MASK_SENSOR, mask).completed
    bench.run(2)
    state = bench.board.thermal
    assert state is not None
    assert state.motors_warm
    bench.sensors.set(motor_rear_left=-60.0)
    bench.run(10)
    assert bench.on() == ["motor_front_left", "motor_rear_left"]


def test_masking_most_motor_sensors_does_not_make_them_warm() -> None:
    """Fewer than four sensors left say nothing about the others."""
    bench = ThermalBench(Mode.DRIVE)
    for sensor in (Sensor.MOTOR_FRONT_LEFT, Sensor.MOTOR_FRONT_RIGHT, Sensor.MOTOR_MIDDLE_LEFT):
        bench.send(area.MASK_SENSOR, area.MaskSensor(sensor=sensor, masked=True))
    bench.run(2)

    assert bench.board.thermal is not None
    assert not bench.board.thermal.motors_warm


def test_a_masked_web_sensor_is_replaced_by_the_instruments() -> None:
    """They sit on the same deck."""
    bench = ThermalBench()
    bench.sensors.set(web=None, instruments=14.0)
    bench.run(20)
    bench.send(area.MASK_SENSOR, area.MaskSensor(sensor=Sensor.WEB, masked=True))
    bench.run(2)

    assert bench.board.thermal is not None
    assert bench.board.thermal.web_c == 14.0
    assert not bench.board.thermal.too_cold
