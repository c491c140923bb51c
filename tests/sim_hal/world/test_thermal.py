"""Lumped temperatures: balance, nights, days, and the energy closure of the long polar night."""

import math

import pytest
from hypothesis import given, strategies as st

from sim_hal.world.array import SolarArray
from sim_hal.world.battery import Battery
from sim_hal.world.power_bus import PowerBus
from sim_hal.world.regolith import absorbed_w_m2, heat_capacity_j_kg_k, surface_temperature_k
from sim_hal.world.thermal import Surroundings, Thermal
from sim_hal.world.vehicle_file import load_vehicle

VEHICLE = load_vehicle("south_pole")
NIGHT = Surroundings(90.0)
DAY = Surroundings(170.0, direct_w_m2=1361.0, sun_sine=0.08)
NO_HEAT = (0.0,) * 6


def make(**start_c: float) -> Thermal:
    """The reference rover's thermal network."""
    return Thermal(VEHICLE.thermal, **start_c)


def run(thermal: Thermal, hours: float, around: Surroundings, web_w: float = 0.0, battery_w: float = 0.0) -> Thermal:
    """Ten-minute steps with constant heat."""
    for _ in range(round(hours * 6)):
        thermal.step(600.0, around, web_w, battery_w, NO_HEAT)
    return thermal


@given(
    st.floats(-150.0, 100.0),
    st.floats(-200.0, 100.0),
    st.floats(30.0, 300.0),
    st.floats(0.0, 1400.0),
    st.floats(0.0, 100.0),
    st.one_of(st.none(), st.floats(250.0, 320.0)),
)
def test_heat_is_conserved(
    inner_c: float, outer_c: float, sink_k: float, sun_w_m2: float, web_w: float, air_k: float | None
) -> None:
    """What is stored is what came in less what went out, whatever the start and surroundings."""
    thermal = make(web_c=inner_c, battery_c=inner_c, shell_c=outer_c, motor_c=outer_c)
    before_j = thermal.stored_j()
    for _ in range(20):
        thermal.step(10.0, Surroundings(sink_k, sun_w_m2, 0.1, air_k), web_w, 3.0, (1.0,) * 6)
    assert thermal.stored_j() - before_j == pytest.approx(thermal.gained_j - thermal.lost_j, abs=0.1)


@given(st.floats(20.0, 350.0), st.floats(0.0, 80.0), st.floats(0.0, 1400.0), st.floats(1.0, 86400.0))
def test_any_step_length_stays_stable(sink_k: float, web_w: float, sun_w_m2: float, dt_s: float) -> None:
    """Steps of a second to a day give temperatures between the sink and what the heat can reach."""
    thermal = make()
    for _ in range(5):
        thermal.step(dt_s, Surroundings(sink_k, sun_w_m2, 0.1), web_w, 0.0, NO_HEAT)
        for kelvin in (thermal.web_k, thermal.battery_k, thermal.shell_k, *thermal.motor_k):
            assert math.isfinite(kelvin)
            assert min(sink_k, 250.0) - 1.0 < kelvin < 2000.0


def test_long_steps_agree_with_short_ones() -> None:
    """A night in ten-minute steps ends where ten-second steps end."""
    coarse, fine = make(), make()
    run(coarse, 24.0, NIGHT, 3.0)
    for _ in range(24 * 360):
        fine.step(10.0, NIGHT, 3.0, 0.0, NO_HEAT)
    assert coarse.web_c == pytest.approx(fine.web_c, abs=0.1)
    assert coarse.shell_c == pytest.approx(fine.shell_c, abs=0.1)
    assert coarse.motor_c[0] == pytest.approx(fine.motor_c[0], abs=0.5)


@given(st.floats(0.0, 50.0), st.floats(0.1, 30.0))
def test_more_heat_never_makes_it_colder(web_w: float, more_w: float) -> None:
    """Monotonic in the load."""
    assert run(make(), 20.0, NIGHT, web_w).web_k < run(make(), 20.0, NIGHT, web_w + more_w).web_k


def test_the_battery_follows_the_web_in_two_hours() -> None:
    """One time constant takes 63 % of a step."""
    thermal = make(web_c=20.0, battery_c=0.0)
    for _ in range(720):
        thermal.web_k = 293.15
        thermal.step(10.0, NIGHT, 0.0, 0.0, NO_HEAT)
    assert thermal.battery_c == pytest.approx(20.0 * (1.0 - math.exp(-1.0)), abs=0.3)


@pytest.mark.parametrize("load_w", [9.0, 12.0, 25.0, 50.0])
def test_the_electronics_stay_within_their_limits_by_day(load_w: float) -> None:
    """From SAFE to DRIVE power, in steady sunlight, between -20 and +50 C; the heat switch does it."""
    thermal = run(make(), 400.0, DAY, load_w)
    assert 0.0 < thermal.web_c < 50.0
    assert thermal.radiator_c <= thermal.web_c
    assert 0.0 < thermal.switch <= 1.0
    assert -40.0 < thermal.shell_c < 60.0
    assert -55.0 < thermal.motor_c[0] < 85.0


def test_the_heat_switch_saves_heat_at_night() -> None:
    """Closed below +15 C it cuts the radiator's loss to a tenth."""
    warm, cold = make(web_c=25.0), make(web_c=10.0)
    assert warm.switch == 1.0
    assert cold.switch == 0.0
    assert cold.radiator_c < -100.0


def test_motor_heaters_bring_cold_motors_to_work_in_hours() -> None:
    """2 W each from 100 K to -50 C takes 3 to 6 hours in the morning Sun."""
    thermal = make(motor_c=-173.0, shell_c=-60.0)
    hours = 0.0
    while thermal.motor_c[0] < -50.0:
        thermal.step(60.0, DAY, 12.0, 0.0, (2.0,) * 6)
        hours += 1.0 / 60.0
    assert 3.0 < hours < 6.0


def test_in_air_everything_comes_to_its_temperature() -> None:
    """A test rover in a yard at 15 C does not freeze to the sky."""
    thermal = run(make(), 200.0, Surroundings(288.15, air_k=288.15), 5.0)
    assert thermal.shell_c == pytest.approx(15.0, abs=2.0)
    assert thermal.motor_c[0] == pytest.approx(15.0, abs=1.0)


class Night:
    """165 h without Sun in hibernation, then the array in the morning."""

    def __init__(self, rhu_w: float, load_w: float) -> None:
        self.thermal = make(web_c=15.0, battery_c=15.0, shell_c=-30.0, motor_c=-50.0)
        self.thermal.rhu_w = rhu_w
        self.array = SolarArray(VEHICLE.array)
        self.battery = Battery(VEHICLE.battery, 0.9, 15.0)
        self.bus = PowerBus(VEHICLE.battery, self.battery, self.array)
        self.died_h: float | None = None
        self.coldest_c = 15.0
        for minute in range(165 * 60):
            self._minute(0.0 if self.bus.dead else load_w, NIGHT)
            if self.bus.dead and self.died_h is None:
                self.died_h = minute / 60.0
            self.coldest_c = min(self.coldest_c, self.thermal.battery_c)

    def morning(self, array_w: float) -> None:
        """One hour of Sun."""
        self.array.face_w, self.array.available_w = (array_w, 0.0, 0.0), array_w
        for _ in range(60):
            self._minute(0.5, DAY)

    def _minute(self, load_w: float, around: Surroundings) -> None:
        bus = self.bus
        self.battery.set_temperature(self.thermal.battery_c)
        bus.step(60.0, load_w)
        self.thermal.step(60.0, around, bus.load_w + bus.converter_heat_w, self.battery.heat_w, NO_HEAT)


def test_closure_15_w_of_radioisotope_heat_survives_the_night() -> None:
    """15 W and a load of 1 W: never empty, never frozen."""
    night = Night(15.0, 1.0)
    assert night.died_h is None
    assert night.battery.soc > 0.3
    assert night.coldest_c > 0.0


def test_closure_8_w_loses_the_bus_but_not_the_cells() -> None:
    """8 W: the bus dies late in the night, cells stay above -27 C, and the Sun wakes it."""
    night = Night(8.0, 3.0)
    assert night.died_h is not None
    assert night.died_h > 100.0
    assert night.coldest_c >= -27.0

    night.morning(40.0)
    assert not night.bus.dead
    assert night.battery.usable


def test_closure_without_radioisotope_heat_the_rover_is_lost() -> None:
    """3 W of load and nothing else: dead after about 41 h, cells below -100 C by the morning, and no wake."""
    night = Night(0.0, 3.0)
    assert night.died_h == pytest.approx(41.0, rel=0.2)
    assert night.coldest_c < -100.0
    assert night.battery.destroyed
    night.morning(40.0)
    assert not night.battery.usable


def polar_sun(latitude_deg: float = -85.3, hours: int = int(346.62 * 24)) -> list[float]:
    """Sun elevation by the hour over one draconic year: a month's turn and the small seasons of the Moon."""
    latitude = math.radians(latitude_deg)
    elevations = []
    for hour in range(hours):
        declination = math.radians(-1.543) * math.cos(math.tau * hour / (346.62 * 24))
        angle = math.tau * hour / (29.5306 * 24)
        sine = math.sin(latitude) * math.sin(declination)
        elevations.append(math.asin(sine + math.cos(latitude) * math.cos(declination) * math.cos(angle)))
    return elevations


def test_ground_temperature_at_the_landing_site() -> None:
    """Level ground at 85.3 S: at most 174 K at noon of summer, some 60 K in winter, 104 K on average near the pole."""
    kelvin = surface_temperature_k(polar_sun(), spin_up=2)
    assert max(kelvin) == pytest.approx(174.0, abs=4.0)
    assert min(kelvin) == pytest.approx(63.0, abs=8.0)
    assert sum(kelvin) / len(kelvin) == pytest.approx(104.0, abs=10.0)


def test_ground_at_the_equator_at_noon() -> None:
    """Apollo and Diviner: 385 to 395 K at noon, 90 to 105 K before sunrise."""
    month = polar_sun(0.0, 709)
    kelvin = surface_temperature_k(month, spin_up=4, start_k=250.0)
    assert 380.0 < max(kelvin) < 398.0
    assert 88.0 < min(kelvin) < 106.0


def test_regolith_material_laws() -> None:
    """Specific heat at 300 K (Hemingway et al. 1981), nothing absorbed at night, grazing light mostly reflected."""
    assert heat_capacity_j_kg_k(300.0) == pytest.approx(770.0, rel=0.03)
    assert absorbed_w_m2(-0.1) == 0.0
    assert absorbed_w_m2(math.pi / 2) == pytest.approx(0.88 * 1361.0)
    assert absorbed_w_m2(0.05) < 0.4 * 1361.0 * math.sin(0.05)
