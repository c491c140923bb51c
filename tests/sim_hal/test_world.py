"""The world around the devices: energy accounts, egress down the ramp, shadows, a night without a computer."""

from __future__ import annotations

import math

import msgspec
import pytest

from hal.api.board import Hal
from hal.api.clock import NS_PER_S
from hal.api.errors import ComputerStopped
from hal.api.values import HibernateSettings
from sim_hal import board
from sim_hal.controller import STARTED_ASLEEP
from sim_hal.mathid import math_id
from sim_hal.noise import Noise, quantised
from sim_hal.simulation import Simulation
from sim_hal.start import Start
from sim_hal.world.vehicle_file import load_vehicle
from tests.fakes.site import LevelSite
from tests.sim_hal.conftest import GPS_NS, MakeSimulation

NORTH = math.pi / 2
HOUR_NS = 3600 * NS_PER_S


def _boot(simulation: Simulation) -> Hal:
    assert simulation.run_until_boot(simulation.clock.now_ns())
    hal = simulation.boot()
    simulation.end_watch()
    return hal


def _drive(hal: Hal, wheel_rad_s: float, duration_s: float) -> None:
    for _ in range(round(duration_s * 2)):
        hal.loads.set("motors", True, 60 * NS_PER_S)
        hal.wheels.command((wheel_rad_s,) * 6, NS_PER_S)
        hal.clock.sleep_until_ns(hal.clock.now_ns() + NS_PER_S // 2)


def test_loads_add_up_on_the_bus(make_simulation: MakeSimulation) -> None:
    """Each switch adds its own watts; with no light they come out of the battery."""
    site = LevelSite()
    site.lit = 0.0
    simulation = make_simulation(site)
    hal = _boot(simulation)
    hal.clock.sleep_until_ns(2 * NS_PER_S)
    assert simulation.truth.value("load_w") == pytest.approx(8.0 + 0.5 + 3.0 + 1.0)
    hal.loads.set("nav", True, 60 * NS_PER_S)
    hal.heaters.set("battery", True, 60 * NS_PER_S)
    hal.radio_relay.set_transmitter(True, 140_000.0, 60 * NS_PER_S)
    hal.clock.sleep_until_ns(4 * NS_PER_S)
    assert simulation.truth.value("load_w") == pytest.approx(12.5 + 18.0 + 12.0 + 15.0)
    assert simulation.truth.value("battery_current_a") == pytest.approx(-57.5 / 0.95 / 28.2, rel=0.02)


def test_no_energy_is_lost_between_the_grids(make_simulation: MakeSimulation) -> None:
    """Over an hour of changing loads and driving, what the battery gave is heat in the rover or work on the ground."""
    site = LevelSite("nominal")
    site.lit = 0.0
    simulation = make_simulation(site)
    hal = _boot(simulation)
    energy = simulation.world.energy
    chemical_j = heat_j = 0.0
    start_heat_j = energy.thermal.gained_j
    for second in range(1, 3601):
        if second % 7 == 0:
            hal.heaters.set("battery", second % 3 == 0, 20 * NS_PER_S)
        if second % 60 == 0:
            hal.loads.set("nav", second % 120 == 0, 60 * NS_PER_S)
        if second % 600 < 100:
            hal.loads.set("motors", True, 5 * NS_PER_S)
            hal.wheels.command((0.4,) * 6, NS_PER_S)
        hal.clock.sleep_until_ns(second * NS_PER_S)
        battery = energy.battery
        chemical_j -= battery.current_a * battery.voltage_v
        heat_j += battery.heat_w
    gained_j = energy.thermal.gained_j - start_heat_j
    # Wheels carry work into the ground; the rest of the bus is heat inside, and so is what the cells make themselves.
    assert gained_j == pytest.approx(chemical_j + heat_j, rel=0.02)
    assert gained_j <= (chemical_j + heat_j) * 1.001


def test_driving_down_the_ramp_is_a_slope_and_ends_on_the_ground(make_simulation: MakeSimulation) -> None:
    """Released on the deck: 0.4 m up and level, nose down on the ramp by no more than 13 degrees, then level ground."""
    simulation = make_simulation(LevelSite("nominal"), released=False)
    hal = _boot(simulation)
    value = simulation.truth.value
    assert hal.egress is not None
    assert value("z_m") == pytest.approx(0.4)
    assert value("tilt_rad") == 0.0
    _drive(hal, 0.4, 10.0)
    assert value("x_m") == 0.0  # held down
    hal.egress.release()
    steepest = 0.0
    for _ in range(100):
        _drive(hal, 0.5, 1.0)
        steepest = max(steepest, value("tilt_rad"))
        assert value("pitch_rad") < 0.02
    assert math.degrees(steepest) == pytest.approx(12.5, abs=1.0)
    assert value("x_m") > 3.0
    assert value("z_m") == pytest.approx(0.0, abs=0.01)


def test_an_array_in_the_light_charges_and_the_charge_switch_stops_it(make_simulation: MakeSimulation) -> None:
    """Sun on a face: current into the battery; charge inhibited: none, whatever the Sun does."""
    simulation = make_simulation(soc=0.5, yaw_rad=NORTH)
    hal = _boot(simulation)
    hal.clock.sleep_until_ns(5 * NS_PER_S)
    assert simulation.truth.value("battery_current_a") > 1.0
    hal.loads.set("charge", False, 60 * NS_PER_S)
    hal.clock.sleep_until_ns(10 * NS_PER_S)
    assert simulation.truth.value("battery_current_a") <= 0.0


def test_cells_are_not_charged_cold_while_the_computer_sleeps(make_simulation: MakeSimulation) -> None:
    """Below 0 C the controller keeps the charger off; with the array live it heats until the cells can charge."""
    simulation = make_simulation(
        soc=0.5,
        yaw_rad=NORTH,
        temperatures_c={"battery": -10.0, "web": -10.0},
    )
    hal = _boot(simulation)
    assert hal.power_controller is not None
    hal.power_controller.arm(msgspec.structs.replace(STARTED_ASLEEP, wake_array_w=1e6))
    with pytest.raises(ComputerStopped):
        hal.power_controller.power_off()
    assert not simulation.run_until_boot(6 * HOUR_NS)
    assert simulation.truth.value("battery_charge_below_zero_c_as") == 0.0
    assert simulation.truth.value("battery_c") > 0.0
    assert simulation.truth.value("soc") > 0.6


def test_a_long_night_at_the_real_site_is_quick_and_ends_in_the_morning() -> None:
    """Facing north with 15 W of radioisotope heat: asleep from the evening of 2 October until the Sun is back."""
    evening_ns = GPS_NS + 8 * 86_400 * NS_PER_S
    simulation = board.make_simulation(
        start=Start(gps_ns=evening_ns, x_m=6.0, yaw_rad=NORTH, rhu_w=15.0, soc=0.9, computer_on=False)
    )
    assert simulation.run_until_boot(200 * HOUR_NS)
    slept_h = simulation.clock.now_ns() / HOUR_NS
    assert 156.0 < slept_h < 180.0
    assert simulation.truth.value("soc") > 0.5
    assert simulation.truth.value("battery_c") > 0.0
    assert simulation.truth.value("bus_dead") == 0.0
    columns = simulation.truth.columns
    assert len(simulation.truth) == pytest.approx(slept_h * 60, abs=2)
    assert len(next(simulation.truth.rows())) == len(columns)


def test_two_runs_of_one_seed_are_the_same_to_the_last_bit() -> None:
    """Equal inputs, equal truth and equal readings, in one process or another."""

    def run(seed: int) -> tuple[list[tuple[float, ...]], list[object]]:
        simulation = board.make_simulation(start=Start(gps_ns=GPS_NS, x_m=6.0, y_m=1.0), seed=seed)
        hal = _boot(simulation)
        readings: list[object] = []
        for _ in range(20):
            hal.loads.set("imu", True, 60 * NS_PER_S)
            _drive(hal, 0.4, 1.0)
            readings += [hal.imu.read(), hal.wheels.read(), hal.temperatures.read(), hal.array.read()]
        return list(simulation.truth.rows()), readings

    assert run(7) == run(7)
    truth, readings = run(7)
    other_truth, other_readings = run(8)
    assert truth == other_truth  # noise is in the devices, not in the world
    assert readings != other_readings


def test_a_start_names_nodes_that_exist() -> None:
    """A misspelt temperature node is refused, naming those there are."""
    with pytest.raises(ValueError, match="battery"):
        Simulation(
            site=LevelSite(),
            vehicle=load_vehicle("south_pole"),
            start=Start(gps_ns=GPS_NS, temperatures_c={"batery": 1.0}),
            seed=1,
        )


def test_sleeping_needs_an_armed_time_or_light() -> None:
    """A night armed with nothing but a timer ends by the timer even in the dark and on a cold rover."""
    site = LevelSite()
    site.lit = 0.0
    simulation = Simulation(site=site, vehicle=load_vehicle("south_pole"), start=Start(gps_ns=GPS_NS), seed=1)
    hal = _boot(simulation)
    assert hal.power_controller is not None
    hal.power_controller.arm(
        HibernateSettings(
            wake_array_w=1e6,
            wake_array_hold_s=1.0,
            wake_after_s=100.0,
            heater_on_c=-5.0,
            heater_off_c=0.0,
            receive_window_s=60.0,
            receive_period_s=600.0,
        )
    )
    with pytest.raises(ComputerStopped):
        hal.power_controller.power_off()
    assert simulation.run_until_boot(HOUR_NS)
    assert simulation.clock.now_ns() == 100 * NS_PER_S


def test_bell_noise_has_its_width_and_its_end() -> None:
    """Mean zero, the asked-for deviation, nothing beyond three sigma; streams differ by device."""
    noise = Noise(1, "x")
    values = [noise.bell(2.0) for _ in range(20_000)]
    assert sum(values) / len(values) == pytest.approx(0.0, abs=0.05)
    assert math.sqrt(sum(value * value for value in values) / len(values)) == pytest.approx(2.0, rel=0.03)
    assert max(abs(value) for value in values) <= 6.0
    assert Noise(1, "a").uniform() != Noise(1, "b").uniform() != Noise(2, "b").uniform()
    assert quantised(1.26, 0.5) == 1.5


def test_counts_spread_as_their_root_and_are_never_negative() -> None:
    """Poisson in mean and width."""
    noise = Noise(1, "x")
    counts = [noise.poisson(400.0) for _ in range(5_000)]
    mean = sum(counts) / len(counts)
    assert mean == pytest.approx(400.0, rel=0.01)
    assert math.sqrt(sum((count - mean) ** 2 for count in counts) / len(counts)) == pytest.approx(20.0, rel=0.05)
    assert min(noise.poisson(0.5) for _ in range(1000)) == 0
    assert noise.poisson(0.0) == 0


def test_math_id_is_stable_here() -> None:
    """The same machine gives the same sixteen digits twice."""
    assert math_id() == math_id()
    assert len(math_id()) == 16
