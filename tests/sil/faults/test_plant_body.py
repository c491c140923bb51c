"""Faults of the ground, of how the body stands, of the hold-down and of the sky."""

from __future__ import annotations

import math

import pytest

from sim_hal.world.place import Place
from sim_hal.world.site import View
from sim_hal.world.soil import SOILS, Loosened
from sim_hal.world.world import World
from sim_hal.world.world_file import load_world
from telemetry_defs.cuc import utc_iso_to_gps_ns
from telemetry_defs.definitions import Mode
from tests.sil.faults.device_bench import Shelf
from tests.sil.faults.plant_bench import AT_S, END_S, LIT, broken, told, truth
from tests.sil.faults.test_plant_wheels import roll


def world(shelf: Shelf) -> World:
    return shelf.mission.simulation.world


def test_a_trap_lets_the_wheels_slip_by_more_than_the_embedding_limit() -> None:
    """On the level, at the whole of it; the pit that was dug stays, the soil is itself again."""
    flown = broken("ground/embedding", "drive")
    assert truth(flown, "slip", AT_S - 1.0) == 0.0
    assert max(truth(flown, "slip", AT_S + n) for n in range(1, 8)) > 0.7
    assert told("ground/embedding", flown, "drive")
    assert flown.mission.mode_name in (Mode.IDLE.name, Mode.SAFE.name)
    assert flown.mission.simulation.world.motion.soil is SOILS["none"]


def test_a_trap_opens_step_by_step() -> None:
    """More slip at each level, none at the end."""
    shelf, slips = Shelf(), []
    for _ in shelf.levels("ground/embedding", (0.5, 1.0, 0.0)):
        roll(shelf, 1.0)
        slips.append(world(shelf).motion.slip)
    half, whole, _ = slips
    assert 0.0 < half < 0.7 < whole
    world(shelf).motion.pit.extra_m = 0.0
    roll(shelf, 1.0)
    assert world(shelf).motion.slip == 0.0


def test_loose_soil_slips_more_and_the_drive_goes_on() -> None:
    """A drive is none the worse."""
    flown = broken("ground/loose_soil", "drive", ramp_s=5.0)
    assert 0.0 < truth(flown, "slip", AT_S + 3.0) < truth(flown, "slip", AT_S + 10.0) < 0.1
    assert truth(flown, "slip", END_S + 2.0) == 0.0
    assert flown.mission.mode_name == Mode.DRIVE.name


def test_the_lander_is_not_made_of_sand() -> None:
    """Deck and ramp stay hard."""
    ground = world(Shelf()).ground
    ground.loosened.share = 1.0
    assert ground.soil_at(0.0, 0.0) is SOILS["none"]
    assert ground.soil_at(20.0, 0.0).name == "loose"


@pytest.mark.parametrize("name", SOILS)
def test_a_mixed_soil_lies_between_the_two(name: str) -> None:
    """And is the other one at the end."""
    mix = Loosened()
    mix.toward, mix.share = SOILS["trap"], 1.0
    assert mix.of(SOILS[name]).slip_for(0.0) == pytest.approx(SOILS["trap"].slip_for(0.0))
    mix.share = 0.0
    assert mix.of(SOILS[name]) is SOILS[name]


@pytest.mark.parametrize(("pitch_deg", "roll_deg"), [(28.0, 0.0), (0.0, -28.0)])
def test_a_shove_leans_the_body_and_the_inertial_unit_feels_it(pitch_deg: float, roll_deg: float) -> None:
    """With a rate while it leans and a tilt afterwards; at the end it lies level again."""
    shelf = Shelf()
    shelf.start("chassis/shove", pitch_deg=pitch_deg, roll_deg=roll_deg)
    shelf.wait(1.0)
    assert math.hypot(*shelf.hal.imu.read().gyro_rad_s) == pytest.approx(0.1, abs=0.02)
    shelf.wait(8.0)
    assert world(shelf).motion.tilt_rad == pytest.approx(math.radians(28.0))
    assert math.hypot(*shelf.hal.imu.read().gyro_rad_s) < 0.02
    shelf.end("chassis/shove")
    shelf.wait(8.0)
    assert world(shelf).motion.tilt_rad == 0.0


@pytest.mark.parametrize("task", ["idle", "drive"])
def test_flight_goes_to_safe_beyond_its_last_tilt_limit(task: str) -> None:
    """Standing or driving."""
    flown = broken("chassis/shove", task)
    assert "mobility.tilt_safe" in told("chassis/shove", flown, task)
    assert flown.mission.mode_name == Mode.SAFE.name
    assert flown.mission.simulation.world.motion.tilt_rad == 0.0


def test_a_small_shove_only_warns() -> None:
    """18 degrees, reached over 10 s."""
    flown = broken("chassis/shove", "drive", {"pitch_deg": 0.0, "roll_deg": 18.0}, ramp_s=10.0)
    assert 0.1 < truth(flown, "tilt_rad", AT_S + 5.0) < 0.2
    assert told("chassis/shove", flown, "drive") == {"mobility.tilt_high"}
    assert flown.mission.mode_name == Mode.DRIVE.name


def test_a_blocked_hold_down_does_not_open() -> None:
    """It says so, and the lander goes on feeding the rover; afterwards it opens."""
    shelf = Shelf()
    world(shelf).released = False
    egress = shelf.hal.egress
    assert egress is not None
    shelf.start("egress/blocked")
    egress.release()
    assert not egress.status().released
    assert egress.status().lander_power
    shelf.end("egress/blocked")
    egress.release()
    assert egress.status().released


def test_an_eclipse_takes_the_sun_from_array_and_ground() -> None:
    """Gradually; and gives it back."""
    flown = broken("sky/eclipse", "idle", ramp_s=20.0, pose=LIT)
    full_w = truth(flown, "array_w", AT_S - 1.0)
    assert 0.0 < truth(flown, "sunlit", AT_S + 14.0) < 1.0
    assert truth(flown, "array_w", END_S - 5.0) == 0.0
    assert truth(flown, "array_w", END_S + 5.0) == pytest.approx(full_w, rel=0.01)
    assert flown.mission.flights == 1


def test_half_an_eclipse_leaves_half_the_light() -> None:
    """By its parameter."""
    flown = broken("sky/eclipse", "idle", {"share": 0.5}, pose=LIT)
    assert truth(flown, "sunlit", AT_S + 1.0) == 0.5
    assert truth(flown, "sunlit", END_S + 1.0) == 1.0


def test_the_ground_cools_with_the_sun() -> None:
    """Down to the sink of the dark."""
    place = Place(load_world("leibnitz_beta"))
    view, gps_ns = View(), utc_iso_to_gps_ns("2029-09-24T00:00:00Z")
    place.look(gps_ns, 5.0, 0.0, view)
    lit_k, view.veil = view.sink_k, 1.0
    place.look(gps_ns, 5.0, 0.0, view)
    assert view.sink_k == place.world.environment.dark_sink_k < lit_k
