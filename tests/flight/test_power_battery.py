"""Battery: state of charge, what the monitor may say, when charging is allowed, what voltage and current force."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, strategies as st

from flight.energy.curve import Curve
from flight.energy.shedding import ALL, Shedding
from flight.energy.state_of_charge import StateOfCharge
from flight.subsystems.power_config import BatteryBelief, PowerConfig
from hal.api.errors import BadReading, DeviceTimeout
from telemetry_defs.areas import power as area
from telemetry_defs.areas.power import ChargeState
from tests.fakes.context import FakeParameters
from tests.flight.power_bench import PowerBench, section

BELIEF: BatteryBelief = section("power", PowerConfig).battery
OCV = Curve(BELIEF.ocv_soc, BELIEF.ocv_v)
RESISTANCE = Curve(BELIEF.resistance_c, BELIEF.resistance_factor)


def terminal_v(soc: float, current_a: float, celsius: float) -> float:
    """Terminal voltage of a battery that is as believed, warm enough that the cold locks nothing visible."""
    return OCV.at(soc) * BELIEF.cells_in_series + current_a * BELIEF.resistance_ohm * RESISTANCE.at(celsius)


# -- state of charge


def test_charge_is_counted() -> None:
    """Two amperes out of 20.1 Ah for an hour are a tenth."""
    soc = StateOfCharge(BELIEF)
    soc.calibrate(0.8)
    for _ in range(3600):
        soc.step(1.0, 25.0, -2.9, None)

    assert soc.soc == pytest.approx(0.8 - 2.9 / 20.1, abs=1e-6)
    assert soc.discharged_ah == pytest.approx(2.9)


@given(
    truth=st.floats(0.2, 1.0), wrong=st.floats(0.0, 1.0), current_a=st.floats(-2.0, 2.0), celsius=st.floats(10.0, 40.0)
)
def test_a_wrong_count_is_drawn_to_the_voltage(truth: float, wrong: float, current_a: float, celsius: float) -> None:
    """After three hours at low current a false calibration is gone, sag or not."""
    soc = StateOfCharge(BELIEF)
    soc.calibrate(wrong)
    for _ in range(1080):
        soc.step(10.0, terminal_v(truth, current_a, celsius), current_a, celsius)
    drift = abs(current_a) / BELIEF.capacity_ah * 0.5  # the count runs on while the fake battery stands still

    assert soc.soc == pytest.approx(truth, abs=0.01 + drift)


@given(
    steps=st.lists(
        st.tuples(
            st.floats(0.0, 1e4), st.floats(10.0, 35.0), st.floats(-25.0, 25.0), st.none() | st.floats(-80.0, 80.0)
        ),
        max_size=40,
    )
)
def test_state_of_charge_stays_within_its_range(steps: list) -> None:
    """Whatever is read: between 0 and 1, never NaN."""
    soc = StateOfCharge(BELIEF)
    for step in steps:
        soc.step(*step)
        assert soc.soc is not None
        assert 0.0 <= soc.soc <= 1.0


def test_a_restored_count_is_confirmed_or_replaced_by_the_voltage() -> None:
    """The image may be from before a night that nobody counted."""
    for image, truth, expected in ((0.75, 0.8, 0.75), (0.9, 0.35, 0.35), (None, 0.6, 0.6)):
        bench = PowerBench(soc=image)
        bench.rest_at(truth)
        bench.run(3)

        assert bench.power.soc == pytest.approx(expected, abs=0.01)


def test_a_cold_and_nearly_empty_battery_is_not_judged_by_its_voltage() -> None:
    """At -25 C a charge of 0.15 shows the voltage of an empty battery; the restored count stands."""
    bench = PowerBench(soc=0.15)
    bench.battery_c = -25.0
    bench.monitor.voltage_v = 17.5
    bench.run(60)

    assert bench.power.soc == pytest.approx(0.15, abs=0.001)


def test_without_a_count_a_cold_voltage_is_a_guess_that_the_first_good_one_replaces() -> None:
    """After a night nobody counted: the cold battery looks empty and counts as that, until it is warm and charges."""
    soc = StateOfCharge(BELIEF)
    for _ in range(600):
        soc.step(1.0, 17.5, 0.0, -25.0)
    assert soc.soc == pytest.approx(0.0, abs=0.001)
    for _ in range(10):
        soc.step(1.0, terminal_v(0.3, 4.3, 5.0), 4.3, 5.0)

    assert soc.soc == pytest.approx(0.3, abs=0.01)


def test_a_gap_in_the_readings_makes_the_count_unsure() -> None:
    """What flowed while the monitor was silent is seen in the voltage afterwards."""
    bench = PowerBench(soc=0.8)
    bench.run(5)
    bench.monitor.error = DeviceTimeout("power_monitor")
    bench.run(30)
    state = bench.board.power
    assert state is not None
    assert state.soc is None
    assert bench.power.soc == pytest.approx(0.8, abs=0.01)  # for the state image it is still the best there is

    bench.monitor.error = None
    bench.rest_at(0.5)
    bench.run(40)
    assert bench.power.soc == pytest.approx(0.5, abs=0.01)
    assert bench.events.names().count("power.monitor_lost") == 1
    assert bench.events.names().count("power.monitor_back") == 1


def test_ground_is_told_when_count_and_voltage_disagree() -> None:
    """A cell short drops the voltage by four volts: the count no longer holds."""
    bench = PowerBench(soc=0.8)
    bench.run(60)
    bench.monitor.voltage_v -= 4.0
    bench.run(120)

    assert bench.events.count(area.SOC_DISAGREES) == 1
    bench.run(3 * 3600)
    assert bench.power.soc is not None
    assert bench.power.soc < 0.45


def test_set_soc_calibrates() -> None:
    """Ground's word counts until the voltage has drawn it."""
    bench = PowerBench(soc=0.8)
    bench.run(5)
    assert bench.send(area.SET_SOC, area.SetSoc(soc=0.7)).failure is None
    bench.run(1)

    assert bench.power.soc == pytest.approx(0.7, abs=0.001)


# -- the monitor


@pytest.mark.parametrize(
    ("voltage_v", "current_a"), [(3.0, 0.0), (60.0, 0.0), (27.0, 400.0), (math.nan, 0.0), (27.0, math.nan)]
)
def test_impossible_readings_are_not_believed(voltage_v: float, current_a: float) -> None:
    """Beyond what the battery can show: reported once, nothing is counted, after ten seconds unknown."""
    bench = PowerBench(soc=0.8)
    bench.run(5)
    bench.monitor.voltage_v, bench.monitor.current_a = voltage_v, current_a
    bench.run(9)
    state = bench.board.power
    assert state is not None
    assert state.soc == pytest.approx(0.8, abs=0.001)
    assert state.bus_voltage_v is None
    bench.run(30)
    state = bench.board.power

    assert state is not None
    assert state.soc is None
    assert bench.events.count(area.IMPLAUSIBLE_CURRENT) == 1


def test_charge_from_nowhere_is_not_believed() -> None:
    """A current sensor that claims 3 A of charge with the array dark and the lander giving 20 W at most is broken."""
    bench = PowerBench(soc=0.5)
    bench.monitor.current_a = 3.0
    bench.run(120)

    assert bench.events.count(area.IMPLAUSIBLE_CURRENT) == 1
    assert bench.power.soc is not None
    assert bench.power.soc < 0.51


def test_charge_that_the_array_gives_is_believed() -> None:
    """110 W of array charge with 4 A."""
    bench = PowerBench(soc=0.5)
    bench.array.power_w |= {"left": 55.0, "rear": 55.0}
    bench.monitor.current_a = 4.0
    bench.run(120)

    assert bench.events.count(area.IMPLAUSIBLE_CURRENT) == 0


def test_a_glitch_of_the_monitor_costs_nothing() -> None:
    """One corrupt reading: no event, no shed load."""
    bench = PowerBench(soc=0.8)
    bench.loads.request("nav", True)
    bench.run(5)
    bench.monitor.error = BadReading("power_monitor", "CRC")
    bench.run(1)
    bench.monitor.error = None
    bench.run(5)

    assert bench.events.names() == []
    assert bench.loads.is_on("nav")


def test_a_dead_monitor_is_probed_with_back_off() -> None:
    """Two minutes of silence cost fewer than ten reads."""
    bench = PowerBench()
    bench.monitor.error = DeviceTimeout("power_monitor")
    bench.run(120)

    assert bench.monitor.reads < 10


# -- voltage and current


def test_undervoltage_sheds_everything_until_the_bus_has_recovered() -> None:
    """Below 22.8 V for 5 s; over only above 23.8 V for a minute."""
    bench = PowerBench(soc=0.8)
    bench.loads.request("nav", True)
    bench.run(5)
    bench.monitor.voltage_v = 22.0
    bench.run(3)
    assert bench.loads.is_on("nav")
    bench.run(4)
    assert not bench.loads.is_on("nav")
    assert bench.events.count(area.UNDERVOLTAGE) == 1

    bench.rest_at(0.8)
    bench.run(50)
    assert not bench.loads.is_on("nav")
    bench.run(15)
    assert bench.loads.is_on("nav")
    assert bench.events.count(area.UNDERVOLTAGE_OVER) == 1


def test_a_drained_battery_sheds_everything_for_a_minute() -> None:
    """Ten amperes out: a shorted load goes with the rest."""
    bench = PowerBench(soc=0.8)
    bench.loads.request("nav", True)
    bench.run(5)
    bench.monitor.current_a = -10.0
    bench.run(7)
    assert not bench.loads.is_on("nav")
    bench.monitor.current_a = -1.0
    bench.run(50)
    assert not bench.loads.is_on("nav")
    bench.run(15)

    assert bench.loads.is_on("nav")
    assert bench.events.count(area.DISCHARGE_OVERCURRENT) == 1


@given(socs=st.lists(st.none() | st.floats(0.0, 1.0), max_size=30))
def test_shedding_never_keeps_what_the_charge_forbids(socs: list) -> None:
    """At every moment the level is at least what the thresholds ask, and unknown charge sheds all."""
    shedding = Shedding(FakeParameters())
    for second, soc in enumerate(socs):
        level = shedding.update(second * 10**9, soc, 26.0, 0.0)
        least = ALL if soc is None else sum(soc < limit for limit in (0.45, 0.40, 0.35, 0.32))
        most = ALL if soc is None else sum(soc < limit + 0.05 for limit in (0.45, 0.40, 0.35, 0.32))
        assert least <= level <= max(least, most)


# -- charging


@pytest.mark.parametrize(
    ("coldest_c", "warmest_c", "state"),
    [
        (20.0, 20.0, ChargeState.ALLOWED),
        (-0.5, 4.0, ChargeState.COLD),
        (30.0, 46.0, ChargeState.HOT),
        (None, None, ChargeState.NO_TEMPERATURE),
    ],
)
def test_charging_needs_a_battery_in_its_temperature_range(
    coldest_c: float | None, warmest_c: float | None, state: ChargeState
) -> None:
    """The colder sensor guards from cold, the warmer from heat, and no sensor means no charging."""
    bench = PowerBench()
    bench.run(2)
    assert bench.switches.really_on("charge")
    bench.battery_c, bench.battery_hot_c = coldest_c, warmest_c
    bench.run(1)

    assert bench.switches.really_on("charge") is (state is ChargeState.ALLOWED)
    assert bench.power.housekeeping().charge is state
    assert bench.board.power is not None
    assert bench.board.power.charge_inhibited is (state is not ChargeState.ALLOWED)


def test_a_silent_thermal_subsystem_stops_charging() -> None:
    """Its last word is worth nothing after ten seconds."""
    bench = PowerBench()
    bench.run(2)
    for now_ns in bench.every(1.0, 12):
        bench.power.tick(now_ns)

    assert not bench.switches.really_on("charge")


def test_charging_does_not_flicker_at_its_limit() -> None:
    """Forbidden below 0 C, allowed again from 1 C; ground hears what lasts."""
    bench = PowerBench()
    for celsius, allowed in ((5.0, True), (0.5, True), (-0.1, False), (0.5, False), (1.1, True), (0.1, True)):
        bench.battery_c = celsius
        bench.run(10)
        assert bench.switches.really_on("charge") is allowed
    assert bench.events.names() == ["power.charge_inhibited", "power.charge_allowed"]


def test_ground_may_allow_charging_without_a_temperature() -> None:
    """A rover whose sensors have died need not starve."""
    bench = PowerBench()
    bench.battery_c = None
    bench.parameters.set(area.CHARGE_BLIND, 1.0)
    bench.run(2)

    assert bench.switches.really_on("charge")


def test_overvoltage_stops_charging() -> None:
    """Above 29.7 V for 5 s; over below 28.9 V."""
    bench = PowerBench(soc=1.0)
    bench.monitor.voltage_v = 29.9
    bench.run(8)
    assert not bench.switches.really_on("charge")
    assert bench.events.count(area.OVERVOLTAGE) == 1
    bench.monitor.voltage_v = 29.2
    bench.run(5)
    assert not bench.switches.really_on("charge")
    bench.monitor.voltage_v = 28.8
    bench.run(5)
    assert bench.switches.really_on("charge")
    assert bench.events.count(area.OVERVOLTAGE_OVER) == 1


def test_too_much_charging_current_pauses_charging() -> None:
    """Above 0.3 C for 10 s: a pause of ten minutes."""
    bench = PowerBench(soc=0.5)
    bench.array.power_w |= {"left": 110.0, "rear": 110.0}
    bench.monitor.current_a = 7.0
    bench.run(12)
    assert not bench.switches.really_on("charge")
    bench.monitor.current_a = 0.0
    bench.run(580)
    assert not bench.switches.really_on("charge")
    bench.run(30)

    assert bench.switches.really_on("charge")
    assert bench.events.count(area.CHARGE_OVERCURRENT) == 1


def test_a_hot_battery_is_reported() -> None:
    """One event of its own besides the inhibition."""
    bench = PowerBench()
    bench.battery_hot_c = 47.0
    bench.run(20)

    assert bench.events.count(area.BATTERY_HOT) == 1
