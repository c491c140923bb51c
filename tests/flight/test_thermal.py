"""Thermostats, modes, budget, motor warm-up, ranges: what thermal control does while everything works."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, strategies as st

from flight.heat.thermostat import Thermostat
from flight.subsystems.thermal import MODE_TARGETS
from flight.subsystems.thermal_config import ThermalConfig
from hal.api.config import ConfigError, decode_raw
from telemetry_defs.areas import thermal as area
from telemetry_defs.areas.thermal import BatteryControl, ThermalTarget
from telemetry_defs.codec import Codec
from telemetry_defs.definitions import FailureCode, Mode
from tests.flight.thermal_bench import MOTORS, ThermalBench


def test_every_mode_has_a_target() -> None:
    """The table is complete; the modes that drive have warm motors."""
    assert set(MODE_TARGETS) == set(Mode)
    for mode in (Mode.DRIVE, Mode.EGRESS, Mode.SERVICE):
        assert MODE_TARGETS[mode] is ThermalTarget.DRIVE_READY


@pytest.mark.parametrize("mode", [Mode.CHARGE, Mode.WAKE])
def test_the_battery_is_kept_ready_to_charge_in_charge_and_wake(mode: Mode) -> None:
    """On below +2 C, off from +5 C."""
    bench = ThermalBench(mode)
    for celsius, on in ((2.5, False), (1.9, True), (4.9, True), (5.1, False), (2.1, False)):
        bench.sensors.set(battery=celsius)
        bench.run(2)
        assert ("battery" in bench.on()) is on


def test_the_battery_is_kept_alive_otherwise() -> None:
    """On below -5 C, off from 0 C."""
    bench = ThermalBench()
    for celsius, on in ((-4.5, False), (-5.1, True), (-0.1, True), (0.1, False), (-4.9, False)):
        bench.sensors.set(battery=celsius)
        bench.run(2)
        assert ("battery" in bench.on()) is on


def test_the_battery_is_kept_ready_to_charge_whenever_the_array_delivers() -> None:
    """The array carries the loads: +2/+5 C, even though charging is still forbidden by the cold."""
    bench = ThermalBench()
    bench.sensors.set(battery=-3.0)
    bench.run(2)
    assert bench.on() == []
    bench.array_w, bench.current_a = 14.0, 0.0
    bench.run(2)
    assert bench.on() == ["battery"]
    bench.current_a = -0.5  # the heater's own current does not switch it off again
    bench.run(20)
    assert bench.on() == ["battery"]
    bench.sensors.set(battery=1.0)
    bench.run(2)
    assert bench.on() == ["battery"]
    bench.array_w, bench.current_a = 2.0, -1.0
    bench.run(2)
    assert bench.on() == []


def test_heaters_stay_on_past_their_hold() -> None:
    """Refreshed in time for as long as they are wanted."""
    bench = ThermalBench()
    bench.sensors.set(battery=-10.0)
    for now_ns in bench.every(1.0, 120):
        bench.publish_neighbours(now_ns)
        bench.thermal.tick(now_ns)
        assert bench.on() == ["battery"]


def test_make_safe_switches_every_heater_off() -> None:
    """And housekeeping knows."""
    bench = ThermalBench(Mode.DRIVE)
    bench.sensors.set(battery=-10.0, motors=-60.0)
    bench.run(2)
    assert len(bench.on()) == 7
    bench.thermal.make_safe()

    assert bench.on() == []
    assert bench.thermal.housekeeping().heaters_on == 0


def test_heaters_fall_off_when_flight_stops_ticking() -> None:
    """The hold is half a minute."""
    bench = ThermalBench()
    bench.sensors.set(battery=-10.0)
    bench.run(2)
    bench.clock.advance_s(31.0)

    assert bench.on() == []


# -- motors


@pytest.mark.parametrize("mode", [Mode.DRIVE, Mode.EGRESS, Mode.SERVICE])
def test_modes_that_drive_warm_the_motors(mode: Mode) -> None:
    """From lunar cold to the limit and a little more, and held there."""
    bench = ThermalBench(mode)
    bench.flows = True
    bench.sensors.set(motors=-70.0, shell=-100.0)
    bench.run(60)
    assert bench.on() == MOTORS
    bench.run(7200)
    warmth = [bench.sensors.celsius[name] for name in MOTORS]

    assert all(-48.0 <= celsius <= -43.0 for celsius in warmth if celsius is not None)
    assert bench.board.thermal is not None
    assert bench.board.thermal.motors_warm


def test_motors_are_not_heated_for_nothing() -> None:
    """In IDLE nobody wants them warm; in SAFE either."""
    for mode in (Mode.IDLE, Mode.SAFE, Mode.CHARGE):
        bench = ThermalBench(mode)
        bench.sensors.set(motors=-80.0)
        bench.run(5)
        assert bench.on() == []


def test_another_subsystem_can_ask_for_warm_motors() -> None:
    """Until it says otherwise."""
    bench = ThermalBench()
    bench.sensors.set(motors=-60.0)
    bench.thermal.request_motor_warmup(True)
    bench.run(2)
    assert bench.on() == MOTORS
    bench.thermal.request_motor_warmup(False)
    bench.run(2)
    assert bench.on() == []


def test_waking_warms_motors_only_while_the_array_has_power_to_spare() -> None:
    """The battery comes first; on a cold or empty battery the surplus must show as charge."""
    bench = ThermalBench(Mode.WAKE)
    bench.soc = 0.15
    bench.sensors.set(battery=-25.0, motors=-170.0)
    bench.array_w, bench.current_a = 30.0, 0.0
    bench.run(5)
    assert bench.on() == ["battery"]
    bench.sensors.set(battery=6.0)
    bench.array_w, bench.current_a = 60.0, 1.5
    bench.run(5)
    assert bench.on() == MOTORS
    bench.current_a = 1.0
    bench.run(5)
    assert bench.on() == MOTORS
    bench.array_w, bench.current_a = 20.0, -0.2
    bench.run(5)
    assert bench.on() == []


def test_warm_motors_reports_progress_and_completion() -> None:
    """A step for every 10 K of the coldest motor, completion when all are warm."""
    bench = ThermalBench()
    bench.flows = True
    bench.sensors.set(motors=-85.0, shell=-120.0)
    bench.run(1)
    execution = bench.send(area.WARM_MOTORS, area.WarmMotors(hold_s=20000.0))
    bench.run(60)
    assert execution.started
    assert bench.on() == MOTORS
    bench.run(9000)

    assert execution.completed
    assert execution.steps == [1, 2, 3]
    assert bench.events.count(area.MOTORS_WARM) == 1
    bench.run(12000)
    assert bench.on() == []


def test_warm_motors_fails_when_its_time_is_up_and_ends_on_command() -> None:
    """TIMEOUT with the coldest temperature; hold 0 ends the warm-up; a new order supersedes."""
    bench = ThermalBench()
    bench.sensors.set(motors=-85.0)
    bench.run(1)
    execution = bench.send(area.WARM_MOTORS, area.WarmMotors(hold_s=60.0))
    bench.run(62)
    assert execution.failure is FailureCode.TIMEOUT
    assert execution.detail == pytest.approx(-85.0)

    first = bench.send(area.WARM_MOTORS, area.WarmMotors(hold_s=600.0))
    bench.run(2)
    end = bench.send(area.WARM_MOTORS, area.WarmMotors(hold_s=0.0))
    bench.run(1)
    assert first.failure is FailureCode.SUPERSEDED
    assert end.completed
    assert bench.on() == []


def test_a_slow_warm_up_is_reported() -> None:
    """Ten hours are enough for any motor with a working heater."""
    bench = ThermalBench()
    bench.parameters.set(area.WARMUP_LIMIT_S, 100.0)
    bench.sensors.set(motors=-55.0)
    bench.thermal.request_motor_warmup(True)
    bench.run(99)
    assert bench.events.count(area.WARMUP_SLOW) == 0
    bench.run(10)
    assert bench.events.count(area.WARMUP_SLOW) == 1


@pytest.mark.parametrize(
    ("celsius", "warm"), [(-55.0, False), (-55.2, False), (-50.5, False), (-47.0, True), (86.0, False)]
)
def test_motors_turn_only_in_their_range(celsius: float, warm: bool) -> None:
    """-55 C is what a clamped sensor shows in any cold: valid for heating, never warm; too hot is not fit either."""
    bench = ThermalBench()
    bench.sensors.set(motors=20.0, motor_rear_left=celsius)
    bench.thermal.request_motor_warmup(True)
    bench.run(2)

    assert bench.board.thermal is not None
    assert bench.board.thermal.motors_warm is warm
    assert ("motor_rear_left" in bench.on()) is (celsius < -47.0)
    assert bench.events.count(area.MOTOR_HOT) == (celsius > 85.0)


# -- budget


def test_a_small_budget_goes_to_the_battery_first() -> None:
    """Then to the motors in order, and no watt beyond it."""
    for budget_w, expected in ((24.0, ["battery", *MOTORS]), (17.0, ["battery", *MOTORS[:2]]), (12.0, ["battery"])):
        bench = ThermalBench(Mode.DRIVE)
        bench.parameters.set(area.HEATER_BUDGET_W, budget_w)
        bench.sensors.set(battery=-10.0, motors=-60.0)
        bench.run(2)
        assert bench.on() == expected
        assert bench.board.thermal is not None
        assert bench.board.thermal.heater_w <= budget_w


@pytest.mark.parametrize(("soc", "battery_c"), [(None, 10.0), (0.25, 10.0), (0.8, -20.0)])
def test_on_a_poor_battery_only_the_battery_heater_fits(soc: float | None, battery_c: float) -> None:
    """Empty, cold or of unknown charge: nothing bridges what the array cannot give."""
    bench = ThermalBench(Mode.DRIVE)
    bench.soc = soc
    bench.sensors.set(battery=battery_c, motors=-60.0)
    bench.run(2)

    assert bench.thermal.housekeeping().heater_budget_w == 12.0
    assert len(bench.on()) == (1 if battery_c < 0.0 else 6)


@given(
    temperatures=st.lists(st.floats(-120.0, 120.0), min_size=12, max_size=12),
    budget_w=st.floats(0.0, 40.0),
    mode=st.sampled_from(list(Mode)),
)
def test_the_budget_is_never_exceeded(temperatures: list[float], budget_w: float, mode: Mode) -> None:
    """Whatever the temperatures and the mode."""
    bench = ThermalBench(mode)
    bench.parameters.set(area.HEATER_BUDGET_W, budget_w)
    bench.parameters.set(area.HEATER_BUDGET_LOW_W, budget_w)
    bench.sensors.celsius = dict(zip(bench.sensors.celsius, temperatures, strict=True))
    bench.run(2)

    assert sum(bench.config.heaters[name].power_w for name in bench.on()) <= budget_w


@given(
    temperatures=st.lists(st.none() | st.floats(-100.0, 100.0), max_size=50),
    low=st.floats(-50.0, 50.0),
    high=st.floats(-50.0, 50.0),
)
def test_a_thermostat_heats_only_below_its_upper_threshold(temperatures: list, low: float, high: float) -> None:
    """Even with thresholds the wrong way round; and never without a temperature."""
    thermostat = Thermostat()
    for celsius in temperatures:
        on = thermostat.update(celsius, low, high)
        if celsius is None:
            assert not on
        elif on:
            assert celsius < max(high, low + 0.5)
        else:
            assert celsius >= low


# -- electronics


def test_the_web_range_has_hysteresis_and_one_event_each_way() -> None:
    """Too hot above 50 C until 45, too cold below -20 until -15."""
    bench = ThermalBench()
    seen = []
    for celsius in (20.0, 51.0, 46.0, 44.0, -21.0, -16.0, -14.0):
        bench.sensors.set(web=celsius)
        bench.run(20)
        state = bench.board.thermal
        assert state is not None
        seen.append((state.too_hot, state.too_cold))

    none, hot, cold = (False, False), (True, False), (False, True)
    assert seen == [none, hot, hot, none, cold, cold, none]
    assert [
        name for name in bench.events.names() if name.endswith(("hot", "cold", "range")) and "motors" not in name
    ] == [
        "thermal.too_hot",
        "thermal.in_range",
        "thermal.too_cold",
        "thermal.in_range",
    ]


def test_near_the_survival_limit_the_battery_heater_warms_the_web() -> None:
    """Below -30 C until -25, as long as the battery itself is not above 30 C."""
    bench = ThermalBench(Mode.SAFE)
    bench.sensors.set(web=-31.0, battery=5.0)
    bench.run(2)
    assert bench.on() == ["battery"]
    assert bench.thermal.housekeeping().battery_control is BatteryControl.SURVIVAL
    bench.sensors.set(web=-26.0)
    bench.run(2)
    assert bench.on() == ["battery"]
    bench.sensors.set(battery=31.0)
    bench.run(20)
    assert bench.on() == []
    bench.sensors.set(battery=5.0, web=-24.0)
    bench.run(20)
    assert bench.on() == []


def test_housekeeping_tells_the_warmer_battery_sensor() -> None:
    """What the monitor `battery_hot` looks at."""
    bench = ThermalBench()
    bench.sensors.set(battery_a=20.0, battery_b=21.5)
    bench.run(20)

    assert bench.thermal.housekeeping().battery_warmest_c == pytest.approx(21.5)


def test_housekeeping_fits_the_wire() -> None:
    """Every field survives its codec."""
    bench = ThermalBench(Mode.DRIVE)
    bench.sensors.set(battery=-10.0, motors=-120.0, shell=None)
    bench.run(20)
    packet = bench.thermal.housekeeping()
    codec = Codec(area.ThermalHk)
    back = codec.unpack(codec.pack(packet))

    assert codec.saturation_count == 0
    assert back.temperatures_c[6:] == pytest.approx([-120.0] * 6)
    assert back.battery_c == pytest.approx(-10.0)
    assert back.temperatures_c[3] is None
    assert back.heaters_on == 0b1111111
    assert packet.heater_energy_wh == pytest.approx(24.0 * 19 / 3600.0)


def test_a_rover_file_with_a_wrong_heater_is_refused() -> None:
    """Names, order and sensors are checked."""
    raw = msgspec.to_builtins(ThermalBench().config)
    raw["heaters"]["battery"]["surroundings"] = "garden"
    with pytest.raises(ConfigError, match="garden"):
        decode_raw(raw, ThermalConfig, "rover.toml")
    raw = msgspec.to_builtins(ThermalBench().config)
    del raw["heaters"]["battery"]
    with pytest.raises(ConfigError, match="order of priority"):
        decode_raw(raw, ThermalConfig, "rover.toml")
