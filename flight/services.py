"""The on-board services of one boot: what each keeps outlives its row, and here they find each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flight.commanding.parameter_services import ParameterServices
from flight.context import Handler
from flight.core import Core
from flight.executive import Executive
from flight.health.recovery import Recovery
from flight.health.services import HealthServices
from flight.monitoring.actions import ActionRunner
from flight.monitoring.kept import FILE as MONITORS_FILE, monitors_file
from flight.monitoring.monitoring import Monitoring
from flight.monitoring.services import MonitorServices, monitor_rules
from flight.rover_file import RoverFile
from flight.schedule import Row
from flight.sequences.engine import Engine
from flight.sequences.kept import running_file
from flight.sequences.library import Library
from flight.sequences.rule import LoadRule
from flight.sequences.services import SequenceServices
from flight.sequences.shipped import shipped_sequences
from flight.sequences.surroundings import RoverAround
from flight.state_keeper import StateKeeper
from flight.store.packet_store import PacketStore
from flight.store.services import StoreServices
from flight.telemetry.current import CurrentValues
from flight.telemetry.housekeeping import Provider
from flight.timeline.kept import FILE as TIMELINE_FILE, timeline_file
from flight.timeline.services import TimelineServices
from flight.timeline.timeline import Timeline
from telemetry_defs.areas import (
    health as health_area,
    monitors as monitors_area,
    sequences as sequences_area,
    store as store_area,
    system,
    timeline as timeline_area,
)


class Services:
    """Built after the core, before any row; each service has its lines here and one factory for its row."""

    def __init__(
        self,
        core: Core,
        rover: RoverFile,
        *,
        executive: Callable[[], Executive],
        providers: Callable[[], Mapping[str, Provider]],
        keeper: Callable[[], StateKeeper],
    ) -> None:
        """`providers` gives every housekeeping structure by name, those of the subsystems too."""
        self._core = core
        self._rover = rover
        self._executive = executive
        self._providers = providers
        self._keeper = keeper
        self.values = CurrentValues(core.dictionary, providers)
        self.store = PacketStore(
            core.hal.storage, core.events, rover.store.capacity_bytes, lambda: keeper().counts_reserved()
        )
        core.outbox.recorder = self.store
        self.timeline = Timeline(
            file=timeline_file(core.hal.storage),
            durable=core.durable,
            onboard=core.onboard,
            queue=core.path.queue,
            verification=core.path.verification,
            time=core.time,
            events=core.events,
            parameters=core.parameters,
        )
        self.recovery = Recovery(
            registry=core.devices,
            loads=core.loads,
            board=core.board,
            events=core.events,
            config=rover.health,
            save=self._save,
        )
        self._engine, self.sequences = self._sequences()
        self.monitoring = self._monitoring()
        for lost, name in ((self.timeline.lost, TIMELINE_FILE), (self.monitoring.lost, MONITORS_FILE)):
            if lost:
                self._tell_lost(name)

    def _tell_lost(self, name: str) -> None:
        self._core.events.emit(system.STATE_LOST, system.StateLost(name=name.encode()))

    def _sequences(self) -> tuple[Engine, SequenceServices]:
        core = self._core
        core.path.checks.rules[sequences_area.LOAD.name] = LoadRule()
        self.library = library = Library(core.hal.storage, core.durable, shipped_sequences(self._rover.sequences))
        engine = Engine(
            library=library,
            rover=RoverAround(core, self.values),
            checks=core.path.checks,
            dictionary=core.dictionary,
            note=running_file(core.hal.storage),
            durable=core.durable,
        )
        for name in (*library.lost, *engine.lost):
            self._tell_lost(name)
        return engine, SequenceServices(
            library=library,
            engine=engine,
            row_runs=lambda: self._executive().row("sequences") is not None,
            outbox=core.outbox,
            codecs=core.codecs,
            clock=core.clock,
        )

    def _monitoring(self) -> Monitoring:
        core, rover = self._core, self._rover
        monitoring = Monitoring(
            monitors=rover.monitor,
            actions=rover.action,
            values=self.values,
            runner=ActionRunner(core.onboard, core.modes, core.events, self.sequences.start, minimal=core.boot.minimal),
            modes=core.modes,
            parameters=core.parameters,
            events=core.events,
            file=monitors_file(core.hal.storage),
            durable=core.durable,
        )
        core.path.checks.rules.update(monitor_rules(monitoring))
        core.events.listeners.append(monitoring.hear)
        return monitoring

    def handlers(self) -> Mapping[str, Handler]:
        """Handlers of all services by command name."""
        core = self._core
        return {
            **ParameterServices(core.parameters, core.outbox, core.codecs, core.events).handlers(),
            **self.sequences.handlers(),
            **StoreServices(self.store, core.outbox, core.codecs).handlers(),
            **HealthServices(core.devices, self.recovery, core.clock).handlers(),
            **MonitorServices(self.monitoring, core.outbox, core.codecs).handlers(),
            **TimelineServices(self.timeline, core.outbox, core.codecs).handlers(),
        }

    def providers(self) -> Mapping[str, Provider]:
        """Builders of the services' housekeeping by structure name."""
        return {
            monitors_area.HK.name: self.monitoring.housekeeping,
            store_area.HK.name: self.store.housekeeping,
            timeline_area.HK.name: self.timeline.housekeeping,
            health_area.HK.name: self._core.devices.housekeeping,
            health_area.PROBE_HK.name: self.recovery.probing.housekeeping,
            sequences_area.HK.name: self.sequences.housekeeping,
        }

    def _save(self) -> int | None:
        return self._keeper().save(self._core.clock.now_ns())

    # Rows: what they keep lies in the services, so a rebuilt row is the same object again.

    def health_row(self) -> Row:
        """Recovery of devices."""
        return self.recovery

    def sequences_row(self) -> Row:
        """Stored sequences."""
        return self._engine

    def monitors_row(self) -> Row:
        """Checks on telemetry values, and their actions."""
        return self.monitoring

    def timeline_row(self) -> Row:
        """Time-tagged telecommands."""
        return self.timeline

    def store_row(self) -> Row:
        """The packet store."""
        return self.store
