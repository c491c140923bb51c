"""cold_morning: first the cells, then the motors, then a drive; with each step left out, and with a bus that died."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from flight.energy.charging import Charging
from flight.modes.supervisor import ModeSupervisor
from hal.api.values import ResetCause
from sil.loader import load_scenario
from sil.mission import Mission
from telemetry_defs.definitions import Mode
from telemetry_defs.packets import TimeQuality
from tests.sil.scenarios.flown import failed, failures, fly


def test_it_warms_its_cells_charges_warms_its_motors_and_drives() -> None:
    """The scenario as shipped."""
    _, result = fly("cold_morning")
    assert failures(result) == []


@pytest.mark.soak
def test_without_the_motor_check_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """The early drive is accepted and grinds cold gears."""
    for place in ("preconditions", "checks"):
        monkeypatch.setattr(f"flight.mobility.{place}.motors_warm", lambda *args: True)
    _, result = fly("cold_morning", duration_s=18000.0)
    assert failed(result, "too_early fails")
    assert failed(result, "motor_cold_wear_rad")


@pytest.mark.soak
def test_without_the_charge_check_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frozen cells are charged, and lithium plates out."""
    monkeypatch.setattr(Charging, "allowed", property(lambda charging: True))
    _, result = fly("cold_morning", duration_s=7200.0)
    assert failed(result, "battery_charge_below_zero_c_as")


@pytest.mark.soak
def test_without_warming_in_wake_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """WAKE that does not wait for warm cells is over at once."""
    monkeypatch.setattr(
        ModeSupervisor, "_leave_wake", lambda supervisor, now_ns: supervisor._machine.request(Mode.SAFE)
    )
    _, result = fly("cold_morning", duration_s=4000.0)
    assert failed(result, "system.hk.mode")


def test_a_bus_that_died_in_the_night_comes_back_with_the_sun_and_with_warm_cells() -> None:
    """The cold locks the charge away, so the bus dies at once.  At dawn the controller by itself warms the cells on
    array power and boots flight when they can hold the bus; nobody trusts the clock then.

    The first bursts of a transmitter may be more than the young Sun gives, and it starts again ten minutes later.
    """
    shipped = load_scenario("cold_morning")
    start = msgspec.structs.replace(shipped.start, time_utc=datetime(2029, 10, 8, 12, tzinfo=UTC))
    mission = Mission(msgspec.structs.replace(shipped, start=start, command=(), expect=(), duration_s=20000.0))

    mission.run()

    truth = mission.simulation.truth
    dead = dict(zip(truth.column("time_s"), truth.column("bus_dead"), strict=True))
    booted_s, boot = next((sent_ns / 1e9, tm) for sent_ns, tm in mission.recorder.events() if tm.name == "system.boot")
    assert dead[60.0]
    assert truth.column("receiver_on")[5] == 0.0
    assert booted_s > 14400.0
    assert boot.fields["reset_cause"] == ResetCause.DEAD_BUS
    assert boot.time_quality is TimeQuality.UNSET
    assert mission.flights <= 3
    assert mission.mode_name == "SAFE"
    assert truth.value("battery_c") > 0.0
    assert truth.value("battery_charge_below_zero_c_as") == 0.0
    assert truth.value("soc") > 0.15
