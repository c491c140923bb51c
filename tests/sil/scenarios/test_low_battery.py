"""low_battery: the charge ladder, with each rung taken out, and a ground that calls the sleeping rover."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from flight.energy.shedding import Shedding
from flight.modes.supervisor import ModeSupervisor
from flight.subsystems.power import Power
from hal.api.clock import NS_PER_S
from sil.loader import load_scenario
from sil.mission import Mission
from sil.scenario import Pose, StartSection
from telemetry_defs.areas import system
from tests.sil.scenarios.flown import failed, failures, fly


def test_it_sheds_goes_safe_hibernates_and_keeps_the_rest_of_its_charge() -> None:
    """The scenario as shipped."""
    _, result = fly("low_battery")
    assert failures(result) == []


@pytest.mark.soak
def test_without_shedding_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is ever shed: ground gets its navigation, the motors stay on."""
    monkeypatch.setattr(Shedding, "update", lambda *args: 0)
    _, result = fly("low_battery")
    assert failed(result, "power.shed")
    assert failed(result, "nav_on fails")


@pytest.mark.soak
def test_without_the_ladder_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither SAFE nor HIBERNATE: the battery runs on down."""
    monkeypatch.setattr(ModeSupervisor, "_charge_ladder", lambda *args: False)
    _, result = fly("low_battery")
    assert failed(result, "system.soc_low")
    assert failed(result, "final mode")
    assert failed(result, "world.soc")


@pytest.mark.soak
def test_without_hibernation_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """SAFE alone does not stop the drain."""
    monkeypatch.setattr(ModeSupervisor, "_must_hibernate", lambda *args: False)
    _, result = fly("low_battery")
    assert not failed(result, "system.soc_low")
    assert failed(result, "final mode")
    assert failed(result, "world.soc")


@pytest.mark.soak
def test_with_a_gauge_that_reads_high_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """The state of charge is what every rung stands on; ground talked into a wrong one has none."""
    monkeypatch.setattr(Power, "restore", lambda power, soc: power._soc.calibrate(0.7))
    _, result = fly("low_battery")
    assert failed(result, "drive fails")
    assert failed(result, "wheels_turning")


class Caller:
    """A ground that pings every half minute until the rover answers, then holds SAFE."""

    def __init__(self) -> None:
        self.answered_s: float | None = None
        self.pings = 0

    def __call__(self, mission: Mission) -> None:
        now_ns = mission.clock.now_ns()
        if self.answered_s is not None or now_ns % (30 * NS_PER_S):
            return
        if any(record.completed for record in mission.station.commands):
            self.answered_s = mission.elapsed_s
            mission.station.send_command(system.HOLD_SAFE.name, {"hold": True}, now_ns, "local")
        else:
            self.pings += 1
            mission.station.send_command(system.PING.name, {}, now_ns, "local")


def night(soc: float) -> StartSection:
    return StartSection(time_utc=datetime(2029, 10, 4, tzinfo=UTC), mode="HIBERNATE", soc=soc, pose=Pose(x_m=6.0))


@pytest.mark.parametrize(("soc", "final_mode"), [(0.19, "SAFE"), (0.14, "OFF")])
def test_ground_can_call_a_sleeping_rover_and_hold_it_awake_down_to_the_floor(soc: float, final_mode: str) -> None:
    """The bytes that wake it are lost, a ping soon after is answered within the two minutes that SAFE listens, and the
    order to stay is obeyed above the floor of 0.15."""
    caller = Caller()
    mission = Mission(
        msgspec.structs.replace(
            load_scenario("low_battery"), start=night(soc), command=(), expect=(), duration_s=1500.0
        )
    )
    mission.on_second = caller

    mission.run()

    assert caller.answered_s is not None
    assert caller.answered_s < 660.0 + 90.0
    assert mission.mode_name == final_mode
    assert mission.flights == 1
