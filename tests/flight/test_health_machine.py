"""Recovery as a state machine: whatever breaks and mends, whatever ground says, however often the rover restarts."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from flight.health.devices import FACTS, STILL_LINES
from hal.api.errors import BadReading, DeviceTimeout, NotReady
from telemetry_defs.areas import health as area
from telemetry_defs.areas.health import DEVICES
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import Command
from tests.flight.health_bench import HELD_ON, HealthBench

NAME = st.sampled_from([device.name.lower() for device in DEVICES])
FAULT = st.sampled_from([DeviceTimeout, BadReading, NotReady])
CODECS = Codecs()


class HealthMachine(RuleBasedStateMachine):
    """Every device is asked once a second by an owner that never gives up by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.bench = HealthBench()
        self.bench.in_use = {device.name.lower(): None for device in DEVICES}
        self.probed_s: dict[str, int] = {}
        self.now_s = 0

    @rule(name=NAME, fault=FAULT)
    def breaks(self, name: str, fault: type[DeviceTimeout | BadReading | NotReady]) -> None:
        self.bench.devices[name].fault = fault

    @rule(name=NAME)
    def mends(self, name: str) -> None:
        self.bench.devices[name].fault = None

    @rule(moving=st.sampled_from([True, False, None]))
    def moves(self, moving: bool | None) -> None:
        self.bench.moving = moving

    @rule(name=NAME, command=st.sampled_from([area.DECLARE_DEAD, area.REVIVE, area.POWER_CYCLE]))
    def ground(self, name: str, command: Command) -> None:
        self.bench.give(command, name)
        self.probed_s.pop(name, None)

    @rule()
    def fails_and_is_rebuilt(self) -> None:
        self.bench.recovery.make_safe()

    @rule()
    def restarts(self) -> None:
        """What is not saved is lost: only a power cycle or a renewed budget may be younger than the image."""
        before = self.bench.registry.kept_dead()
        self.bench.boot()
        assert self.bench.registry.kept_dead() == before
        self.probed_s.clear()

    @rule(duration_s=st.sampled_from([1, 4, 15, 100, 400, 1300]))
    def time_passes(self, duration_s: int) -> None:
        for _ in range(duration_s):
            self._one_second()

    def _one_second(self) -> None:
        bench = self.bench
        dead = {name: device.reached for name, device in bench.devices.items() if bench.record(name).dead}
        still = [line for line in STILL_LINES if bench.moving and bench.loads.wanted(line)]
        bench.run_s(1)
        self.now_s += 1
        for name, reached in dead.items():
            self._only_probed(name, bench.devices[name].reached - reached)
        assert all(bench.loads.wanted(line) for line in still)
        self._lines_and_radios()

    def _only_probed(self, name: str, calls: int) -> None:
        assert calls <= 1, f"{name} is dead and was asked {calls} times"
        if calls:
            before_s = self.probed_s.get(name)
            assert before_s is None or self.now_s - before_s >= 600
            self.probed_s[name] = self.now_s
        if not self.bench.record(name).dead:
            self.probed_s.pop(name, None)

    def _lines_and_radios(self) -> None:
        bench = self.bench
        assert sum(not bench.loads.wanted(line) for line in HELD_ON) <= 1
        assert not (bench.record("radio_relay").dead and bench.record("radio_local").dead)

    @invariant()
    def nothing_critical_is_dead_and_no_budget_is_overdrawn(self) -> None:
        for device, record in self.bench.registry.records.items():
            assert not (record.dead and FACTS[device].critical)
            assert 0 <= record.cycles_used <= self.bench.config.cycle_budget
        assert CODECS.pack(self.bench.registry.housekeeping())


TestHealthMachine = HealthMachine.TestCase
