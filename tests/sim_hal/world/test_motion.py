"""The moving body: kinematics, slope, slip, rocks, digging in, and what an ideal inertial unit feels."""

import math
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, strategies as st

from sim_hal.world.chassis import Chassis
from sim_hal.world.footing import no_rock
from sim_hal.world.motion import Motion
from sim_hal.world.soil import SOILS
from sim_hal.world.vehicle_file import load_vehicle

VEHICLE = load_vehicle("south_pole")
BODY = VEHICLE.body
STRAIGHT = (0.0,) * 4
RADIUS = BODY.wheel_radius_m
MOON = 1.62


class Field:
    """Ground given by a slope east and north, with optional waves."""

    def __init__(self, east: float = 0.0, north: float = 0.0, wave_m: float = 0.0) -> None:
        self.east, self.north, self.wave_m = east, north, wave_m

    def height(self, x_m: float, y_m: float) -> float:
        """Site frame, m."""
        return self.east * x_m + self.north * y_m + self.wave_m * math.sin(3.0 * x_m) * math.cos(2.0 * y_m)


def make(ground: Field | None = None, soil: str = "nominal", rock: Callable[[float, float], float] = no_rock) -> Motion:
    """A rover at the origin, facing east."""
    return Motion(BODY, ground or Field(), lambda x, y: SOILS[soil], MOON, 0.05, rock)


def run(motion: Motion, rates: Sequence[float], seconds: float, steer: tuple[float, ...] = STRAIGHT) -> Motion:
    """Turn the wheels for a while on the 100 ms grid."""
    for _ in range(round(seconds * 10)):
        motion.step(0.1, rates, steer)
    return motion


def wheels_for(forward: float, yaw: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Wheel rates and corner angles that do exactly this body motion."""
    rates, angles = [], []
    for x, y in Chassis(BODY).positions:
        ahead, left = forward - yaw * y, yaw * x
        angle = math.atan2(left, ahead)
        if abs(angle) > math.pi / 2:
            angle -= math.copysign(math.pi, angle)
        rates.append((ahead * math.cos(angle) + left * math.sin(angle)) / RADIUS)
        if x:
            angles.append(angle)
    return tuple(rates), tuple(angles)


@given(st.floats(-0.1, 0.1), st.floats(-0.3, 0.3))
def test_consistent_wheels_give_exactly_their_motion(forward: float, yaw: float) -> None:
    """Least squares undoes the rolling condition for any arc, reverse and point turn."""
    rates, angles = wheels_for(forward, yaw)
    assert Chassis(BODY).twist(rates, angles) == pytest.approx((forward, 0.0, yaw), abs=1e-9)


def test_a_skid_turn_yields_less_than_the_wheels_ask() -> None:
    """Without steering the end wheels must slide sideways, so a turn loses about half."""
    rates = tuple(side * 0.5 for side in (-1, 1, -1, 1, -1, 1))
    _, _, yaw = Chassis(BODY).twist(rates, STRAIGHT)
    ideal = 0.5 * RADIUS / (0.5 * BODY.track_m)
    assert 0.4 * ideal < yaw < 0.7 * ideal


def test_no_slip_on_the_ideal_floor() -> None:
    """Ten seconds at 0.5 rad/s are exactly that far, straight."""
    motion = run(make(soil="none"), (0.5,) * 6, 10.0)
    assert (motion.x_m, motion.y_m, motion.yaw_rad) == pytest.approx((10 * 0.5 * RADIUS, 0.0, 0.0), abs=1e-12)
    assert motion.distance_m == pytest.approx(motion.x_m)
    assert motion.slip == 0.0


@pytest.mark.parametrize(("degrees", "slip"), [(0.0, 0.024), (10.0, 0.091), (20.0, 0.286), (-10.0, -0.023)])
def test_slip_by_slope(degrees: float, slip: float) -> None:
    """Ground speed is wheel speed less the slip that carries the slope; downhill the wheels are pushed."""
    motion = run(make(Field(east=math.tan(math.radians(degrees)))), (0.5,) * 6, 5.0)
    assert motion.slip == pytest.approx(slip, abs=0.002)
    assert motion.speed_m_s == pytest.approx(0.5 * RADIUS * (1.0 - motion.slip))
    assert math.degrees(motion.pitch_rad) == pytest.approx(degrees, abs=1e-6)
    assert motion.z_m == pytest.approx(motion.x_m * math.tan(math.radians(degrees)), abs=1e-9)


def test_driving_backwards_up_a_slope_slips_too() -> None:
    """The load is along the motion, not along the body."""
    motion = run(make(Field(east=-math.tan(math.radians(15.0)))), (-0.5,) * 6, 5.0)
    assert motion.x_m < 0.0
    assert motion.slip == pytest.approx(0.151, abs=0.002)


def test_loose_soil_holds_the_rover_on_17_degrees_and_embeds_it() -> None:
    """Wheels that go on spinning dig in within a metre of travel, and then reverse does not help."""
    motion = run(make(Field(east=math.tan(math.radians(17.0))), "loose"), (0.333,) * 6, 20.0)
    assert motion.slip == 1.0
    assert motion.distance_m < 1e-9
    early = motion.embedded

    run(motion, (0.333,) * 6, 20.0)
    assert (early, motion.embedded) == (False, True)
    stuck_at = motion.x_m
    run(motion, (0.333,) * 6, 5.0)
    assert motion.x_m == pytest.approx(stuck_at)
    assert motion.sinkage_m > 0.06


def test_a_rover_that_stops_in_time_backs_out() -> None:
    """After half a metre of spinning it can still leave downhill."""
    motion = run(make(Field(east=math.tan(math.radians(17.0))), "loose"), (0.333,) * 6, 17.0)
    run(motion, (-0.333,) * 6, 40.0)
    assert motion.x_m < -0.5
    assert motion.pit.extra_m < 0.002


def test_cross_slope_drifts_downhill_and_rolls_the_body() -> None:
    """Driving east with the hill to the north: left side up, drift to the south."""
    motion = run(make(Field(north=math.tan(math.radians(15.0)))), (0.5,) * 6, 20.0)
    assert math.degrees(motion.roll_rad) == pytest.approx(15.0, abs=1e-3)
    assert motion.pitch_rad == pytest.approx(0.0, abs=1e-9)
    drift = math.degrees(math.atan2(-motion.y_m, motion.x_m))
    assert 2.0 < drift < 8.0


def test_point_turn_stays_on_its_spot() -> None:
    """A quarter turn with steered corners moves the centre by nothing."""
    rates, angles = wheels_for(0.0, 0.1)
    motion = run(make(), rates, 15.0, angles)
    assert math.hypot(motion.x_m, motion.y_m) < 1e-6
    assert motion.yaw_rad == pytest.approx(1.5 * (1.0 - motion.slip), rel=1e-6)
    assert motion.gyro_rad_s[2] == pytest.approx(0.1 * (1.0 - motion.slip))


def test_yaw_stays_within_one_turn() -> None:
    """A long turn wraps at half a turn either way."""
    rates, angles = wheels_for(0.0, 0.3)
    motion = make(soil="none")
    for _ in range(400):
        motion.step(0.1, rates, angles)
        assert -math.pi <= motion.yaw_rad <= math.pi
    assert math.cos(motion.yaw_rad) == pytest.approx(math.cos(12.0), abs=1e-6)


def test_a_jammed_wheel_drags_and_turns_the_rover() -> None:
    """One standing wheel on the left raises slip and pulls the nose to the left."""
    free = run(make(), (0.5,) * 6, 20.0)
    dragging = run(make(), (0.0, 0.5, 0.5, 0.5, 0.5, 0.5), 20.0)
    assert dragging.slip > free.slip + 0.02
    assert 0.0 < dragging.yaw_rad < 0.5
    assert dragging.x_m < free.x_m


def test_a_high_rock_blocks_a_low_one_lifts() -> None:
    """12 cm stops the rover with spinning wheels, and it can back off; 6 cm tilts it as it climbs over."""
    high = run(make(rock=lambda x, y: 0.12 if 0.55 < x < 0.7 and y > 0.0 else 0.0), (0.5,) * 6, 20.0)
    stopped = high.footing.blocked
    assert high.slip == 1.0
    assert 0.2 < high.x_m < 0.3
    run(high, (-0.5,) * 6, 5.0)
    assert (stopped, high.footing.blocked) == (True, False)
    assert high.x_m < 0.15

    low = make(rock=lambda x, y: 0.06 if 0.55 < x < 0.7 and y > 0.0 else 0.0)
    most = 0.0
    for _ in range(300):
        low.step(0.1, (0.5,) * 6, STRAIGHT)
        most = max(most, low.tilt_rad)
    assert low.x_m > 1.0
    assert math.radians(2.0) < most < math.radians(12.0)


def test_held_down_on_the_lander_nothing_moves() -> None:
    """Wheels may turn against the hold-down; pose and soil stay."""
    motion = make()
    motion.held = True
    run(motion, (0.5,) * 6, 30.0)
    assert (motion.x_m, motion.y_m, motion.distance_m) == (0.0, 0.0, 0.0)
    assert motion.pit.extra_m == 0.0


def test_beyond_its_stability_limit_the_rover_is_tipped() -> None:
    """The centre of mass leaves the track at 42 degrees of roll."""
    assert not make(Field(north=math.tan(math.radians(41.0)))).footing.tipped
    assert make(Field(north=math.tan(math.radians(44.0)))).footing.tipped


@given(st.floats(-0.4, 0.4), st.floats(-0.4, 0.4), st.floats(-3.1, 3.1))
def test_specific_force_at_rest_is_gravity_along_the_ground_normal(east: float, north: float, yaw: float) -> None:
    """On a plane the body's up is the plane's normal, its length g, and the quaternion says the same."""
    motion = make(Field(east, north))
    motion.place(0.0, 0.0, yaw)
    length = math.sqrt(1.0 + east * east + north * north)

    assert math.hypot(*motion.specific_force_m_s2) == pytest.approx(MOON)
    assert motion.footing.up[2] == pytest.approx(1.0 / length)
    assert motion.to_body(-east / length, -north / length, 1.0 / length) == pytest.approx((0.0, 0.0, 1.0), abs=1e-9)
    assert motion.to_body(0.0, 0.0, 1.0) == pytest.approx(motion.footing.up, abs=1e-9)
    w, x, y, z = motion.quaternion_wxyz
    assert w * w + x * x + y * y + z * z == pytest.approx(1.0)
    # The rotation matrix's last row is the vertical in the body frame.
    vertical = (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y))
    assert vertical == pytest.approx(motion.footing.up, abs=1e-9)


def test_rates_integrate_to_the_attitude() -> None:
    """Over waves, what the ideal gyroscope felt turns the first attitude into the last one."""
    motion = make(Field(wave_m=0.05))
    rates, angles = wheels_for(0.05, 0.05)
    q: tuple[float, ...] = motion.quaternion_wxyz
    for _ in range(600):
        motion.step(0.1, rates, angles)
        q = _rotate(q, motion.gyro_rad_s, 0.1)
    error = 2.0 * math.acos(min(1.0, abs(sum(a * b for a, b in zip(q, motion.quaternion_wxyz, strict=True)))))
    assert abs(motion.yaw_rad) > 1.0
    assert error < math.radians(1.5)


def _rotate(q: tuple[float, ...], rate: tuple[float, ...], dt: float) -> tuple[float, ...]:
    """Compose `q` with a small body rotation."""
    w, x, y, z = q
    a, b, c = (0.5 * dt * part for part in rate)
    out = (w - x * a - y * b - z * c, x + w * a + y * c - z * b, y + w * b + z * a - x * c, z + w * c + x * b - y * a)
    norm = math.sqrt(sum(part * part for part in out))
    return tuple(part / norm for part in out)


def test_attitude_moves_without_jumps() -> None:
    """Over waves no step turns the body faster than the waves can."""
    motion = run(make(Field(wave_m=0.08)), (0.5,) * 6, 0.1)
    for _ in range(1500):
        motion.step(0.1, (0.5,) * 6, STRAIGHT)
        assert math.hypot(*motion.gyro_rad_s) < 0.08


def test_reversing_returns_to_the_start() -> None:
    """Forth and back over the same waves ends at the same height and attitude."""
    motion = make(Field(wave_m=0.05), "none")
    z, pitch = motion.z_m, motion.pitch_rad
    run(motion, (0.5,) * 6, 21.3)
    run(motion, (-0.5,) * 6, 21.3)
    assert motion.x_m == pytest.approx(0.0, abs=0.02)
    assert motion.z_m == pytest.approx(z, abs=0.005)
    assert motion.pitch_rad == pytest.approx(pitch, abs=math.radians(1.0))


def test_standing_is_standing() -> None:
    """With still wheels nothing changes and nothing is felt but gravity."""
    motion = run(make(Field(wave_m=0.05)), (0.5,) * 6, 3.0)
    motion.step(0.1, (0.0,) * 6, STRAIGHT)
    pose = (motion.x_m, motion.y_m, motion.yaw_rad, motion.z_m)
    run(motion, (0.0,) * 6, 2.0)
    assert (motion.x_m, motion.y_m, motion.yaw_rad, motion.z_m) == pose
    assert motion.gyro_rad_s == (0.0, 0.0, 0.0)
    assert motion.speed_m_s == motion.slip == 0.0


@given(
    st.lists(st.tuples(st.lists(st.floats(-2.0, 2.0), min_size=6, max_size=6), st.floats(-1.4, 1.4)), max_size=20),
    st.sampled_from(["nominal", "loose", "dense", "none"]),
    st.floats(-0.6, 0.6),
)
def test_any_wheels_anywhere_stay_finite(steps: list[tuple[list[float], float]], soil: str, slope: float) -> None:
    """Nonsense from a broken controller makes no nonsense of the pose."""
    motion = make(Field(slope, -slope, 0.05), soil)
    for rates, angle in steps:
        motion.step(0.1, rates, (angle, -angle, 0.0, angle))
        felt = (*motion.gyro_rad_s, *motion.specific_force_m_s2, *motion.wheel_load_n_m)
        assert all(math.isfinite(value) for value in (motion.x_m, motion.y_m, motion.z_m, motion.yaw_rad, *felt))
        assert -1.0 <= motion.slip <= 1.0
        assert abs(motion.speed_m_s) <= 2.0 * 2.0 * RADIUS * 2.0


def test_soil_is_that_of_the_ground_reached() -> None:
    """A rover that drives off firm soil onto loose soil slips as loose soil makes it."""
    motion = Motion(BODY, Field(east=0.27), lambda x, y: SOILS["loose" if x > 0.5 else "nominal"], MOON, 0.05, no_rock)
    run(motion, (0.5,) * 6, 5.0)
    firm = motion.slip

    run(motion, (0.5,) * 6, 40.0)

    assert motion.x_m > 0.6
    assert motion.slip > 1.3 * firm
