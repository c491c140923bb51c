"""Contract of `SwitchBank`: holds, safe values, names."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hal.api.clock import NS_PER_S
from hal.api.devices import SwitchBank
from hal.api.errors import NotReady
from hal.api.wiring import SwitchesWiring
from hal.drivers.gpio_switches import GpioSwitches
from tests.contract.rigs import Rig, fake_clock, sim_bench
from tests.fakes.switches import FakeSwitches
from tests.hal.drivers.test_gpio_switches import WIRED, SwitchBench


def _sim_heaters() -> Rig[SwitchBank]:
    bench = sim_bench()
    return bench.rig(bench.hal.heaters)


def _sim_loads() -> Rig[SwitchBank]:
    bench = sim_bench()
    return bench.rig(bench.hal.loads)


def _wire_heaters() -> Rig[SwitchBank]:
    bench = sim_bench(wire=True)
    return bench.rig(bench.hal.heaters)


def _wire_loads() -> Rig[SwitchBank]:
    bench = sim_bench(wire=True)
    return bench.rig(bench.hal.loads)


def _driver() -> Rig[SwitchBank]:
    """Lines of both polarities and both safe values, with nobody to guard them."""
    bench = SwitchBench()
    wiring = SwitchesWiring(bus="gpio", max_hold_s=60.0, lines=WIRED)
    return Rig(GpioSwitches(bench.port, wiring, bench.plug), bench.plug)


def _fake() -> Rig[SwitchBank]:
    clock = fake_clock()
    return Rig(FakeSwitches(clock, ["camera", "radio"], ["radio"]), clock)


@pytest.fixture(params=[_sim_heaters, _sim_loads, _wire_heaters, _wire_loads, _driver, _fake])
def rig(request: pytest.FixtureRequest) -> Rig[SwitchBank]:
    make: Callable[[], Rig[SwitchBank]] = request.param
    return make()


def test_every_switch_follows_its_command_while_held(rig: Rig[SwitchBank]) -> None:
    """On is on and off is off until the hold ends; then each returns to its own safe value."""
    bank = rig.device
    safe = {name: bank.is_on(name) for name in bank.names()}
    assert safe
    for name, safe_on in safe.items():
        bank.set(name, not safe_on, 5 * NS_PER_S)
    rig.pass_s(4.9)
    assert {name: bank.is_on(name) for name in bank.names()} == {name: not on for name, on in safe.items()}
    rig.pass_s(0.2)
    assert {name: bank.is_on(name) for name in bank.names()} == safe


def test_a_refreshed_switch_stays(rig: Rig[SwitchBank]) -> None:
    """Asked again before its hold ends, a switch never drops."""
    bank = rig.device
    name = bank.names()[0]
    wanted = not bank.is_on(name)
    for _ in range(10):
        bank.set(name, wanted, 2 * NS_PER_S)
        rig.pass_s(1.5)
        assert bank.is_on(name) is wanted


def test_no_hold_is_longer_than_the_board_allows(rig: Rig[SwitchBank]) -> None:
    """A hold of a year ends within two minutes."""
    bank = rig.device
    name = bank.names()[0]
    safe = bank.is_on(name)
    bank.set(name, not safe, 365 * 86_400 * NS_PER_S)
    rig.pass_s(121.0)
    assert bank.is_on(name) is safe


def test_make_safe_acts_at_once_on_all(rig: Rig[SwitchBank]) -> None:
    """Every switch is at its safe value when the call returns."""
    bank = rig.device
    safe = {name: bank.is_on(name) for name in bank.names()}
    for name, on in safe.items():
        bank.set(name, not on, 60 * NS_PER_S)
    bank.make_safe()
    assert {name: bank.is_on(name) for name in bank.names()} == safe


def test_a_name_that_is_no_switch_is_not_ready(rig: Rig[SwitchBank]) -> None:
    """Whatever is asked of it."""
    for call in (lambda: rig.device.is_on("warp"), lambda: rig.device.set("warp", True, NS_PER_S)):
        with pytest.raises(NotReady, match="warp"):
            call()


@pytest.mark.parametrize("wire", [False, True], ids=["device", "wire"])
def test_a_hold_ends_in_the_world_though_nobody_asks(wire: bool) -> None:
    """Within a second, by the switch itself or by the guard beside flight."""
    bench = sim_bench(wire=wire)
    world, clock = bench.simulation.world, bench.hal.clock
    bench.hal.loads.set("camera", True, 5 * NS_PER_S)
    bench.hal.loads.set("charge", False, 5 * NS_PER_S)
    bench.hal.heaters.set("battery", True, 5 * NS_PER_S)
    bench.rig(bench.hal).pass_s(4.9)
    now_ns = clock.now_ns()
    assert [world.loads.on(name, now_ns) for name in ("camera", "charge")] == [True, False]
    assert world.heaters.on("battery", now_ns)
    bench.rig(bench.hal).pass_s(1.1)
    now_ns = clock.now_ns()
    assert [world.loads.on(name, now_ns) for name in ("camera", "charge")] == [False, True]
    assert not world.heaters.on("battery", now_ns)
