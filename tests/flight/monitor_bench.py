"""Monitors over values that a test sets, with a real queue, mode check, arming and disk around them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec

from flight.commanding.arming import Arming
from flight.commanding.checks import AcceptanceChecks
from flight.commanding.commands import Commands
from flight.commanding.duplicates import DuplicateWindows
from flight.commanding.execution import Verification
from flight.commanding.onboard import OnboardCommands
from flight.commanding.queue import CommandQueue
from flight.commanding.refusal import Refusal
from flight.context import Execution, Handler, Modes
from flight.durable import Durable
from flight.monitoring.actions import ActionRunner
from flight.monitoring.config import ActionConfig, MonitorConfig
from flight.monitoring.kept import monitors_file
from flight.monitoring.monitoring import Monitoring
from flight.monitoring.services import MonitorServices, monitor_rules
from flight.onboard_time import OnboardTime
from flight.parameters import ParameterStore
from flight.telemetry.counters import SequenceCounters
from flight.telemetry.current import CurrentValues
from flight.telemetry.housekeeping import Provider
from flight.telemetry.outbox import Outbox
from hal.api.clock import NS_PER_S
from sim_hal.clock import SimClock
from sim_hal.disk import Disk
from sim_hal.noise import Noise
from sim_hal.plug import Plug
from telemetry_defs.areas import monitors as area
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import Command, FailureCode, Mode
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.packets import parse_tm
from tests.fakes.context import CapturedEvents, FakeExecution, FakeModes
from tests.flight.timeline_bench import BrokenStorage, WorldRtc
from tests.telemetry_defs.records import blank

SOC = {"id": 1, "name": "soc", "value": "power.hk.soc", "low": 0.3}
"""A monitor that tests vary."""


def structures(values: Mapping[str, Mapping[str, object] | None]) -> dict[str, Provider]:
    """Providers of every structure of the dictionary: what `values` says, None for one whose row is down."""

    def provide(name: str, cls: type) -> msgspec.Struct | None:
        given = values.get(name, {})
        record: msgspec.Struct | None = None if given is None else blank(cls, **given)
        return record

    return {item.name: partial(provide, item.name, item.cls) for item in DICTIONARY.housekeeping}


class MonitorBench:
    """`boot` builds flight's part; clock and disk stay."""

    def __init__(
        self,
        *monitors: Mapping[str, object] | MonitorConfig,
        actions: tuple[Mapping[str, object] | ActionConfig, ...] = (),
        mode: Mode = Mode.IDLE,
        modes: Modes | None = None,
    ) -> None:
        self.monitors = msgspec.convert(list(monitors), list[MonitorConfig])
        self.actions = msgspec.convert(list(actions), list[ActionConfig])
        self.values: dict[str, dict[str, object] | None] = {}
        self.clock = SimClock()
        self.disk = Disk(self.clock, Noise(1, "disk"))
        self.fake_modes = FakeModes(mode)
        self.modes = modes or self.fake_modes
        self.handled: list[tuple[str, Any]] = []
        self.handler_fails: FailureCode | None = None
        self.sequences: list[int] = []
        self.sequence_answer: FailureCode | None = None
        self.boot()

    def boot(self, *, minimal: bool = False) -> None:
        clock, codecs = self.clock, Codecs()
        self.codecs = codecs
        self.events = CapturedEvents()
        self.storage = BrokenStorage(Plug(clock), self.disk)
        time = OnboardTime(clock, WorldRtc(clock), 0)
        self.parameters = ParameterStore(DICTIONARY, {})
        self.arming = Arming(self.parameters, self.events)
        self.outbox = Outbox(time, SequenceCounters((item.apid for item in DICTIONARY.areas), {}))
        self.checks = AcceptanceChecks(
            dictionary=DICTIONARY,
            codecs=codecs,
            modes=self.modes,
            arming=self.arming,
            duplicates=DuplicateWindows(),
            parameters=self.parameters,
        )
        self.queue = CommandQueue()
        verification = Verification(self.outbox, codecs)
        self.durable = Durable(self.storage, clock)
        onboard = OnboardCommands(self.queue, self.modes, self.checks, verification)
        self.monitoring = Monitoring(
            monitors=self.monitors,
            actions=self.actions,
            values=CurrentValues(DICTIONARY, lambda: structures(self.values)),
            runner=ActionRunner(onboard, self.modes, self.events, self._start_sequence, minimal=minimal),
            modes=self.modes,
            parameters=self.parameters,
            events=self.events,
            file=monitors_file(self.storage),
            durable=self.durable,
        )
        self.checks.rules.update(monitor_rules(self.monitoring))
        self.handlers = MonitorServices(self.monitoring, self.outbox, codecs).handlers()
        self.commands = Commands(
            queue=self.queue, handlers=self, run_in_row=self._run, durable=self.durable, save=lambda: 0
        )

    def find(self, command_name: str) -> tuple[str, Handler]:
        """Every command has a handler, which writes it down."""

        def handler(arguments: Any, execution: Execution) -> None:
            self.handled.append((command_name, arguments))
            if self.handler_fails is not None:
                execution.fail(self.handler_fails)

        return "commands", handler

    def _run(self, row: str, action: Any) -> bool:
        action()
        return True

    def _start_sequence(self, sequence_id: int) -> FailureCode | None:
        self.sequences.append(sequence_id)
        return self.sequence_answer

    # What happens.

    def put(self, structure: str = "power.hk", **fields: object) -> None:
        """Values of a structure from now on; without any, its row is down."""
        self.values[structure] = fields or None

    def run(self, seconds: int = 1) -> None:
        """So many ticks at 1 Hz, each followed by the commands that it gave."""
        for _ in range(seconds):
            self.clock.sleep_until_ns(self.clock.now_ns() + NS_PER_S)
            now_ns = self.clock.now_ns()
            self.monitoring.tick(now_ns)
            self.commands.tick(now_ns)

    def soc(self, *values: float | None) -> None:
        """One second with each state of charge."""
        for value in values:
            self.put(soc=value)
            self.run()

    def restart(self) -> None:
        """Power goes and comes back."""
        self.disk.cut()
        self.boot()

    # What ground does.

    def give(self, command: Command, arguments: msgspec.Struct | None = None, *, arm: int = 0) -> FakeExecution:
        """As after acceptance; what the checks refuse is the failure."""
        execution = FakeExecution()
        now_ns = self.clock.now_ns()
        if arm:
            self.arming.arm(arm, now_ns)
        data = b"" if arguments is None else self.codecs.pack(arguments)
        try:
            found, decoded = self.checks.decode(area.AREA.apid, command.service, command.subtype, data)
            self.checks.admit(found, decoded, now_ns)
        except Refusal as refusal:
            execution.fail(refusal.code, refusal.detail)
            return execution
        self.handlers[command.name](decoded, execution)
        return execution

    def silence(self, command: Command, monitor: int = 1, *, arm: int = 0) -> FakeExecution:
        """Enable, disable or make passive."""
        return self.give(command, area.MonitorId(monitor=monitor), arm=arm)

    # What comes of it.

    def names(self) -> list[str]:
        """Events so far, forgotten here."""
        names = self.events.names()
        self.events.clear()
        return names

    def reports(self, service: int, subtype: int, cls: type) -> list[Any]:
        """All reports of a kind; the others are dropped."""
        tms = [parse_tm(packet) for packet in iter(self.outbox.take, None)]
        return [self.codecs.of(cls).unpack(tm.data) for tm in tms if (tm.service, tm.subtype) == (service, subtype)]
