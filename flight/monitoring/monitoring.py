"""The row `monitors`: checks the table in its order, and starts what violations and events ask for.

The actions of a monitor start before the next one is looked at, so that the first entry of the table decides: those
after it see the mode that it has led to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flight.context import EventSink, Modes, Parameters
from flight.durable import Durable
from flight.kept_file import KeptFile
from flight.monitoring.actions import Action, ActionRunner
from flight.monitoring.config import ActionConfig, MonitorConfig
from flight.monitoring.kept import KeptMonitors
from flight.monitoring.monitor import Monitor, Turn
from flight.telemetry.current import CurrentValues
from telemetry_defs.areas import monitors as area
from telemetry_defs.definitions import Event
from telemetry_defs.monitor_reports import MonitorState


class Monitoring:
    """Monitors and actions by id."""

    def __init__(
        self,
        *,
        monitors: Sequence[MonitorConfig],
        actions: Sequence[ActionConfig],
        values: CurrentValues,
        runner: ActionRunner,
        modes: Modes,
        parameters: Parameters,
        events: EventSink,
        file: KeptFile[KeptMonitors],
        durable: Durable,
    ) -> None:
        self.monitors = {config.id: Monitor(config, parameters) for config in monitors}
        self.actions = {config.id: Action(config) for config in actions}
        self.runner = runner
        self._values = values
        self._modes = modes
        self._events = events
        self._file = file
        self._durable = durable
        listed = tuple(self.actions.values())
        self._by_monitor = {
            monitor.config.id: tuple(action for action in listed if action.config.monitor == monitor.config.name)
            for monitor in self.monitors.values()
        }
        self._by_event = tuple(action for action in listed if action.event is not None)
        self._restore(file.read() or KeptMonitors())

    @property
    def lost(self) -> bool:
        """Whether what was kept could not be read."""
        return self._file.lost

    def hear(self, event: Event) -> None:
        """Note an event, whether or not it is reported; its actions start in the next tick, once however often."""
        for action in self._by_event:
            if action.event is not None and action.event.event_id == event.event_id:
                action.pending = True

    def tick(self, now_ns: int) -> None:
        """Start what events ask for, then look at every monitor that is due."""
        for action in self._by_event:
            if action.due_for_event(now_ns):
                self.runner.run(action, now_ns)
        for monitor in self.monitors.values():
            if monitor.applies(self._modes.mode):
                self._look(monitor, now_ns)

    def make_safe(self) -> None:
        """No outputs."""

    def _look(self, monitor: Monitor, now_ns: int) -> None:
        if monitor.is_due(now_ns):
            turn = monitor.look(self._values.read(monitor.point, now_ns), now_ns)
            if turn is not Turn.NONE:
                self._events.emit(monitor.event if turn is Turn.FIRED else area.CLEARED, monitor.report())
        if monitor.acts:
            for action in self._by_monitor[monitor.config.id]:
                if action.due_for_violation(monitor.violations, now_ns):
                    self.runner.run(action, now_ns)

    # For the telecommands.

    def set_state(self, monitor: Monitor, state: MonitorState) -> None:
        """Give a monitor another state; one that is disabled forgets what it has seen."""
        monitor.state = state
        if state is MonitorState.DISABLED:
            monitor.forget()

    def monitor_of(self, action: Action) -> Monitor | None:
        """The monitor whose violation starts an action."""
        named = (item for item in self.monitors.values() if item.config.name == action.config.monitor)
        return next(named, None)

    def keep(self, done: Callable[[bool], None]) -> None:
        """Write down the states; `done` hears whether they are durable."""
        kept = KeptMonitors(
            states={n: m.state for n, m in self.monitors.items() if m.state is not MonitorState[m.config.state]},
            actions={n: a.enabled for n, a in self.actions.items() if a.enabled is not a.config.enabled},
        )
        self._durable.keep(lambda: self._file.write(kept), done)

    def _restore(self, kept: KeptMonitors) -> None:
        for number, monitor in self.monitors.items():
            monitor.state = kept.states.get(number, monitor.state)
        for number, action in self.actions.items():
            action.enabled = kept.actions.get(number, action.enabled)

    def housekeeping(self) -> area.MonitorsHk:
        """In numbers."""
        monitors, actions = self.monitors.values(), self.actions.values()
        return area.MonitorsHk(
            monitors=len(monitors),
            passive=sum(monitor.state is MonitorState.PASSIVE for monitor in monitors),
            disabled=sum(monitor.state is MonitorState.DISABLED for monitor in monitors),
            violated=sum(monitor.violated for monitor in monitors),
            fired=sum(monitor.violations for monitor in monitors),
            actions_disabled=sum(not action.enabled for action in actions),
            actions_run=sum(action.runs for action in actions),
            actions_failed=sum(action.failed for action in actions),
        )
