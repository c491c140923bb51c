"""Composition: one board and one rover file become a running flight software.

`Flight` is one boot.  `table` below is the schedule; its order is the order in which data flows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Final, cast

import msgspec

from flight import state_image
from flight.boot import read_boot_record
from flight.commanding.commands import Commands
from flight.commanding.receive import Receive
from flight.commanding.services import SystemServices
from flight.context import Handler
from flight.core import Core
from flight.core_rows import MemoryRow, StateRow, WatchdogRow
from flight.crash_record import CrashKeeper
from flight.executive import Executive, ExitReason
from flight.factories import Factories
from flight.health.devices import PAYLOADS
from flight.health.watched import watch
from flight.kept_file import KeptFile
from flight.kept_state import KeptState
from flight.modes.boot import mode_after_boot
from flight.modes.hibernation import Hibernation
from flight.modes.supervisor import ModeSupervisor
from flight.readiness import Readiness
from flight.reports import SystemReports
from flight.rover_file import RoverFile
from flight.schedule import Row, Slot
from flight.services import Services
from flight.state_image import StateImage
from flight.state_keeper import StateKeeper
from flight.subsystem import Subsystem, SubsystemRow
from flight.subsystems.comms import Comms
from flight.subsystems.instruments import Instruments
from flight.subsystems.mobility import Mobility
from flight.telemetry.housekeeping import HousekeepingReports, Provider
from flight.telemetry.route import Route
from flight.telemetry.transmit import Transmit
from hal.api.board import Hal
from hal.api.errors import DeviceError
from telemetry_defs.areas import system
from telemetry_defs.definitions import Mode
from telemetry_defs.dictionary import DICTIONARY

LEFT_OUT: Final = frozenset({"mobility", "instruments", "sequences", "timeline"})
"""Not in the minimal set: what moves, what observes, and what gives commands by itself.

Monitors stay, for they hold the protections; in the minimal set they ask for modes and give no commands.
"""


def build_flight(hal: Hal, rover: RoverFile) -> Flight:
    """Read the state image, build every row, and be ready to run."""
    watched, devices = watch(hal)
    file = state_image.state_file(watched.storage)
    boot = read_boot_record(file, hal.reset_cause)
    return Flight(Core(watched, devices, DICTIONARY, boot, rover), rover, file)


class Flight:
    """One boot of the flight software on one board."""

    def __init__(self, core: Core, rover: RoverFile, file: KeptFile[StateImage]) -> None:
        self.core = core
        self.hal = hal = core.hal
        self.boot = boot = core.boot
        kept = KeptState(core, lambda: self.executive, self.subsystem)
        self._factories = Factories(core, rover, kept, request_restart=lambda: self.executive.end(ExitReason.RESTART))
        self._reports = SystemReports(core, lambda: self.executive)
        self._crashes = CrashKeeper(core)
        self.keeper = StateKeeper(
            storage=hal.storage,
            file=file,
            modes=core.modes,
            counters=core.counters,
            accepted=lambda: core.path.received.accepted,
            build_image=kept.build,
            overdue=kept.chain_broken,
            events=core.events,
            clock=core.clock,
        )
        radios = ((hal.radio_local, rover.comms.local.beacon_bit_s), (hal.radio_relay, rover.comms.relay.beacon_bit_s))
        self._route = Route(comms=self._comms, radios=radios, clock=core.clock)
        self.services = Services(
            core, rover, executive=lambda: self.executive, providers=lambda: self.providers, keeper=lambda: self.keeper
        )
        self.providers = self._all_providers()
        self._handlers = {**self._system_services(), **self._crashes.handlers(), **self.services.handlers()}
        self.executive = Executive(
            hal=hal,
            clock=core.clock,
            table=tuple(slot for slot in self._table() if not (boot.minimal and slot.name in LEFT_OUT)),
            events=core.events,
            modes=core.modes,
            parameters=core.parameters,
            crashed=self._crashes.note,
        )
        self._announce()
        self._save()  # a boot that dies young must be counted all the same

    def run(self) -> ExitReason:
        """Run until something ends this boot."""
        while self.cycle():
            pass
        return self.exit_reason

    def cycle(self) -> bool:
        """One turn of the main loop, for those who do something between turns; False once this boot has ended."""
        if self.executive.cycle():
            return True
        if self.executive.exit_reason is ExitReason.CRASHED:
            self._save()  # the next boot is to know what was accepted in the last second as a duplicate
        return False

    @property
    def exit_reason(self) -> ExitReason:
        """Why this boot ended; a crash too many becomes a halt."""
        reason = self.executive.exit_reason or ExitReason.STOPPED
        crashed = reason in (ExitReason.CRASHED, ExitReason.FAULT)
        return ExitReason.HALTED if crashed and self.boot.last_chance else reason

    def _table(self) -> tuple[Slot, ...]:
        """The schedule."""
        make, core = self._factories, self.core
        return (
            Slot(name="memory", factory=lambda: MemoryRow(core.parameters, core.events), critical=False),
            Slot(name="receive", factory=self._receive, vital=True),
            Slot(name="commands", factory=self._commands, vital=True),
            Slot(name="power", factory=self._row(make.power), every=10),
            Slot(name="thermal", factory=self._row(make.thermal), every=10),
            Slot(name="comms", factory=self._row(make.comms), every=10),
            Slot(name="mobility", factory=self._row(make.mobility), power_lines=("motors",), budget_ms=60.0),
            Slot(
                name="instruments", factory=self._row(make.instruments), every=10, critical=False, power_lines=PAYLOADS
            ),
            Slot(name="health", factory=self.services.health_row, every=10, critical=False),
            Slot(name="monitors", factory=self.services.monitors_row, every=10),
            Slot(name="sequences", factory=self.services.sequences_row, critical=False),
            Slot(name="timeline", factory=self.services.timeline_row, critical=False),
            Slot(name="modes", factory=self._supervisor, every=10),
            Slot(name="telemetry", factory=self._housekeeping, every=10, critical=False),
            Slot(name="transmit", factory=self._transmit),
            Slot(name="store", factory=self.services.store_row, critical=False),
            Slot(name="state", factory=self._state, every=10, critical=False),
            Slot(name="watchdog", factory=self._watchdog, every=5, backoff_limit_s=4.0),
        )

    # Factories of rows; each may be called again after its row failed.

    def _row(self, make: Callable[[], Subsystem]) -> Callable[[], Row]:
        return lambda: SubsystemRow(make(), self.core.modes)

    def _receive(self) -> Row:
        core = self.core
        return Receive(
            radios={"relay": self.hal.radio_relay, "local": self.hal.radio_local},
            path=core.path,
            stop_now=self._stop_now,
            heard=self._heard,
        )

    def _commands(self) -> Row:
        return Commands(
            queue=self.core.path.queue,
            handlers=self,
            run_in_row=self.executive.run_in_row,
            durable=self.core.durable,
            save=self._save,
        )

    def _supervisor(self) -> Row:
        return ModeSupervisor(
            machine=self.core.modes,
            board=self.core.board,
            parameters=self.core.parameters,
            boot_mode=self._boot_mode(),
            egress=self.hal.egress,
        )

    def _housekeeping(self) -> Row:
        return HousekeepingReports(
            dictionary=DICTIONARY, codecs=self.core.codecs, outbox=self.core.outbox, providers=self.providers
        )

    def _transmit(self) -> Row:
        return Transmit(
            outbox=self.core.outbox,
            downlink=self._route,
            bulk=lambda: cast("Instruments | None", self.subsystem("instruments")),
            recorded=self.services.store,
            counters=self.core.path.links,
            ready=self.keeper.counts_reserved,
        )

    def _state(self) -> Row:
        controller = self.hal.power_controller
        if controller is None:
            return StateRow(self.keeper, None)
        hibernation = Hibernation(
            hal=self.hal,
            controller=controller,
            machine=self.core.modes,
            keeper=self.keeper,
            parameters=self.core.parameters,
            events=self.core.events,
        )
        return StateRow(self.keeper, hibernation)

    def _watchdog(self) -> Row:
        ready = Readiness(self.core, self.executive, self.keeper.is_saved)
        return WatchdogRow(self.hal.watchdog, self.executive.all_alive, self.core.events, ready.look)

    def _system_services(self) -> Mapping[str, Handler]:
        core = self.core
        return SystemServices(
            outbox=core.outbox,
            events=core.events,
            housekeeping=lambda: cast("HousekeepingReports | None", self.executive.row("telemetry")),
            modes=core.modes,
            time=core.time,
            restart=lambda: self.executive.end(ExitReason.RESTART),
            stop_now=lambda: self._stop_now(core.clock.now_ns()),
            keep=partial(core.durable.keep, self._save),
            queue=core.path.queue,
        ).handlers()

    def _all_providers(self) -> Mapping[str, Provider]:
        """Who builds which housekeeping structure."""
        providers: dict[str, Provider] = {**self._reports.providers(), **self.services.providers()}
        for definition in DICTIONARY.housekeeping:
            area, _, structure = definition.name.partition(".")
            providers.setdefault(definition.name, self._provider(area, structure))
        return providers

    def _provider(self, area: str, structure: str) -> Provider:
        """`power.hk` is built by `Power.housekeeping`, any other `area.x` by that subsystem's method `x`."""
        method = "housekeeping" if structure == "hk" else structure

        def provide() -> msgspec.Struct | None:
            subsystem = self.subsystem(area)
            return None if subsystem is None else getattr(subsystem, method)()

        return provide

    # What rows ask of each other; every answer may be "that row is down".

    def find(self, command_name: str) -> tuple[str, Handler] | None:
        """The `HandlerTable` of the commands row."""
        handler = self._handlers.get(command_name)
        if handler is not None:
            return "commands", handler
        name = command_name.partition(".")[0]
        row = self.executive.row(name)
        handler = row.handlers.get(command_name) if isinstance(row, SubsystemRow) else None
        return None if handler is None else (name, handler)

    def subsystem(self, name: str) -> Subsystem | None:
        """The subsystem that runs under this name now, None while its row is down."""
        row = self.executive.row(name)
        return row.subsystem if isinstance(row, SubsystemRow) else None

    def _comms(self) -> Comms | None:
        return cast("Comms | None", self.subsystem("comms"))

    def _stop_now(self, now_ns: int) -> None:
        mobility = cast("Mobility | None", self.subsystem("mobility"))
        stopped = mobility is not None and self.executive.run_in_row("mobility", lambda: mobility.stop_now(now_ns))
        if not stopped:
            with suppress(DeviceError):  # drives that do not answer are stopped by their own timeout
                self.hal.wheels.make_safe()

    def _heard(self, now_ns: int, radio: str) -> None:
        comms = self._comms()
        if comms is not None:
            comms.telecommand_accepted(now_ns, radio)

    def _boot_mode(self) -> Mode:
        if self.boot.first and self.hal.egress is not None and not self.boot.minimal:
            return Mode.STOWED
        return mode_after_boot(self.boot.cause, self.boot.image.mode, self.boot.minimal)

    def _save(self) -> int | None:
        return self.keeper.save(self.core.clock.now_ns())

    def _announce(self) -> None:
        self.core.events.emit(system.BOOT, self._reports.boot_report(self.services.store.recorded_until_ns()))
        if self.boot.lost:
            self.core.events.emit(system.STATE_LOST, system.StateLost(name=state_image.FILE.encode()))
        if self.boot.image.boot_loop:
            self.core.events.emit(system.BOOT_LOOP, system.Count(count=self.boot.image.short_boots))
        self._crashes.announce()
