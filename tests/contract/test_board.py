"""Contracts of `Egress`, `PowerController`, `Rtc`, `Clock`, and of the whole `Hal`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hal.api.clock import NS_PER_S
from hal.api.devices import Egress
from hal.api.errors import ComputerStopped
from sim_hal import board
from tests.contract.rigs import fake_clock, sim_bench
from tests.fakes.egress import FakeEgress


def _sim_egress() -> Egress:
    egress = sim_bench(released=False).hal.egress
    assert egress is not None
    return egress


@pytest.mark.parametrize("make", [_sim_egress, lambda: FakeEgress(fake_clock())])
def test_a_release_is_for_good(make: Callable[[], Egress]) -> None:
    """Held and powered before, neither after, however often it is fired."""
    egress = make()
    assert (egress.status().released, egress.status().lander_power) == (False, True)
    egress.release()
    egress.release()
    assert (egress.status().released, egress.status().lander_power) == (True, False)


def test_a_release_takes_the_lander_s_power() -> None:
    """Before, the lander charges the battery; after, the rover lives on its own."""
    bench = sim_bench(released=False)
    egress = bench.hal.egress
    assert egress is not None
    bench.rig(bench.hal).pass_s(5.0)
    assert bench.hal.power_monitor.read().battery_current_a > 0.1  # charging from the lander
    egress.release()
    bench.rig(bench.hal).pass_s(5.0)
    assert bench.hal.power_monitor.read().battery_current_a < 0.0


def test_the_rtc_counts_on_and_can_be_set() -> None:
    """It keeps time to some parts in a million, from whatever it was set to."""
    bench = sim_bench()
    rtc = bench.hal.rtc
    assert rtc is not None
    begin = rtc.read_gps_ns()
    bench.rig(bench.hal).pass_s(1000.0)
    assert rtc.read_gps_ns() - begin == pytest.approx(1000 * NS_PER_S, rel=2e-5)
    rtc.set_gps_ns(5 * NS_PER_S)
    bench.rig(bench.hal).pass_s(1.0)
    assert rtc.read_gps_ns() == pytest.approx(6 * NS_PER_S, abs=100_000)


def test_the_clock_never_runs_back() -> None:
    """A deadline in the past returns at once."""
    clock = sim_bench().hal.clock
    clock.sleep_until_ns(5 * NS_PER_S)
    clock.sleep_until_ns(NS_PER_S)
    assert clock.now_ns() == 5 * NS_PER_S


@pytest.mark.parametrize("wire", [False, True], ids=["device", "wire"])
def test_leaving_the_hal_makes_every_output_safe(wire: bool) -> None:
    """Wheels stop, switches fall back, transmitters go silent; a stopped computer does nothing."""
    bench = sim_bench(wire=wire)
    with bench.hal as hal:
        bench.started(hal.wheels, hal.wheels.read, "motors")
        bench.power("camera")
        hal.heaters.set("battery", True, 30 * NS_PER_S)
        hal.wheels.command((0.3,) * 6, NS_PER_S)
        hal.radio_local.set_transmitter(True, 1e6, 30 * NS_PER_S)
        assert bench.simulation.world.wheel_command.at(hal.clock.now_ns()) == pytest.approx((0.3,) * 6, abs=1e-3)
    assert not bench.hal.loads.is_on("camera")
    assert not bench.hal.heaters.is_on("battery")
    assert bench.hal.radio_local.status().tx_rate_bit_s == 0.0
    assert bench.simulation.world.wheel_command.at(bench.hal.clock.now_ns()) == (0.0,) * 6


def test_the_entry_point_boots_a_simulated_rover_on_its_lander() -> None:
    """`build` with any other configuration makes the default simulation; with one, boots that one."""
    hal = board.build(None)
    assert hal.egress is not None
    assert not hal.egress.status().released
    simulation = board.make_simulation("flat")
    hal = board.build(simulation, simulation.clock)
    assert simulation.computer_on
    with pytest.raises(ComputerStopped):
        simulation.power_cut(1.0)
    assert board.build(simulation).storage.list() == ()


def test_a_foreign_clock_is_refused() -> None:
    """Simulated devices live on simulated time."""
    with pytest.raises(ValueError, match="clock"):
        board.build(None, sim_bench().hal.clock)
