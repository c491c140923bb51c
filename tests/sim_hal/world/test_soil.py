"""The drawbar curve against its published points, its inverse, and digging in."""

import math

import pytest
from hypothesis import given, strategies as st

from sim_hal.world.soil import BELLY_EXTRA_M, EMBEDDED_EXTRA_M, SOILS, Pit, Soil

REAL = st.sampled_from([SOILS["nominal"], SOILS["loose"], SOILS["dense"]])
SLIPS = st.floats(-0.95, 0.95)


def slope(degrees: float) -> float:
    """Pull over load that a slope asks for."""
    return math.tan(math.radians(degrees))


@pytest.mark.parametrize(("slip", "pull"), [(0.1, 0.175), (0.2, 0.25), (0.3, 0.275), (0.4, 0.287), (0.55, 0.306)])
def test_loose_set_follows_the_measured_lugged_wheel(slip: float, pull: float) -> None:
    """Ding et al. 2011, R 157 mm lugged, 80 N: the fit stays within its stated scatter of the measured points."""
    assert SOILS["loose"].drawbar_ratio(slip) == pytest.approx(pull, abs=0.015)


@pytest.mark.parametrize(
    ("degrees", "slip"), [(0.0, 0.02), (5.0, 0.05), (10.0, 0.09), (15.0, 0.15), (18.0, 0.21), (20.0, 0.29)]
)
def test_nominal_set_gives_the_design_slip_on_slopes(degrees: float, slip: float) -> None:
    """Slip by slope is what the reference rover was sized with."""
    assert SOILS["nominal"].slip_for(slope(degrees)) == pytest.approx(slip, abs=0.01)


def test_slopes_at_which_each_soil_gives_up() -> None:
    """Nominal soil holds to 22 degrees, the loose set is stuck at 17."""
    assert SOILS["nominal"].slip_for(slope(21.5)) < 1.0
    assert SOILS["nominal"].slip_for(slope(23.0)) == 1.0
    assert SOILS["loose"].slip_for(slope(15.5)) < 0.5
    assert SOILS["loose"].slip_for(slope(17.0)) == 1.0


@given(REAL, SLIPS)
def test_slip_for_inverts_the_curve(soil: Soil, slip: float) -> None:
    """The slip found for a pull is the slip that gives it, as far as the curve is not flat."""
    found = soil.slip_for(soil.drawbar_ratio(slip))
    assert soil.drawbar_ratio(found) == pytest.approx(soil.drawbar_ratio(slip), abs=1e-9)


@given(REAL, st.floats(-5.0, 5.0), st.floats(0.0, 0.5), st.floats(0.0, 1.0))
def test_more_load_never_means_less_slip(soil: Soil, pull: float, more: float, added: float) -> None:
    """Slip is monotonic in the load and bounded."""
    assert -1.0 <= soil.slip_for(pull, added) <= soil.slip_for(pull + more, added) <= 1.0


def test_a_floor_without_slip() -> None:
    """The ideal soil neither slips nor sinks, whatever it carries."""
    ideal = SOILS["none"]
    assert ideal.slip_for(0.9) == 0.0
    assert ideal.sinkage_m(0.0) == 0.0
    assert ideal.drawbar_ratio(0.0) == 0.0


def test_sinkage_grows_with_slip() -> None:
    """5 mm at rest, 40 mm when spinning."""
    assert SOILS["nominal"].sinkage_m(0.0) == pytest.approx(0.005)
    assert SOILS["nominal"].sinkage_m(1.0) == pytest.approx(0.040)


def test_spinning_wheels_dig_until_nothing_helps() -> None:
    """A metre of wheel travel at full slip embeds; then even level ground holds the rover."""
    pit = Pit()
    for _ in range(99):
        pit.advance(1.0, 0.01, 0.0)
    early = pit.embedded
    pit.advance(1.0, 0.02, 0.0)

    assert (early, pit.embedded) == (False, True)
    assert SOILS["nominal"].slip_for(0.0, pit.resistance(SOILS["nominal"])) == 1.0


def test_moderate_slip_never_digs_and_driving_on_leaves_the_pit_behind() -> None:
    """Half slip makes a deep rut, not a pit; a shallow pit is gone after a few wheel bases."""
    pit = Pit()
    pit.advance(0.5, 100.0, 50.0)
    assert pit.extra_m == 0.0

    pit.extra_m = 0.5 * EMBEDDED_EXTRA_M
    pit.advance(0.1, 3.5, 3.0)
    assert pit.extra_m == 0.0


@given(st.lists(st.tuples(st.floats(-1.0, 1.0), st.floats(0.0, 0.1), st.floats(0.0, 0.1)), max_size=50))
def test_a_pit_is_never_negative(steps: list[tuple[float, float, float]]) -> None:
    """Whatever the wheels do, depth is a depth."""
    pit = Pit()
    for slip, wheel_m, ground_m in steps:
        pit.advance(slip, wheel_m, ground_m)
        assert pit.extra_m >= 0.0


def test_no_wheel_digs_deeper_than_the_belly() -> None:
    """Spinning for ever ends with the rover on its belly, not under the ground."""
    pit = Pit()
    for _ in range(1_000):
        pit.advance(1.0, 0.1, 0.0)
    assert pit.embedded
    assert pit.extra_m == BELLY_EXTRA_M
