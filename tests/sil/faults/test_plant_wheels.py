"""Faults of wheels, corners and the drive unit: what is then true, what flight tells, and that they end."""

from __future__ import annotations

import pytest

from hal.api.clock import NS_PER_S
from hal.api.errors import DeviceTimeout
from hal.api.values import CORNERS, WHEELS
from sil.scenario import FaultSection
from sim_hal.world.drive import Drive
from sim_hal.world.world import World
from telemetry_defs.definitions import Mode
from tests.sil.faults.device_bench import Shelf, fly, twin
from tests.sil.faults.plant_bench import AT_S, OVER_S, broken, told, truth

AHEAD = (0.3,) * 6
UP_TO_SPEED_S = 3.0


def rolling() -> Shelf:
    """A rover that is told to drive for the next few seconds."""
    shelf = Shelf()
    roll(shelf)
    return shelf


def roll(shelf: Shelf, for_s: float = UP_TO_SPEED_S) -> None:
    for _ in range(int(for_s * 2)):
        shelf.hal.wheels.command(AHEAD, NS_PER_S)
        shelf.wait(0.5)


def world(shelf: Shelf) -> World:
    return shelf.mission.simulation.world


def drive(shelf: Shelf) -> Drive:
    return world(shelf).drive


@pytest.mark.parametrize("name", WHEELS)
def test_a_jammed_wheel_stands_while_the_others_turn(name: str) -> None:
    """Until it comes free."""
    shelf, index = rolling(), WHEELS.index(name)
    shelf.start(f"wheels.{name}/jam")
    roll(shelf)
    assert [speed == 0.0 for speed in drive(shelf).speed_rad_s] == [i == index for i in range(6)]
    shelf.end(f"wheels.{name}/jam")
    roll(shelf)
    assert all(drive(shelf).speed_rad_s)


@pytest.mark.parametrize("astern", [False, True])
def test_a_runaway_turns_at_full_rate_whatever_it_is_told(astern: bool) -> None:
    """Whenever motors have power, and only then."""
    shelf, sign = Shelf(), -1.0 if astern else 1.0
    shelf.start("wheels.rear_left/runaway", astern=astern)
    shelf.wait(3.0)
    assert sign * drive(shelf).speed_rad_s[4] > 0.8
    assert drive(shelf).speed_rad_s[:4] == [0.0] * 4

    shelf.hal.loads.set("motors", False, NS_PER_S)
    shelf.wait(0.5)
    assert not any(drive(shelf).speed_rad_s)
    shelf.hal.loads.set("motors", True, 60 * NS_PER_S)
    shelf.wait(2.0)
    assert sign * drive(shelf).speed_rad_s[4] > 0.8

    shelf.end("wheels.rear_left/runaway")
    shelf.wait(2.0)
    assert not any(drive(shelf).speed_rad_s)


def test_flight_cuts_the_motors_of_a_runaway() -> None:
    """Between two motions, within a second; the next one comes too soon and is refused."""
    fault = FaultSection(at_s=17.5, for_s=4.0, device="wheels.rear_left", kind="runaway")
    flown = fly("turn", fault, duration_s=OVER_S)
    assert "mobility.runaway" in flown.raised(17.5, 19.0)
    assert "mobility.runaway" not in twin("turn", OVER_S).raised(0.0, OVER_S)
    assert [truth(flown, "wheels_turning", t_s) for t_s in (20.0, 21.0)] == [0.0, 0.0]
    assert "mobility.motion_started" in twin("turn", OVER_S).raised(18.5, 28.0)
    assert "mobility.motion_started" not in flown.raised(18.5, OVER_S)


def test_flight_stops_for_a_runaway_that_turns_against_its_command() -> None:
    """Sooner than for a stall."""
    flown = broken("wheels.rear_left/runaway", "drive", {"astern": True})
    assert "mobility.runaway" in flown.raised(AT_S, AT_S + 1.9)
    assert [truth(flown, "wheels_turning", AT_S + late_s) for late_s in (3.0, 4.0)] == [0.0, 0.0]
    assert flown.mission.mode_name == Mode.IDLE.name


def test_flight_stops_for_a_runaway_that_turns_ahead_of_its_command() -> None:
    """In a second, and cuts the motors' power."""
    flown = broken("wheels.rear_left/runaway", "drive")
    assert "mobility.runaway" in flown.raised(AT_S, AT_S + 1.5)
    assert [truth(flown, "wheels_turning", AT_S + late_s) for late_s in (3.0, 4.0)] == [0.0, 0.0]
    assert "mobility.runaway" not in twin("drive", OVER_S).raised(0.0, OVER_S)
    assert flown.mission.mode_name == Mode.IDLE.name


def test_a_wheel_whose_gear_slips_draws_less_and_the_others_more() -> None:
    """In steps, down to the friction of its motor, and back."""
    shelf = Shelf()
    world(shelf).ground.loosened.share = 1.0  # the bench's own floor asks for no force
    roll(shelf)
    fit = list(drive(shelf).current_a)
    currents = []
    for _ in shelf.levels("wheels.rear_left/gear_slip", (0.5, 1.0, 0.0)):
        roll(shelf)
        currents.append(list(drive(shelf).current_a))
    half, whole, after = currents
    assert whole[4] < half[4] < fit[4]
    assert whole[0] > half[0] > fit[0]
    assert after == pytest.approx(fit, rel=0.02)


def test_a_rover_none_of_whose_gears_hold_stays() -> None:
    """Six wheels turn, nothing moves."""
    shelf = rolling()
    for name in WHEELS:
        shelf.start(f"wheels.{name}/gear_slip")
    before = world(shelf).motion.x_m
    roll(shelf)
    assert all(drive(shelf).speed_rad_s)
    assert world(shelf).motion.x_m - before < 0.01


@pytest.mark.parametrize("name", CORNERS)
def test_a_stuck_corner_keeps_its_angle(name: str) -> None:
    """The others go where they are told, and it follows once it is free."""
    shelf, index = Shelf(), CORNERS.index(name)
    shelf.start(f"steering.{name}/stuck")
    steer(shelf)
    angles = world(shelf).steering.angle_rad
    assert [angle == pytest.approx(0.3) for angle in angles] == [i != index for i in range(4)]
    assert angles[index] == 0.0
    shelf.end(f"steering.{name}/stuck")
    steer(shelf)
    assert world(shelf).steering.angle_rad == pytest.approx((0.3,) * 4)


def steer(shelf: Shelf) -> None:
    shelf.hal.steering.command((0.3,) * 4, 5 * NS_PER_S)
    shelf.wait(4.0)


def test_a_lost_drive_unit_stands_and_does_not_answer() -> None:
    """All wheels at once, before any hold has run out; afterwards everything answers and turns."""
    shelf = rolling()
    shelf.start("drive_unit/lost")
    shelf.wait(0.2)
    assert not any(drive(shelf).speed_rad_s)
    with pytest.raises(DeviceTimeout, match="wheels"):
        shelf.hal.wheels.read()
    with pytest.raises(DeviceTimeout, match="steering"):
        shelf.hal.steering.command((0.0,) * 4, NS_PER_S)
    shelf.end("drive_unit/lost")
    roll(shelf)
    assert all(drive(shelf).speed_rad_s)
    assert shelf.hal.steering.read().angle_rad


@pytest.mark.parametrize(
    ("pair", "task", "at_s"),
    [
        ("wheels.rear_left/jam", "drive", AT_S),
        ("steering.front_left/stuck", "turn", 20.0),
        ("drive_unit/lost", "drive", AT_S),
    ],
)
def test_flight_tells_of_it_and_stops(pair: str, task: str, at_s: float) -> None:
    """One of the row's events, which the twin does not raise; then the rover stands."""
    flown = broken(pair, task, at_s=at_s)
    assert told(pair, flown, task)
    assert flown.mission.mode_name == Mode.IDLE.name
    assert not flown.mission.simulation.world.wheels_turning
    assert flown.mission.injector.active == ()
