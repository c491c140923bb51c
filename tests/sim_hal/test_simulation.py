"""Lives of the flight computer: boots, stops, what outlives them, and the truth that is recorded."""

from __future__ import annotations

import pytest

from hal.api.clock import NS_PER_S
from hal.api.errors import ComputerStopped
from hal.api.values import ResetCause
from sim_hal.clock import Rank
from sim_hal.simulation import Simulation
from sim_hal.start import Start
from sim_hal.world.vehicle_file import load_vehicle
from tests.fakes.site import LevelSite
from tests.sim_hal.conftest import GPS_NS, MakeSimulation
from tests.sim_hal.lives import HOUR_NS, NIGHT, boot, sleep


def test_the_first_boot_is_a_power_on(make_simulation: MakeSimulation) -> None:
    """A simulation begins with its computer about to boot."""
    simulation = make_simulation()
    hal = boot(simulation)
    assert hal.reset_cause is ResetCause.POWER_ON
    assert simulation.computer_on
    assert hal.clock.now_ns() == 0


def test_a_power_cut_comes_out_of_a_sleep_and_unplugs_everything(make_simulation: MakeSimulation) -> None:
    """At the very instant of the cut flight is stopped; every later call raises again and changes nothing."""
    simulation = make_simulation()
    hal = boot(simulation)
    hal.loads.set("camera", True, 60 * NS_PER_S)
    simulation.clock.at(7 * NS_PER_S, Rank.FAULT, lambda: simulation.power_cut(30.0))

    with pytest.raises(ComputerStopped, match="POWER_CUT"):
        hal.clock.sleep_until_ns(20 * NS_PER_S)
    assert simulation.clock.now_ns() == 7 * NS_PER_S
    for call in (
        hal.clock.now_ns,
        hal.imu.read,
        hal.wheels.read,
        hal.storage.list,
        hal.radio_local.status,
        hal.watchdog.stroke,
        hal.power_monitor.read,
        hal.make_safe,
        lambda: hal.loads.set("camera", True, 60 * NS_PER_S),
        lambda: hal.heaters.set("battery", True, 60 * NS_PER_S),
        lambda: hal.storage.append("log", b"x"),
        lambda: hal.clock.sleep_until_ns(99 * NS_PER_S),
    ):
        with pytest.raises(ComputerStopped, match="POWER_CUT"):
            call()
    assert simulation.clock.now_ns() == 7 * NS_PER_S
    assert not simulation.world.loads.on("camera", 7 * NS_PER_S)
    assert simulation.disk.names() == ()

    again = boot(simulation)
    assert again.clock.now_ns() == 37 * NS_PER_S
    assert again.reset_cause is ResetCause.POWER_CUT
    assert again.storage.list() == ()


def test_the_watchdog_resets_a_computer_that_stops_stroking(make_simulation: MakeSimulation) -> None:
    """Ten seconds without a stroke, and the next life knows why it began."""
    simulation = make_simulation()
    hal = boot(simulation)
    for second in range(1, 31):
        hal.watchdog.stroke()
        hal.clock.sleep_until_ns(second * NS_PER_S)
    with pytest.raises(ComputerStopped, match="WATCHDOG"):
        hal.clock.sleep_until_ns(HOUR_NS)
    assert 39 <= simulation.clock.now_ns() / NS_PER_S <= 50

    assert boot(simulation).reset_cause is ResetCause.WATCHDOG


def test_a_computer_that_never_strokes_is_reset_after_its_grace(make_simulation: MakeSimulation) -> None:
    """A boot that hangs is ended too."""
    simulation = make_simulation()
    hal = boot(simulation)
    with pytest.raises(ComputerStopped, match="WATCHDOG"):
        hal.clock.sleep_until_ns(HOUR_NS)
    assert simulation.clock.now_ns() <= 61 * NS_PER_S


def test_a_process_that_ends_keeps_its_disk(make_simulation: MakeSimulation) -> None:
    """The supervisor starts it again; the computer never lost power, so neither did unsynced writes."""
    simulation = make_simulation()
    hal = boot(simulation)
    hal.storage.append("log", b"kept")
    simulation.process_ended(ResetCause.CRASH)
    again = boot(simulation)
    assert again.reset_cause is ResetCause.CRASH
    assert again.storage.read("log") == b"kept"


def test_wheels_stop_with_the_computer(make_simulation: MakeSimulation) -> None:
    """A cut in full drive leaves no wheel turning."""
    simulation = make_simulation()
    hal = boot(simulation)
    hal.loads.set("motors", True, 60 * NS_PER_S)
    hal.wheels.command((0.5,) * 6, NS_PER_S)
    simulation.clock.at(550_000_000, Rank.FAULT, lambda: simulation.power_cut(10.0))
    with pytest.raises(ComputerStopped):
        hal.clock.sleep_until_ns(NS_PER_S)
    assert simulation.truth.value("distance_m") > 0.01
    boot(simulation)
    assert simulation.truth.value("wheels_turning") == 0.0
    at_m = simulation.truth.value("x_m")
    simulation.clock.advance_to(simulation.clock.now_ns() + 10 * NS_PER_S)
    assert simulation.truth.value("x_m") == at_m


def test_a_thousand_reboots_leave_nothing_behind(make_simulation: MakeSimulation) -> None:
    """Timers, buffers and devices of past lives are gone: the heap does not grow."""
    simulation = make_simulation()
    sizes = []
    for _ in range(1000):
        hal = boot(simulation)
        hal.storage.replace("state", b"boots")
        hal.wheels.make_safe()
        with pytest.raises(ComputerStopped):
            simulation.power_cut(1.0)
        sizes.append(len(simulation.clock._heap))
    assert max(sizes[500:]) <= max(sizes[:500])


def test_equal_seeds_give_equal_readings_and_other_seeds_others(make_simulation: MakeSimulation) -> None:
    """Noise hangs on seed and device alone."""

    def readings(seed: int, temperatures_first: bool) -> list[object]:
        hal = boot(make_simulation(seed=seed))
        hal.loads.set("imu", True, 60 * NS_PER_S)
        if temperatures_first:
            hal.temperatures.read()
        return [hal.imu.read(), hal.power_monitor.read()]

    assert readings(1, False) == readings(1, True)
    assert readings(1, False) != readings(2, False)


def test_truth_is_recorded_every_second_and_seldom_while_off(make_simulation: MakeSimulation) -> None:
    """One row a second with a computer, one a minute in hibernation, in columns with names."""
    site = LevelSite()
    site.lit = 0.0
    simulation = make_simulation(site)
    hal = boot(simulation)
    hal.watchdog.stroke()
    hal.clock.sleep_until_ns(5 * NS_PER_S)
    assert len(simulation.truth) == 5
    sleep(hal, NIGHT)
    simulation.run_until_boot(605 * NS_PER_S)
    assert len(simulation.truth) == 15
    assert simulation.truth.column("time_s")[:6] == [1.0, 2.0, 3.0, 4.0, 5.0, 60.0]
    assert next(simulation.truth.rows())[0] == 1.0
    with pytest.raises(KeyError, match="speed_m_s"):
        simulation.truth.value("speed")


def test_a_hung_computer_leaves_its_outputs_to_their_holds_and_the_watchdog(make_simulation: MakeSimulation) -> None:
    """Wheels run on until their hold ends, heaters until theirs; then the watchdog resets."""
    simulation = make_simulation()
    hal = boot(simulation)
    hal.loads.set("motors", True, 60 * NS_PER_S)
    hal.heaters.set("battery", True, 60 * NS_PER_S)
    hal.watchdog.stroke()
    hal.wheels.command((0.5,) * 6, NS_PER_S)
    simulation.clock.at(500_000_000, Rank.FAULT, simulation.hang)
    with pytest.raises(ComputerStopped, match="HANG"):
        hal.clock.sleep_until_ns(NS_PER_S)
    assert not simulation.run_until_boot(4 * NS_PER_S)
    assert simulation.truth.value("wheels_turning") == 0.0
    assert simulation.truth.value("distance_m") == pytest.approx(0.045, rel=0.25)
    assert simulation.world.heaters.on("battery", simulation.clock.now_ns())

    again = boot(simulation)
    assert again.reset_cause is ResetCause.WATCHDOG
    assert 10 * NS_PER_S < again.clock.now_ns() < 30 * NS_PER_S
    assert not again.heaters.is_on("battery")


def test_a_halted_computer_stays_down(make_simulation: MakeSimulation) -> None:
    """The supervisor gave up: outputs are safe and nothing boots again."""
    simulation = make_simulation()
    hal = boot(simulation)
    hal.loads.set("camera", True, 60 * NS_PER_S)
    simulation.halt_computer()
    assert not simulation.run_until_boot(3 * HOUR_NS)
    assert not simulation.world.loads.on("camera", simulation.clock.now_ns())
    assert not simulation.computer_on


def test_gaps_close_a_link_for_their_time_even_when_they_overlap(make_simulation: MakeSimulation) -> None:
    """Two gaps that overlap end with the later one."""
    simulation = make_simulation()
    hal = boot(simulation)
    simulation.end_watch()
    simulation.add_gap("local", 10 * NS_PER_S, 30 * NS_PER_S)
    simulation.add_gap("local", 20 * NS_PER_S, 40 * NS_PER_S)
    locked = []
    for second in range(5, 50, 5):
        hal.clock.sleep_until_ns(second * NS_PER_S)
        locked.append(hal.radio_local.status().locked)
    assert locked == [True, False, False, False, False, False, False, True, True]
    assert hal.radio_relay.status().locked


def test_truth_can_be_left_out_of_endless_runs() -> None:
    """Without a period nothing is recorded, awake or asleep; the values can still be asked for."""
    simulation = Simulation(
        site=LevelSite(),
        vehicle=load_vehicle("south_pole"),
        start=Start(gps_ns=GPS_NS),
        seed=1,
        truth_s=None,
    )
    hal = boot(simulation)
    hal.clock.sleep_until_ns(5 * NS_PER_S)
    sleep(hal, NIGHT)
    simulation.run_until_boot(HOUR_NS)
    assert len(simulation.truth) == 0
    assert simulation.truth.value("computer_on") == 0.0
