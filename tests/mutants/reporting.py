"""Defects of telemetry, time and modes."""

from __future__ import annotations

from typing import Final

from tests.mutants.mutant import Mutant

MUTANTS: Final = (
    Mutant(
        name="step_back_untold",
        defect="a step of on-board time is reported only when it goes forward",
        story="OLAF mixes wall clock and monotonic time, so that setting the clock moves its timeouts.",
        module="flight.commanding.services",
        old="        events.emit(system.TIME_CHANGED,",
        new="        if step_s <= 0.0:\n            return\n        events.emit(system.TIME_CHANGED,",
        expected=("clock_runs_forward",),
    ),
    Mutant(
        name="event_without_its_fields",
        defect="events of weight leave without their fields",
        story="oresat-c3-software 2026: its first command tests found wrong responses at once.",
        module="flight.telemetry.events",
        old="body = self._codecs.pack(fields) if fields is not None else b",
        new="body = self._codecs.pack(fields) if fields is not None and event.severity < Severity.MEDIUM else b",
        expected=("telemetry_decodes",),
    ),
    Mutant(
        name="nobody_hears_after_a_while",
        defect="half a minute after a boot reports are only recorded, link or no link",
        story="The time of the last open link is noted once and never again; nasa/fprime-gds #47 has it the other way.",
        module="flight.telemetry.transmit",
        old="if open_ or self._route_ns is None:",
        new="if self._route_ns is None:",
        expected=("ground_regains_control", "telemetry_flows"),
    ),
)
