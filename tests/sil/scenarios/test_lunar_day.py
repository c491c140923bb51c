"""lunar_day: nine days in a few minutes, its dawn for every day, and the night without what makes it survivable."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from flight.modes.hibernation import Hibernation
from flight.modes.supervisor import ModeSupervisor
from hal.api.values import HibernateSettings
from sil.loader import load_scenario
from sil.mission import Mission
from sil.scenario import Pose, StartSection
from tests.sil.scenarios.flown import failed, failures, fly


@pytest.mark.soak
def test_it_parks_sleeps_through_the_night_wakes_and_drives_again() -> None:
    """The scenario as shipped."""
    _, result = fly("lunar_day")
    assert failures(result) == []


@pytest.mark.soak
def test_a_rover_that_never_sleeps_dies_in_the_night(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither ground's order nor the ladder switches the computer off: the battery lasts a day and a half."""
    monkeypatch.setattr(ModeSupervisor, "_charge_ladder", lambda *args: False)
    awake = tuple(command for command in load_scenario("lunar_day").command if command.id != "sleep")
    _, result = fly("lunar_day", command=awake, duration_s=240_000.0)
    assert failed(result, "world.bus_dead")
    assert failed(result, "world.soc at least 0.4")
    assert failed(result, "world.computer_on")


@pytest.mark.soak
def test_a_rover_that_nobody_sends_to_sleep_comes_back_all_the_same() -> None:
    """Without ground's order it stays awake until the ladder sends it to sleep with a fifth of its charge, which lasts
    for most of the rest of the night.  The bus dies before dawn; the Sun brings it back, and it drives again."""
    awake = tuple(command for command in load_scenario("lunar_day").command if command.id != "sleep")
    _, result = fly("lunar_day", command=awake)
    assert failed(result, "world.bus_dead")
    assert failed(result, "world.soc at least 0.4")
    for part in ("event system.boot", "battery_charge_below_zero", "motor_cold_wear_rad", "morning completes"):
        assert not failed(result, part), part


@pytest.mark.soak
def test_without_the_array_threshold_it_sleeps_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Sun comes up and nobody notices until the alarm."""
    armed = Hibernation._settings

    def deaf(hibernation: Hibernation) -> HibernateSettings:
        return msgspec.structs.replace(armed(hibernation), wake_array_w=10_000.0)

    monkeypatch.setattr(Hibernation, "_settings", deaf)
    _, result = fly("lunar_day")
    assert failed(result, "event system.boot")
    assert failed(result, "morning completes")


@pytest.mark.parametrize("yaw_rad", [1.42, 1.5708, 1.72])
def test_the_sun_wakes_it_on_the_evening_of_8_october(yaw_rad: float) -> None:
    """The last hours of the night: parked facing north, a little off or not, 16:30 to 19:00."""
    start = StartSection(
        time_utc=datetime(2029, 10, 8, 14, tzinfo=UTC),
        mode="HIBERNATE",
        soc=0.64,
        pose=Pose(x_m=12.0, yaw_rad=yaw_rad),
        rhu_w=15.0,
        temperatures_c={"web": 15.7, "battery": 15.7, "shell": -101.0, "motors": -112.0},
    )
    shipped = load_scenario("lunar_day")
    mission = Mission(msgspec.structs.replace(shipped, start=start, command=(), expect=(), duration_s=18_000.0))
    seen: list[float] = []
    mission.on_second = lambda flying: mission.end() if seen else seen.extend(_awake_s(flying))

    mission.run()

    assert 9_000.0 <= seen[0] <= 18_000.0


def _awake_s(mission: Mission) -> list[float]:
    return [] if mission.flight is None else [mission.elapsed_s]
