"""Nights without a computer: what wakes it, what does not, and what a dead bus takes along."""

from __future__ import annotations

import msgspec
import pytest

from hal.api.board import Hal
from hal.api.clock import NS_PER_S
from hal.api.errors import BadReading, ComputerStopped, NotReady
from hal.api.values import ResetCause
from sim_hal.clock import Rank
from sim_hal.simulation import Simulation
from tests.fakes.site import LevelSite
from tests.sim_hal.conftest import MakeSimulation
from tests.sim_hal.lives import FACING_NORTH, HOUR_NS, NIGHT, boot, sleep


def test_hibernation_ends_by_array_power(make_simulation: MakeSimulation) -> None:
    """Dark: it sleeps on. Light for ten minutes: it boots, and says for how long it slept."""
    site = LevelSite()
    site.lit, site.sink_k = 0.0, 100.0
    simulation = make_simulation(site, rhu_w=15.0, yaw_rad=FACING_NORTH)
    sleep(boot(simulation), NIGHT)
    assert not simulation.run_until_boot(5 * HOUR_NS)
    assert simulation.truth.value("computer_on") == 0.0
    site.lit = 1.0
    begun_ns = simulation.clock.now_ns()
    hal = boot(simulation)

    assert hal.reset_cause is ResetCause.WAKE_ARRAY
    assert 600 <= (hal.clock.now_ns() - begun_ns) / NS_PER_S <= 640
    assert hal.power_controller is not None
    status = hal.power_controller.status()
    assert status.off_s == pytest.approx(hal.clock.now_ns() / NS_PER_S)
    assert not status.bus_died


def test_hibernation_ends_at_the_armed_time(make_simulation: MakeSimulation) -> None:
    """A wake timer boots flight to the second."""
    site = LevelSite()
    site.lit = 0.0
    simulation = make_simulation(site)
    hal = boot(simulation)
    hal.clock.sleep_until_ns(NS_PER_S // 3)
    sleep(hal, msgspec.structs.replace(NIGHT, wake_after_s=5000.0))
    hal = _boot_within(simulation, 2 * HOUR_NS)
    assert hal.reset_cause is ResetCause.WAKE_TIMER
    assert hal.clock.now_ns() == NS_PER_S // 3 + 5000 * NS_PER_S


def _boot_within(simulation: Simulation, limit_ns: int) -> Hal:
    assert simulation.run_until_boot(limit_ns)
    return simulation.boot()


def test_hibernation_ends_by_uplink_in_a_window_only(make_simulation: MakeSimulation) -> None:
    """Bytes outside a receive window reach nobody; within one they boot flight and are not kept."""
    site = LevelSite()
    site.lit = 0.0
    simulation = make_simulation(site)
    sleep(boot(simulation), NIGHT)
    local = simulation.links["local"]
    simulation.clock.at(300 * NS_PER_S, Rank.SCENARIO, lambda: local.uplink(b"nobody hears this"))
    assert not simulation.run_until_boot(590 * NS_PER_S)
    simulation.clock.at(630 * NS_PER_S, Rank.SCENARIO, lambda: local.uplink(b"wake up"))
    hal = _boot_within(simulation, HOUR_NS)

    assert hal.reset_cause is ResetCause.WAKE_UPLINK
    assert hal.clock.now_ns() / NS_PER_S == pytest.approx(630, abs=1)
    assert hal.radio_local.receive(1000) == b""


def test_an_unarmed_controller_does_not_switch_off(make_simulation: MakeSimulation) -> None:
    """Nobody said when to wake: refused."""
    hal = boot(make_simulation())
    assert hal.power_controller is not None
    with pytest.raises(NotReady, match="armed"):
        hal.power_controller.power_off()


def test_a_dead_bus_takes_clock_and_settings_with_it_and_boots_in_the_sun(make_simulation: MakeSimulation) -> None:
    """Empty in the dark, all is off; with the Sun back on the array, cells warm first, then flight boots."""
    site = LevelSite()
    site.lit, site.sink_k = 0.0, 150.0
    simulation = make_simulation(site, soc=0.10, rhu_w=8.0, yaw_rad=FACING_NORTH)
    hal = boot(simulation)
    for _ in range(100):
        hal.heaters.set("battery", True, 60 * NS_PER_S)
        hal.loads.set("nav", True, 60 * NS_PER_S)
        hal.watchdog.stroke()
        try:
            for _ in range(12):
                hal.clock.sleep_until_ns(hal.clock.now_ns() + 5 * NS_PER_S)
                hal.watchdog.stroke()
        except ComputerStopped as stopped:
            assert stopped.cause == "DEAD_BUS"
            break
    else:
        pytest.fail("the bus never died")
    assert simulation.truth.value("bus_dead") == 1.0
    assert not simulation.run_until_boot(simulation.clock.now_ns() + 5 * HOUR_NS)
    site.lit, site.sink_k = 1.0, 200.0
    hal = _boot_within(simulation, simulation.clock.now_ns() + 12 * HOUR_NS)

    assert hal.reset_cause is ResetCause.DEAD_BUS
    assert simulation.truth.value("battery_c") > 0.0
    assert hal.power_controller is not None
    assert hal.power_controller.status().bus_died
    assert not hal.power_controller.status().armed
    assert hal.rtc is not None
    with pytest.raises(BadReading, match="power"):
        hal.rtc.read_gps_ns()


def test_a_start_in_hibernation_has_its_computer_off(make_simulation: MakeSimulation) -> None:
    """HIBERNATE is a start state with no computer; an uplink wakes it like any other night."""
    site = LevelSite()
    site.lit = 0.0
    simulation = make_simulation(site, computer_on=False)
    assert not simulation.computer_on
    simulation.links["relay"].uplink(b"x")
    assert boot(simulation).reset_cause is ResetCause.WAKE_UPLINK
