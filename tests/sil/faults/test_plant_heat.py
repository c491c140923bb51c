"""Faults of radiator, heat switch and radioisotope heater: heat flows that take hours to be seen by flight."""

from __future__ import annotations

import pytest

from sim_hal.world.thermal import CREEP_S, Surroundings, Thermal
from sim_hal.world.vehicle_file import load_vehicle
from tests.sil.faults.device_bench import Shelf

HOUR_S = 3600.0
SUNLIT = Surroundings(sink_k=180.0, direct_w_m2=1361.0, sun_sine=0.3)
NIGHT = Surroundings(sink_k=100.0)


def thermal(shelf: Shelf) -> Thermal:
    return shelf.mission.simulation.world.energy.thermal


def after(hours: float, around: Surroundings = SUNLIT, **faults: float | None) -> float:
    """Temperature of the electronics after some hours with 30 W in them."""
    heat = Thermal(load_vehicle("south_pole").thermal, web_c=0.0 if around is NIGHT else 30.0)
    for name, value in faults.items():
        setattr(heat, name, value)
    heat.step(hours * HOUR_S, around, 30.0, 0.0, [0.0] * 6)
    return heat.web_c


def test_a_dusty_radiator_lets_the_electronics_get_hotter() -> None:
    """The more of it is covered."""
    clean, half, dusty = (after(3.0, radiator_dust=share) for share in (0.0, 0.5, 1.0))
    assert clean + 1.0 < half < dusty - 1.0


def test_dust_settles_by_degrees() -> None:
    """Half, whole, none."""
    shelf = Shelf()
    seen = [thermal(shelf).radiator_dust for _ in shelf.levels("radiator/dusty", (0.5, 1.0, 0.0))]
    assert seen == pytest.approx([0.3, 0.6, 0.0])


def test_a_stuck_heat_switch_keeps_or_loses_the_heat() -> None:
    """Hotter shut, colder open than a switch that works."""
    assert after(3.0, stuck_switch=0.0) > after(3.0) + 10.0
    assert after(3.0, around=NIGHT, stuck_switch=1.0) < after(3.0, around=NIGHT) - 10.0


@pytest.mark.parametrize(("kind", "end"), [("stuck_open", 1.0), ("stuck_closed", 0.0)])
def test_a_broken_heat_switch_creeps_to_its_end_and_back(kind: str, end: float) -> None:
    """In a quarter of an hour; freed, it creeps back to where a healthy one is and works from then on."""
    shelf = Shelf()
    heat = thermal(shelf)
    heat.web_k += 15.0  # somewhere in its band or above
    heat.stuck_switch = 0.5
    shelf.wait(CREEP_S)
    assert heat.switch == pytest.approx(0.5)
    heat.stuck_switch = None
    shelf.start(f"heat_switch/{kind}")
    shelf.wait(CREEP_S)
    assert heat.switch == end
    shelf.end(f"heat_switch/{kind}")
    shelf.wait(CREEP_S)
    healthy = heat.switch
    shelf.wait(20.0)
    assert heat.switch == pytest.approx(healthy, abs=0.05)
    assert heat.stuck_switch is None


def test_lost_isotope_heat_comes_back_at_the_end() -> None:
    """What the rover was built with."""
    shelf = Shelf()
    thermal(shelf).rhu_w = 8.0
    assert [thermal(shelf).rhu_w for _ in shelf.levels("rhu/lost", (0.5, 1.0, 0.0))] == [4.0, 0.0, 8.0]
