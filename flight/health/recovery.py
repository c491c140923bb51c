"""The one owner of recovery.

error -> the owner of the device tries again, later and later      (in the subsystem)
      -> failing for a while: its power line off and on            (here, at most `cycle_budget` times a day)
      -> failing for long, nothing left to try: declared dead      (here; never a critical device)
      -> probed now and then, used again when it answers           (here)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flight.blackboard import Blackboard, fresh
from flight.context import EventSink
from flight.health.config import HealthConfig
from flight.health.devices import STILL_LINES, TWINS
from flight.health.power_cycle import PowerCycle
from flight.health.probing import Probing
from flight.health.registry import DeviceRecord, DeviceRegistry
from flight.loads import Loads
from hal.api.clock import NS_PER_S, seconds
from hal.api.errors import DeviceError
from telemetry_defs.areas import health as area
from telemetry_defs.areas.health import DEFECT_BYTES

DAY_NS: Final = 86_400 * NS_PER_S


class Recovery:
    """The row `health`; 1 Hz.  One power cycle at a time, so never both radios at once."""

    def __init__(
        self,
        *,
        registry: DeviceRegistry,
        loads: Loads,
        board: Blackboard,
        events: EventSink,
        config: HealthConfig,
        save: Callable[[], object],
    ) -> None:
        """`save` writes the state image: a device that is given up stays so over a restart."""
        self._registry = registry
        self._loads = loads
        self._board = board
        self._events = events
        self._config = config
        self._save = save
        self.probing = Probing(registry)
        self._cycle: PowerCycle | None = None
        self._day_began_ns: int | None = None

    def tick(self, now_ns: int) -> None:
        """Go on with what was begun, then judge every device."""
        self.probing.tick()
        self._note_lines(now_ns)
        self._renew_budgets(now_ns)
        if self._cycle is not None and self._cycle.over(now_ns):
            self._cycle = None
        for record in self._registry.records.values():
            if any(record.defects.values()):
                self._tell_defects(record)
            if record.probe is None or record.cycling:
                continue
            if record.dead:
                self._try_dead(record, record.probe, now_ns)
            else:
                self._judge(record, now_ns)

    def make_safe(self) -> None:
        """No line stays off because of a row that failed."""
        self.probing.abandon()
        if self._cycle is not None:
            self._cycle.end(False)
            self._cycle = None

    # What recovery and ground both do.

    @property
    def busy(self) -> bool:
        """Whether a power cycle is going on."""
        return self._cycle is not None

    def line(self, record: DeviceRecord) -> str | None:
        """The load switch that powers this device on this rover."""
        line = record.facts.line
        return line if line in self._loads.names else None

    def must_stay_on(self, line: str, now_ns: int) -> bool:
        """Whether the rover moves, or may move, by what hangs on this line."""
        mobility = fresh(self._board.mobility, now_ns)
        return line in STILL_LINES and (mobility is None or mobility.moving)

    def power_cycle(self, record: DeviceRecord, line: str, now_ns: int, done: Callable[[bool], None]) -> None:
        """Begin one; whatever else hangs on the line is left alone too.  The caller has checked that it may be."""
        sharing = [other for other in self._registry.records.values() if other.facts.line == line]
        self._cycle = PowerCycle(self._loads, line, sharing, self._config, now_ns, done)
        record.next_cycle_ns = now_ns + seconds(self._config.cycle_gap_s)
        cycled = area.Cycled(device=record.device, used=record.cycles_used)
        self._events.emit(area.POWER_CYCLED, cycled)

    def may_die(self, record: DeviceRecord) -> bool:
        """Whether the rover can go on without this device as things are now."""
        twin = self._twin(record)
        return not record.facts.critical and (twin is None or _well(twin))

    def declare_dead(self, record: DeviceRecord, now_ns: int) -> None:
        """Give it up.  The caller has checked that it may die, and saves."""
        record.dead = True
        record.answers = 0
        record.next_probe_ns = now_ns + seconds(self._config.probe_s)
        self._events.emit(area.DEVICE_DEAD, _trouble(record))

    def revive(self, record: DeviceRecord) -> None:
        """Use it again.  The caller saves."""
        record.dead = record.failing = False
        record.answered()
        self._events.emit(area.DEVICE_REVIVED, area.DeviceEvent(device=record.device))

    # One step.

    def _note_lines(self, now_ns: int) -> None:
        since_ns = self._registry.powered_since_ns
        for name in self._loads.names:
            if not self._loads.is_on(name):
                since_ns.pop(name, None)
            else:
                since_ns.setdefault(name, now_ns)

    def _renew_budgets(self, now_ns: int) -> None:
        if self._day_began_ns is None:
            self._day_began_ns = now_ns
        elif now_ns - self._day_began_ns >= DAY_NS:
            self._day_began_ns = now_ns
            for record in self._registry.records.values():
                record.cycles_used = 0

    def _tell_defects(self, record: DeviceRecord) -> None:
        """Once for each place that raises: its author wants to know, and it may do so in every cycle."""
        for place, text in record.defects.items():
            if text:
                record.defects[place] = ""
                error = text.encode("ascii", "replace")[:DEFECT_BYTES]
                self._events.emit(area.DRIVER_DEFECT, area.DriverDefect(device=record.device, error=error))

    def _judge(self, record: DeviceRecord, now_ns: int) -> None:
        since_ns = record.failing_since_ns
        if since_ns is None:
            if record.failing:
                record.failing = False
                self._events.emit(area.DEVICE_RECOVERED, area.DeviceEvent(device=record.device))
            return
        if record.errors_in_row < self._config.errors_in_row:
            return
        if not record.failing:
            record.failing = True
            self._events.emit(area.DEVICE_FAILING, _trouble(record))
        if now_ns - since_ns >= seconds(self._config.patience_s):
            self._act(record, now_ns - since_ns, now_ns)

    def _act(self, record: DeviceRecord, failing_ns: int, now_ns: int) -> None:
        line = self.line(record)
        if line is not None and record.cycles_used < self._config.cycle_budget:
            free = _well(self._registry.records[area.DeviceId.LOADS]) and not self.busy
            if free and now_ns >= record.next_cycle_ns and not self.must_stay_on(line, now_ns):
                record.cycles_used += 1
                self.power_cycle(record, line, now_ns, lambda _: None)
        elif failing_ns >= seconds(self._config.dead_after_s) and self.may_die(record):
            self.declare_dead(record, now_ns)
            self._save()

    def _try_dead(self, record: DeviceRecord, probe: Callable[[], object], now_ns: int) -> None:
        twin = self._twin(record)
        if twin is not None and not _well(twin):  # a radio that may be broken is better than none
            self._revive_and_save(record)
            return
        line = self.line(record)
        has_power = line is None or self._loads.is_on(line)
        if now_ns < record.next_probe_ns or not has_power:
            return
        record.next_probe_ns = now_ns + seconds(self._config.probe_s)
        try:
            probe()
        except DeviceError:
            record.answers = 0
            return
        record.answers += 1
        if record.answers >= self._config.probe_answers:
            self._revive_and_save(record)

    def _revive_and_save(self, record: DeviceRecord) -> None:
        self.revive(record)
        self._save()

    def _twin(self, record: DeviceRecord) -> DeviceRecord | None:
        twin = TWINS.get(record.device)
        return None if twin is None else self._registry.records[twin]


def _well(record: DeviceRecord) -> bool:
    return record.state is area.DeviceState.GOOD


def _trouble(record: DeviceRecord) -> area.DeviceTrouble:
    return area.DeviceTrouble(device=record.device, fault=record.fault, errors=record.errors)
