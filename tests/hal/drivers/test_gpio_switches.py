"""Switches on simulated GPIO lines: holds, safe values, unwired ones, lines that fail, two threads."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from hal.api.clock import NS_PER_S
from hal.api.errors import DeviceTimeout, NotReady
from hal.api.wiring import LineWiring, SwitchesWiring
from hal.drivers.gpio_switches import GpioSwitches
from tests.wire_bench import WireBench

LINES = {
    "web": LineWiring(line=17),
    "motors": LineWiring(line=23, active_low=True),
    "receiver": LineWiring(line=24, safe=True),
    "camera": LineWiring(),
    "computer": LineWiring(safe=True),
}
WIRED = {name: wiring for name, wiring in LINES.items() if wiring.line is not None}
WIRING = SwitchesWiring(bus="gpio", max_hold_s=60.0, lines=LINES)


class SwitchBench(WireBench):
    """Lines with what hangs on them; a load is on when its line is at the level that switches it on."""

    def __init__(self) -> None:
        super().__init__()
        self.pins, self.port = self.gpio()
        self.levels: dict[int, list[bool]] = {}
        for wiring in WIRED.values():
            assert wiring.line is not None
            self.levels[wiring.line] = []
            self.pins.connect(wiring.line, wiring.safe is not wiring.active_low, self.levels[wiring.line].append)
        self.bank = GpioSwitches(self.port, WIRING, self.plug, "loads")

    def really_on(self, name: str) -> bool:
        line = LINES[name].line
        assert line is not None
        return self.pins.level(line) is not LINES[name].active_low


@pytest.fixture
def bench() -> SwitchBench:
    return SwitchBench()


def test_claiming_moves_nothing(bench: SwitchBench) -> None:
    """Every line begins at its safe value, which its pull resistor has held so far."""
    assert bench.bank.names() == tuple(LINES)
    assert {name: bench.bank.is_on(name) for name in LINES} == {name: LINES[name].safe for name in LINES}
    assert all(levels == [] for levels in bench.levels.values())


@pytest.mark.parametrize("name", list(WIRED))
def test_a_switch_follows_while_held(bench: SwitchBench, name: str) -> None:
    """On the line and read back; at its safe value when the hold has ended and somebody asks."""
    safe = LINES[name].safe
    bench.bank.set(name, not safe, 5 * NS_PER_S)
    assert bench.bank.is_on(name) is bench.really_on(name) is not safe
    bench.pass_s(4.9)
    assert bench.bank.is_on(name) is not safe
    bench.pass_s(0.2)
    assert bench.bank.is_on(name) is bench.really_on(name) is safe


def test_the_guard_ends_holds_of_a_flight_that_hangs(bench: SwitchBench) -> None:
    """Nobody asks for the switch any more; `expire` alone puts it back, and only after its hold."""
    bench.bank.set("web", True, 2 * NS_PER_S)
    bench.bank.set("receiver", False, 4 * NS_PER_S)
    bench.pass_s(1.9)
    bench.bank.expire()
    assert bench.really_on("web")
    bench.pass_s(0.1)
    bench.bank.expire()
    assert not bench.really_on("web")
    assert not bench.really_on("receiver")
    bench.pass_s(2.0)
    bench.bank.expire()
    assert bench.really_on("receiver")


def test_no_hold_is_longer_than_the_wiring_allows(bench: SwitchBench) -> None:
    """A year ends after a minute; a hold of nothing ends at once."""
    bench.bank.set("web", True, 365 * 86_400 * NS_PER_S)
    bench.pass_s(59.9)
    assert bench.bank.is_on("web")
    bench.pass_s(0.1)
    assert not bench.bank.is_on("web")
    bench.bank.set("web", True, 0)
    assert not bench.bank.is_on("web")


def test_make_safe_drives_every_line_at_once(bench: SwitchBench) -> None:
    """Also what a hold still covers."""
    for name, wiring in WIRED.items():
        bench.bank.set(name, not wiring.safe, 60 * NS_PER_S)
    bench.bank.make_safe()
    assert {name: bench.really_on(name) for name in WIRED} == {name: wiring.safe for name, wiring in WIRED.items()}
    assert {name: bench.bank.is_on(name) for name in WIRED} == {name: wiring.safe for name, wiring in WIRED.items()}


def test_an_unwired_switch_is_always_what_it_is(bench: SwitchBench) -> None:
    """Whoever asks for anything else sees that it does not obey; nobody's other switches fail for it."""
    bench.bank.set("camera", False, NS_PER_S)
    bench.bank.set("computer", True, NS_PER_S)
    bench.bank.set("camera", True, NS_PER_S)
    bench.bank.set("computer", False, NS_PER_S)
    assert (bench.bank.is_on("camera"), bench.bank.is_on("computer")) == (False, True)


def test_an_unknown_switch_is_named(bench: SwitchBench) -> None:
    """With those that there are."""
    for call in (lambda: bench.bank.set("radio", True, 1), lambda: bench.bank.is_on("radio")):
        with pytest.raises(NotReady, match=r"no switch radio \(have web, motors,"):
            call()


def test_a_chip_that_is_gone_fails_wired_switches_only(bench: SwitchBench) -> None:
    """Told with the name of the switch; an order that failed does not come true by itself later."""
    bench.pins.unplugged = True
    with pytest.raises(DeviceTimeout, match=r"loads: web: expected its line to follow, gpio: line 17"):
        bench.bank.set("web", True, 30 * NS_PER_S)
    with pytest.raises(DeviceTimeout):
        bench.bank.is_on("motors")
    with pytest.raises(DeviceTimeout):
        bench.bank.make_safe()
    assert not bench.bank.is_on("camera")
    bench.pins.unplugged = False
    bench.bank.expire()
    assert not bench.really_on("web")
    assert not bench.bank.is_on("web")


def test_a_hold_outlasts_a_refresh_that_failed(bench: SwitchBench) -> None:
    """Two refreshes may fail: the switch keeps what it had until its own end, then goes back as soon as it can."""
    bench.bank.set("web", True, 3 * NS_PER_S)
    bench.pass_s(1.0)
    bench.pins.unplugged = True
    with pytest.raises(DeviceTimeout):
        bench.bank.set("web", True, 3 * NS_PER_S)
    bench.pins.unplugged = False
    bench.pass_s(1.0)
    assert bench.bank.is_on("web")
    bench.pins.unplugged = True
    bench.pass_s(2.0)
    with pytest.raises(DeviceTimeout):
        bench.bank.expire()
    assert bench.really_on("web")
    bench.pins.unplugged = False
    bench.bank.expire()
    assert not bench.really_on("web")


def test_one_line_that_fails_does_not_keep_the_others_on(bench: SwitchBench) -> None:
    """All are tried, then the failure is told."""
    bench.bank.set("web", True, NS_PER_S)
    bench.bank.set("motors", True, NS_PER_S)
    del bench.port._inverted[17]
    bench.port.claim = lambda line, value, *, active_low=False: None  # type: ignore[method-assign]  # line 17 is lost
    bench.pass_s(1.0)
    with pytest.raises(DeviceTimeout, match="web"):
        bench.bank.expire()
    assert not bench.really_on("motors")


def test_without_a_chip_wired_switches_fail_and_the_bank_still_stands() -> None:
    """A rover file names a bus that is not there."""
    bench = WireBench()
    bank = GpioSwitches(None, WIRING, bench.plug, "loads")
    with pytest.raises(DeviceTimeout, match="motors"):
        bank.set("motors", True, NS_PER_S)
    with pytest.raises(DeviceTimeout):
        bank.is_on("motors")
    assert not bank.is_on("camera")


def test_a_bank_without_lines_needs_no_chip() -> None:
    """Everything is always safe; making it safe is legal."""
    bench = WireBench()
    wiring = SwitchesWiring(max_hold_s=60.0, lines={"camera": LineWiring(), "computer": LineWiring(safe=True)})
    bank = GpioSwitches(None, wiring, bench.plug)
    bank.make_safe()
    bank.expire()
    assert (bank.is_on("camera"), bank.is_on("computer")) == (False, True)


def test_a_line_that_somebody_else_moved_is_told_and_driven_again(bench: SwitchBench) -> None:
    """Read back is what the line has; the next access puts it right."""
    bench.bank.set("web", True, 30 * NS_PER_S)
    bench.pins.drive(17, False)
    assert not bench.bank.is_on("web")
    assert bench.bank.is_on("web")


@given(
    st.lists(
        st.one_of(
            st.tuples(st.sampled_from(list(WIRED)), st.booleans(), st.integers(0, 90)),
            st.sampled_from(["safe", "expire"]),
            st.floats(0.0, 40.0),
        ),
        max_size=30,
    )
)
def test_no_switch_outlives_its_hold(steps: list[tuple[str, bool, int] | str | float]) -> None:
    """Whatever was asked for: after `expire` a line is on exactly while a hold covers it."""
    bench = SwitchBench()
    until_s: dict[str, tuple[bool, float]] = {}
    now_s = 0.0
    for step in steps:
        if isinstance(step, float):
            bench.pass_s(round(step, 3))
            now_s = bench.plug.now_ns() / NS_PER_S
        elif step == "safe":
            bench.bank.make_safe()
            until_s.clear()
        elif isinstance(step, tuple):
            name, on, hold_s = step
            bench.bank.set(name, on, hold_s * NS_PER_S)
            until_s[name] = (on, now_s + min(60, hold_s))
        bench.bank.expire()
        for name, wiring in WIRED.items():
            on, end_s = until_s.get(name, (wiring.safe, 0.0))
            assert bench.really_on(name) is (on if now_s < end_s - 1e-9 else wiring.safe)
