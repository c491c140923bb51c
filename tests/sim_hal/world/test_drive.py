"""Wheel motors: speed, current and power against the sizing of the reference rover."""

import math

import pytest
from hypothesis import given, strategies as st

from sim_hal.world.drive import Drive
from sim_hal.world.motion import Motion
from sim_hal.world.soil import SOILS
from sim_hal.world.steering import SteeringMotors
from sim_hal.world.vehicle_file import load_vehicle

VEHICLE = load_vehicle("south_pole")
STRAIGHT = (0.0,) * 4
IDLE = (0.0,) * 6


class Plane:
    """A slope that rises to the east."""

    def __init__(self, degrees: float) -> None:
        self.gradient = math.tan(math.radians(degrees))

    def height(self, x_m: float, y_m: float) -> float:
        """Site frame, m."""
        return self.gradient * x_m


def drive_up(degrees: float, seconds: float = 10.0) -> tuple[Drive, Motion]:
    """Drive straight up a slope at 5 cm/s over ground, in nominal soil on the Moon."""
    drive = Drive(VEHICLE.drive)
    motion = Motion(VEHICLE.body, Plane(degrees), lambda x, y: SOILS["nominal"], 1.62, VEHICLE.drive.seal_torque_n_m)
    rate = 0.05 / VEHICLE.body.wheel_radius_m / (1.0 - motion.soil.slip_for(math.tan(math.radians(degrees))))
    for _ in range(round(seconds * 10)):
        drive.step(0.1, (rate,) * 6, motion.wheel_load_n_m, 25.0)
        motion.step(0.1, drive.speed_rad_s, STRAIGHT)
    return drive, motion


@pytest.mark.parametrize(("degrees", "power_w"), [(0.0, 4.5), (10.0, 6.0), (15.0, 6.9), (20.0, 8.8)])
def test_power_at_5_cm_s_by_slope(degrees: float, power_w: float) -> None:
    """All six motors draw what the rover's power budget assumes, within 10 %."""
    drive, motion = drive_up(degrees)
    assert motion.speed_m_s == pytest.approx(0.05, rel=1e-3)
    assert drive.power_w == pytest.approx(power_w, rel=0.10)


def test_no_load_speed_and_stall_current() -> None:
    """24 V gives 1 rad/s at 0.04 A without load, and 0.5 A against a wheel that does not turn."""
    drive = Drive(VEHICLE.drive)
    for _ in range(50):
        drive.step(0.1, (5.0,) * 6, IDLE, 28.0)
    assert drive.speed_rad_s[0] == pytest.approx(1.0, rel=0.01)
    assert drive.current_a[0] == pytest.approx(0.04)

    drive.step(0.1, (5.0,) * 6, (6.5,) * 6, 28.0)
    assert drive.stalled == [True] * 6
    assert drive.speed_rad_s == [0.0] * 6
    assert drive.current_a[0] == pytest.approx(0.5)


def test_a_jammed_wheel_draws_stall_current_and_stands() -> None:
    """The other five go on."""
    drive = Drive(VEHICLE.drive)
    drive.jammed[2] = True
    for _ in range(20):
        drive.step(0.1, (0.3,) * 6, (0.1,) * 6, 25.0)

    assert drive.speed_rad_s[2] == drive.angle_rad[2] == 0.0
    assert drive.current_a[2] == pytest.approx(0.5)
    assert drive.speed_rad_s[3] == pytest.approx(0.3, rel=1e-3)


def test_cold_grease_takes_current_then_seizes() -> None:
    """At -55 C a wheel turns at four times the friction; at 100 K it does not turn at all."""
    drive = Drive(VEHICLE.drive)
    drive.set_temperatures((20.0, -55.0, -56.0, -173.0, -90.0, -120.0))
    for _ in range(20):
        drive.step(0.1, (0.3,) * 6, (0.1,) * 6, 25.0)

    assert drive.current_a[1] > 3.0 * drive.current_a[0]
    assert drive.seized == [False, False, False, True, False, False]
    assert drive.speed_rad_s[3] == drive.speed_rad_s[5] == 0.0
    assert drive.cold_wear_rad[1] == 0.0
    assert drive.cold_wear_rad[2] > 0.0


def test_a_stopped_drive_rests() -> None:
    """Commanded to zero it coasts out within a second and then draws nothing."""
    drive, _ = drive_up(0.0)
    for _ in range(15):
        drive.step(0.1, IDLE, (0.1,) * 6, 25.0)

    assert not drive.moving
    assert drive.speed_rad_s == [0.0] * 6
    assert drive.power_w == 0.0
    angles = list(drive.angle_rad)
    drive.step(0.1, IDLE, (0.1,) * 6, 25.0)
    assert drive.angle_rad == angles


def test_power_cut_stops_at_once() -> None:
    """Gearing holds a wheel without power."""
    drive, _ = drive_up(0.0)
    drive.stop_dead()
    assert drive.speed_rad_s == [0.0] * 6
    assert drive.current_a == [0.0] * 6
    assert not drive.moving


@given(
    st.lists(st.floats(-20.0, 20.0), min_size=6, max_size=6),
    st.lists(st.floats(-50.0, 50.0), min_size=6, max_size=6),
    st.lists(st.floats(-270.0, 150.0), min_size=6, max_size=6),
    st.floats(0.0, 40.0),
)
def test_any_input_keeps_speed_current_and_energy_in_bounds(
    command: list[float], load: list[float], temperatures: list[float], bus_v: float
) -> None:
    """No more current than the windings take, no work from nothing, heat never negative."""
    drive = Drive(VEHICLE.drive)
    drive.set_temperatures(temperatures)
    for _ in range(3):
        drive.step(0.1, command, load, bus_v)
        supply_v = min(bus_v, 24.0)
        for wheel in range(6):
            assert 0.0 <= drive.current_a[wheel] <= supply_v / 48.0 + 1e-9
            assert abs(drive.speed_rad_s[wheel]) <= min(supply_v / 22.0, abs(command[wheel])) + 1e-9
            assert drive.heat_w[wheel] >= 0.0
        assert 0.0 <= drive.power_w <= supply_v * sum(drive.current_a) + 1e-9


def test_steering_turns_at_its_rate_and_holds() -> None:
    """0.2 rad/s towards the target, end stops at 1.4 rad, no power at rest, a jammed corner stays and draws."""
    steering = SteeringMotors(VEHICLE.steering)
    steering.jammed[3] = True
    target = (0.5, -0.5, 3.0, 0.5)
    for _ in range(10):
        steering.step(0.1, target)
    assert steering.angle_rad[:3] == pytest.approx((0.2, -0.2, 0.2))
    for _ in range(200):
        steering.step(0.1, target)

    assert steering.angle_rad == pytest.approx((0.5, -0.5, 1.4, 0.0))
    assert steering.power_w == pytest.approx(VEHICLE.steering.power_w)
    steering.step(0.1, steering.angle_rad)
    assert not steering.moving
    assert steering.power_w == 0.0
