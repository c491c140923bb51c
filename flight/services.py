"""The on-board services of one boot: what each keeps outlives its row, and here they find each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flight.commanding.parameter_services import ParameterServices
from flight.context import Handler
from flight.core import Core
from flight.executive import Executive
from flight.monitoring.actions import ActionRunner
from flight.monitoring.kept import FILE as MONITORS_FILE
from flight.monitoring.kept import monitors_file
from flight.monitoring.monitoring import Monitoring
from flight.monitoring.services import MonitorServices, monitor_rules
from flight.rover_file import RoverFile
from flight.schedule import Row
from flight.state_keeper import StateKeeper
from flight.store.packet_store import PacketStore
from flight.store.services import StoreServices
from flight.telemetry.current import CurrentValues
from flight.telemetry.housekeeping import Provider
from flight.timeline.kept import FILE as TIMELINE_FILE
from flight.timeline.kept import timeline_file
from flight.timeline.services import TimelineServices
from flight.timeline.timeline import Timeline
from telemetry_defs.areas import monitors as monitors_area
from telemetry_defs.areas import store as store_area
from telemetry_defs.areas import system
from telemetry_defs.areas import timeline as timeline_area


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
        if self.timeline.lost:
            core.events.emit(system.STATE_LOST, system.StateLost(name=TIMELINE_FILE.encode()))

        self.monitoring = self._monitoring()

    def _monitoring(self) -> Monitoring:
        core, rover = self._core, self._rover
        monitoring = Monitoring(
            monitors=rover.monitor,
            actions=rover.action,
            values=self.values,
            runner=ActionRunner(core.onboard, core.modes, core.events, minimal=core.boot.minimal),
            modes=core.modes,
            parameters=core.parameters,
            events=core.events,
            file=monitors_file(core.hal.storage),
            durable=core.durable,
        )
        core.path.checks.rules.update(monitor_rules(monitoring))
        core.events.listeners.append(monitoring.hear)
        if monitoring.lost:
            core.events.emit(system.STATE_LOST, system.StateLost(name=MONITORS_FILE.encode()))
        return monitoring

    def handlers(self) -> Mapping[str, Handler]:
        """Handlers of all services by command name."""
        core = self._core
        parameters = ParameterServices(
            core.parameters,
            core.outbox,
            core.codecs,
            core.events,
            core.durable,
            save=lambda: self._keeper().save(core.clock.now_ns()),
        )
        return {
            **parameters.handlers(),
            **StoreServices(self.store, core.outbox, core.codecs).handlers(),
            **MonitorServices(self.monitoring, core.outbox, core.codecs).handlers(),
            **TimelineServices(self.timeline, core.outbox, core.codecs).handlers(),
        }

    def providers(self) -> Mapping[str, Provider]:
        """Builders of the services' housekeeping by structure name."""
        return {
            monitors_area.HK.name: self.monitoring.housekeeping,
            store_area.HK.name: self.store.housekeeping,
            timeline_area.HK.name: self.timeline.housekeeping,
        }

    # Rows: what they keep lies in the services, so a rebuilt row is the same object again.

    def monitors_row(self) -> Row:
        """Checks on telemetry values, and their actions."""
        return self.monitoring

    def timeline_row(self) -> Row:
        """Time-tagged telecommands."""
        return self.timeline

    def store_row(self) -> Row:
        """The packet store."""
        return self.store
