"""Faults of array, battery, switches and the controller that wakes the computer."""

from __future__ import annotations

import pytest

from hal.api.clock import NS_PER_S
from hal.api.values import FACES
from sil.faults.registry import REGISTRY
from sil.scenario import FaultSection
from sim_hal.world.battery import Battery
from sim_hal.world.loads import HEATER_W, LOAD_W
from telemetry_defs.definitions import Mode
from tests.sil.faults.device_bench import Shelf, fly, twin
from tests.sil.faults.plant_bench import AT_S, END_S, LIT, OVER_S, broken, told, truth

FULL_W = 73.5


@pytest.mark.parametrize(("kind", "left_w"), [("lost", 0.0), ("degraded", 0.5 * FULL_W)])
def test_a_face_gives_less_and_then_all_again(kind: str, left_w: float) -> None:
    """The only face that is lit."""
    flown = broken(f"array.left/{kind}", "idle", pose=LIT)
    assert truth(flown, "array_w", AT_S - 1.0) == pytest.approx(FULL_W, rel=0.01)
    assert truth(flown, "array_w", AT_S + 2.0) == pytest.approx(left_w, rel=0.01)
    assert truth(flown, "array_w", END_S + 2.0) == pytest.approx(FULL_W, rel=0.01)


@pytest.mark.parametrize("kind", ["lost", "degraded"])
@pytest.mark.parametrize("name", FACES[1:])
def test_a_face_in_the_dark_is_not_missed(name: str, kind: str) -> None:
    """Its power is its own."""
    flown = broken(f"array.{name}/{kind}", "idle", pose=LIT)
    assert truth(flown, "array_w", AT_S + 2.0) == pytest.approx(FULL_W, rel=0.01)


def test_flight_tells_of_a_lost_face_and_of_its_return() -> None:
    """Lit until then."""
    flown = broken("array.left/lost", "idle", pose=LIT)
    assert told("array.left/lost", flown, "idle", pose=LIT)
    assert "power.face_back" in flown.raised(END_S, OVER_S)


def test_dust_settles_on_all_faces() -> None:
    """Over its ramp, and blows off."""
    flown = broken("array/dust", "idle", {"share": 0.8}, ramp_s=20.0, pose=LIT)
    assert truth(flown, "array_w", AT_S + 10.0) == pytest.approx(0.6 * FULL_W, rel=0.05)
    assert truth(flown, "array_w", AT_S + 25.0) == pytest.approx(0.2 * FULL_W, rel=0.02)
    assert truth(flown, "array_w", END_S + 2.0) == pytest.approx(FULL_W, rel=0.01)


def battery(shelf: Shelf) -> Battery:
    return shelf.mission.simulation.world.energy.battery


def test_a_short_takes_a_group_s_voltage() -> None:
    """A seventh each; flight sheds when two are gone, and ends undervoltage afterwards."""
    shelf = Shelf()
    whole_v = battery(shelf).ocv_v()
    shelf.start("battery/cell_short")
    assert battery(shelf).ocv_v() == pytest.approx(whole_v * 6.0 / 7.0)
    shelf.end("battery/cell_short")
    assert battery(shelf).ocv_v() == whole_v

    fault = FaultSection(at_s=AT_S, for_s=10.0, device="battery", kind="cell_short", args={"groups": 2})
    flown = fly("idle", fault, duration_s=110.0)
    assert "power.undervoltage" in flown.raised(AT_S, AT_S + 10.0)
    assert "power.undervoltage_over" in flown.raised(AT_S + 10.0, 110.0)
    assert "power.undervoltage" not in twin("idle").raised(0.0, OVER_S)


def test_without_a_battery_the_array_carries_the_bus() -> None:
    """As long as it is lit; the battery is there again afterwards."""
    flown = broken("battery/open_circuit", "idle", pose=LIT)
    assert told("battery/open_circuit", flown, "idle", pose=LIT)
    assert flown.mission.flights == 1
    assert truth(flown, "battery_current_a", AT_S + 5.0) == 0.0
    assert truth(flown, "battery_current_a", END_S + 5.0) > 0.1


def test_without_a_battery_the_bus_dies_in_the_shadow() -> None:
    """And the computer with it: the row says that ground may lose the rover by this."""
    flown = broken("battery/open_circuit", "idle")
    assert truth(flown, "bus_dead", END_S) == 1.0
    assert not flown.mission.simulation.world.energy.bus.dead
    assert flown.mission.mode_name == "OFF"
    assert REGISTRY["battery", "open_circuit"].single_point


def test_a_faded_battery_empties_faster() -> None:
    """By as much as it has lost; a step at a time."""
    used = []
    for level in (0.0, 0.5, 1.0):
        cells = battery(Shelf())
        cells.faded = level * 0.5
        before = cells.soc
        cells.step(100.0, -100.0)
        used.append(before - cells.soc)
    assert used[1] == pytest.approx(used[0] / 0.75)
    assert used[2] == pytest.approx(used[0] / 0.5)


@pytest.mark.parametrize(
    ("kind", "attribute", "values"),
    [("capacity_loss", "faded", [0.2, 0.4, 0.0]), ("resistance", "resistance_factor", [2.5, 4.0, 1.0])],
)
def test_the_battery_ages_by_degrees(kind: str, attribute: str, values: list[float]) -> None:
    """Half, whole, over."""
    shelf = Shelf()
    seen = [getattr(battery(shelf), attribute) for _ in shelf.levels(f"battery/{kind}", (0.5, 1.0, 0.0))]
    assert seen == pytest.approx(values)


def test_a_bad_joint_lets_the_voltage_sag() -> None:
    """Under the same load."""
    flown = broken("battery/resistance", "idle", {"factor": 10.0})
    sag_v = truth(flown, "bus_voltage_v", AT_S - 1.0) - truth(flown, "bus_voltage_v", AT_S + 3.0)
    assert 0.3 < sag_v < 5.0
    assert truth(flown, "bus_voltage_v", END_S + 3.0) == pytest.approx(
        truth(flown, "bus_voltage_v", AT_S - 1.0), abs=0.1
    )


@pytest.mark.parametrize("on", [True, False], ids=["stuck_on", "stuck_off"])
@pytest.mark.parametrize(("bank", "names"), [("heaters", tuple(HEATER_W)), ("loads", tuple(LOAD_W))])
def test_a_stuck_switch_does_not_obey(bank: str, names: tuple[str, ...], on: bool) -> None:
    """Whatever it is told, and it reads back what it does; afterwards it obeys."""
    shelf = Shelf()
    switches = getattr(shelf.hal, bank)
    for name in names:
        shelf.start(f"{bank}.{name}/stuck_{'on' if on else 'off'}")
        switches.set(name, not on, NS_PER_S)
        assert switches.is_on(name) is on
        shelf.end(f"{bank}.{name}/stuck_{'on' if on else 'off'}")
        assert switches.is_on(name) is not on


def test_a_heater_stuck_on_heats_on_when_the_computer_is_off() -> None:
    """No hold ends it."""
    shelf = Shelf()
    shelf.start("heaters.battery/stuck_on")
    shelf.mission.simulation.world.outputs_off()
    shelf.wait(2.0)
    assert shelf.mission.simulation.world.energy.heater_w == 12.0


@pytest.mark.parametrize(
    ("pair", "task"),
    [
        ("heaters.battery/stuck_on", "idle"),
        ("heaters.battery/stuck_off", "cold"),
        ("heaters.motor_rear_left/stuck_off", "warm"),
        ("loads.nav/stuck_on", "idle"),
        ("loads.nav/stuck_off", "nav"),
        ("loads.motors/stuck_off", "drive"),
        ("loads.imu/stuck_off", "drive"),
        ("loads.charge/stuck_off", "idle"),
    ],
)
def test_flight_tells_of_a_switch_that_does_not_obey(pair: str, task: str) -> None:
    """After 3 s; and the rover lives on."""
    flown = broken(pair, task)
    assert told(pair, flown, task)
    assert flown.mission.flights == 1
    assert flown.mission.mode_name == Mode.IDLE.name


def test_a_controller_that_does_not_wake_leaves_the_computer_off() -> None:
    """Calls from the ground included; one that comes after the fault wakes it."""
    fault = FaultSection(at_s=1.0, for_s=39.0, device="power_controller", kind="no_wake")
    flown = fly("calls", fault, mode="HIBERNATE")
    assert flown.mission.flights == 1
    assert min(t_s for t_s, _ in flown.events) > 40.0
    assert min(t_s for t_s, _ in fly("calls", mode="HIBERNATE").events) < 10.0
