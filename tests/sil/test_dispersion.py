"""What the seed varies: the same seed draws the same, within bounds, at the rate asked for; bad tables are refused."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from hal.api.config import ConfigError
from sil.dispersion import dispersed
from sil.loader import decode_scenario, load_scenario
from sil.mission import Mission
from sil.run import run
from sil.scenario import Scenario
from sil.scenario_text import to_toml
from sim_hal.noise import Noise

HEAD = """
name = "varied"
world = "flat"
duration_s = 20.0
[start]
time_utc = 2029-09-24T00:00:00Z
"""
SEEDS = st.integers(min_value=0, max_value=2**63 - 1)


def _scenario(text: str) -> Scenario:
    return decode_scenario(HEAD + text, "varied.toml")


def _fault(**keys: Any) -> str:
    given = {"device": "wheels.rear_left", "kind": "jam", **keys}
    lines = [f"{key} = {value!r}" for key, value in given.items() if value is not None]
    return "\n".join(["[[disperse_fault]]", *lines, ""])


def _disperse(key: str, low: float, high: float) -> str:
    return f"[[disperse]]\nkey = '{key}'\nlow = {low}\nhigh = {high}\n"


def test_numbers_of_start_world_and_vehicle_are_varied() -> None:
    """Each reaches the thing that it is a number of."""
    mission = Mission(
        _scenario(
            _disperse("start.temperatures_c.web", 11.0, 12.0)
            + _disperse("world.gravity_m_s2", 1.5, 1.6)
            + _disperse("world.terrain.terrain_seed", 7, 9)
            + _disperse("vehicle.battery.cell_ah", 2.0, 2.5)
            + _disperse("vehicle.battery.series", 6, 6)
        ),
        seed=5,
    )
    energy = mission.simulation.world.energy
    assert 11.0 <= energy.thermal.web_c <= 12.0
    assert 1.5 <= mission.site.gravity_m_s2 <= 1.6
    assert mission.site.world.terrain.terrain_seed in (7, 8, 9)
    pack = energy.battery._section
    assert pack.series == 6
    assert 2.0 <= pack.cell_ah <= 2.5


def test_counts_are_drawn_from_end_to_end() -> None:
    """Low and high are both reached."""
    scenario = _scenario(_disperse("world.terrain.terrain_seed", 3, 5))
    seen = {Mission(scenario, seed).site.world.terrain.terrain_seed for seed in range(30)}
    assert seen == {3, 4, 5}


def test_one_more_table_changes_no_other_draw() -> None:
    """Every key and every pair has a stream of its own."""
    one = _scenario(_disperse("start.soc", 0.2, 0.9) + _fault(rate_per_day=50_000.0, for_s=1.0))
    two = _scenario(
        _disperse("start.pose.x_m", 0.0, 9.0)
        + _disperse("start.soc", 0.2, 0.9)
        + _fault(device="wheels.front_left", rate_per_day=90_000.0, for_s=0.5)
        + _fault(rate_per_day=50_000.0, for_s=1.0)
    )
    first, second = dispersed(one, 3), dispersed(two, 3)
    assert first.start.soc == second.start.soc
    assert first.fault == tuple(fault for fault in second.fault if fault.device == "wheels.rear_left")
    assert first.fault


@given(seed=SEEDS, rate=st.floats(1.0, 1.0e6), for_s=st.floats(0.0, 5.0), most=st.integers(1, 8))
@settings(max_examples=25)
def test_drawn_faults_stand_as_tables_of_a_file(seed: int, rate: float, for_s: float, most: int) -> None:
    """Within the span, no more than `most`, never over one another: what is drawn passes the checks of a file."""
    scenario = _scenario(_fault(rate_per_day=rate, for_s=for_s, most=most, from_s=2.0, to_s=15.0))
    flown = dispersed(scenario, seed)
    assert len(flown.fault) <= most
    assert all(2.0 <= fault.at_s < 15.0 for fault in flown.fault)
    assert flown.disperse_fault == ()
    assert dispersed(flown, seed) == flown
    assert decode_scenario(to_toml(flown, seed), "again.toml").fault == flown.fault


def test_the_rate_is_the_rate() -> None:
    """5 a day over one day: mean and variance of a Poisson count, over 400 seeds."""
    text = HEAD.replace("20.0", "86400.0") + _fault(rate_per_day=5.0, for_s=0.0, most=1000)
    scenario = decode_scenario(text, "varied.toml")
    counts = [len(dispersed(scenario, seed).fault) for seed in range(400)]
    assert statistics.mean(counts) == pytest.approx(5.0, abs=0.4)
    assert statistics.variance(counts) == pytest.approx(5.0, abs=1.2)


def test_waiting_times_are_exponential() -> None:
    """Mean 1, and a third (1/e) of them longer than that."""
    noise = Noise(1, "waiting")
    times = [noise.exponential() for _ in range(20_000)]
    assert statistics.mean(times) == pytest.approx(1.0, abs=0.03)
    assert sum(time > 1.0 for time in times) / len(times) == pytest.approx(0.3679, abs=0.015)


def test_a_probability_is_a_share_of_the_seeds() -> None:
    """Once or not at all, at any time of the span alike."""
    scenario = _scenario(_fault(probability=0.25, from_s=10.0))
    faults = [dispersed(scenario, seed).fault for seed in range(400)]
    starts = [items[0].at_s for items in faults if items]
    assert len(starts) / len(faults) == pytest.approx(0.25, abs=0.07)
    assert statistics.mean(starts) == pytest.approx(15.0, abs=1.0)
    assert max(map(len, faults)) == 1


def test_a_fault_that_stays_comes_once() -> None:
    """It lasts until the end, so a second start means nothing."""
    scenario = _scenario(_fault(rate_per_day=1.0e6))
    assert [len(dispersed(scenario, seed).fault) for seed in range(5)] == [1] * 5


@settings(max_examples=3)
@given(seed=st.integers(0, 1000))
def test_a_run_repeats_by_its_seed_and_from_its_folder(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Twice by its seed, and once more from the `scenario.toml` that it left."""
    scenario = _scenario(
        _disperse("vehicle.drive.friction_a", 0.03, 0.06)
        + _fault(rate_per_day=20_000.0, for_s=2.0)
        + _fault(device="computer", kind="reset", probability=0.5)
    )
    out: Path = tmp_path_factory.mktemp("repeat") / "run"
    first = run(scenario, seed=seed, out=out, pictures=False)
    assert run(scenario, seed=seed).downlink_sha256 == first.downlink_sha256
    left = load_scenario(str(out / "scenario.toml"))
    assert left.disperse_fault == ()
    assert run(left).downlink_sha256 == first.downlink_sha256


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (_disperse("start.soc", -1.0, 1.0), "low of start.soc"),
        (_disperse("start.soc", 0.9, 0.1), "high (0.1) must not be below low (0.9)"),
        (_disperse("start.sock", 0.1, 0.2), "did you mean 'soc'"),
        (_disperse("start.mode", 0.1, 0.2), "is no number"),
        (_disperse("start.released", 0.0, 1.0), "released"),
        (_disperse("start.temperatures_c.wob", 0.1, 0.2), "did you mean 'web'"),
        (_disperse("vehicle.batery.cell_ah", 1.0, 2.0), "did you mean 'battery'"),
        (_disperse("vehicle.battery", 1.0, 2.0), "is no number"),
        (_disperse("vehicle.battery.series", 5.5, 6.0), "whole number"),
        (_disperse("vehicle.battery.cell_cutoff_v", 1.0, 4.0), "cell_cutoff_v < cell_restart_v"),
        (_disperse("world.horizon.mask", 1.0, 2.0), "is no number"),
        (_disperse("rover.x", 1.0, 2.0), "key"),
        (_disperse("start.soc", 0.1, 0.2) * 2, "disperse#2.key = 'start.soc' is varied twice"),
        (_fault(), "exactly one of rate_per_day, probability"),
        (_fault(rate_per_day=1.0, probability=0.5), "exactly one of rate_per_day, probability"),
        (_fault(probability=1.5), "probability"),
        (_fault(rate_per_day=0.0), "rate_per_day"),
        (_fault(rate_per_day=1.0, most=0), "most"),
        (_fault(rate_per_day=1.0, kind="jamb"), "disperse_fault#1: no fault 'jamb'"),
        (_fault(rate_per_day=1.0, from_s=30.0), "disperse_fault#1.from_s = 30 is after the end"),
        (_fault(rate_per_day=1.0, from_s=9.0, to_s=8.0), "to_s must be later"),
        (_fault(device="computer", kind="reset", rate_per_day=1.0, for_s=2.0), "takes no for_s"),
        (_fault(rate_per_day=1.0) * 2, "are both wheels.rear_left/jam"),
        (
            _fault(rate_per_day=1.0) + "[[fault]]\nat_s = 1.0\ndevice = 'wheels.rear_left'\nkind = 'jam'\n",
            "fault#1 and disperse_fault#1 are both wheels.rear_left/jam",
        ),
    ],
)
def test_a_bad_table_is_refused(table: str, said: str) -> None:
    """In a line that names it."""
    with pytest.raises(ConfigError) as error:
        _scenario(table)
    assert said in str(error.value)


def test_what_does_not_go_together_is_told_with_the_seed() -> None:
    """Each bound fits the file alone, some draws of both do not."""
    scenario = _scenario(
        _disperse("vehicle.battery.cell_cutoff_v", 2.0, 3.2) + _disperse("vehicle.battery.cell_restart_v", 3.1, 4.0)
    )
    told = []
    for seed in range(20):
        try:
            Mission(scenario, seed)
        except ConfigError as error:
            told.append(str(error))
    assert 0 < len(told) < 20
    assert all("vehicle as seed " in text and "cell_cutoff_v < cell_restart_v" in text for text in told)
