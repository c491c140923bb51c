"""What the core says of itself: its housekeeping, the boot report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from flight.core import Core
from flight.executive import Executive
from flight.schedule import RowState
from flight.telemetry.housekeeping import Provider
from flight.version import VERSION_CODE
from telemetry_defs.areas import system
from telemetry_defs.definitions import TM_APIDS

UNDER_VOLTAGE: Final = 0x1
SLOWED: Final = 0xE
"""Frequency capped, throttled, or at the soft temperature limit: `HostReading.throttle_flags`."""


class SystemReports:
    """Builds the structures of the system area on demand."""

    def __init__(self, core: Core, executive: Callable[[], Executive]) -> None:
        self._core = core
        self._executive = executive

    def providers(self) -> Mapping[str, Provider]:
        """By housekeeping name."""
        return {
            system.SYSTEM_HK.name: self._system_hk,
            system.SCHEDULE_HK.name: self._schedule_hk,
            system.HOST_HK.name: self._host_hk,
        }

    def boot_report(self, recorded_until_ns: int | None) -> system.Boot:
        """Who came up and why, and up to when earlier boots are on record."""
        boot = self._core.boot
        return system.Boot(
            software_version=VERSION_CODE,
            dictionary_hash=self._core.dictionary.hash32,
            boot_count=boot.image.boot_count,
            reset_cause=system.ResetCause(boot.cause),
            last_mode=boot.image.mode,
            minimal=boot.minimal,
            first_counts=tuple(self._core.counters.first.get(apid) for apid in TM_APIDS),
            recorded_until_gps_s=None if recorded_until_ns is None else recorded_until_ns / 1e9,
        )

    def _system_hk(self) -> system.SystemHk:
        core, executive = self._core, self._executive()
        return system.SystemHk(
            mode=core.modes.mode,
            software_version=VERSION_CODE,
            dictionary_hash=core.dictionary.hash32,
            boot_count=core.boot.image.boot_count,
            reset_cause=system.ResetCause(core.boot.cause),
            minimal=core.boot.minimal,
            uptime_s=(core.clock.now_ns() - executive.started_ns) / 1e9,
            cycles=executive.cycles,
            slots_missed=executive.slots_missed,
            cycle_worst_s=executive.worst_cycle_ns / 1e9,
            cycle_mean_s=executive.total_cycle_ns / 1e9 / max(executive.cycles, 1),
            row_failures=sum(state.failures for state in executive.rows.values()),
            accepted=core.path.received.accepted,
            rejected=core.path.received.rejected,
            bad_packets=core.path.received.bad_packets,
            queued=len(core.path.queue),
            telemetry_dropped=core.outbox.dropped,
            events_throttled=core.events.throttled,
            values_saturated=core.codecs.saturation_count,
            armed=core.path.arming.code,
            parameter_crc=core.parameters.crc,
            parameters_staged=len(core.parameters.staged),
            gps_time_s=core.time.gps_ns() / 1e9,
            time_quality=core.time.quality,
        )

    def _schedule_hk(self) -> system.ScheduleHk:
        rows, now_ns = self._executive().rows, self._core.clock.now_ns()
        states = [rows.get(name) for name in system.ROWS]
        return system.ScheduleHk(
            worst_s=tuple(None if s is None else s.worst_ns / 1e9 for s in states),
            mean_s=tuple(None if s is None else _mean_s(s) for s in states),
            over_budget=tuple(None if s is None else s.over_budget for s in states),
            strikes=tuple(None if s is None else s.strikes for s in states),
            idle_s=tuple(None if s is None or not s.runs else (now_ns - s.ran_ns) / 1e9 for s in states),
        )

    def _host_hk(self) -> system.HostHk | None:
        host = self._core.hal.host
        if host is None:
            return None
        reading = host.read()
        flags = reading.throttle_flags
        free = reading.disk_free_bytes
        return system.HostHk(
            cpu_temperature_c=reading.cpu_temperature_c,
            throttle_flags=flags,
            under_voltage=None if flags is None else bool(flags & UNDER_VOLTAGE),
            throttled=None if flags is None else bool(flags & SLOWED),
            disk_free_mb=None if free is None else free / 1e6,
            age_s=(self._core.clock.now_ns() - reading.time_ns) / 1e9,
        )


def _mean_s(state: RowState) -> float:
    return state.total_ns / 1e9 / max(state.runs, 1)
