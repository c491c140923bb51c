"""Defects of what the rover takes its sensors, its links and its knowledge for."""

from __future__ import annotations

from typing import Final

from tests.mutants.mutant import Mutant

MUTANTS: Final = (
    Mutant(
        name="frozen_sensor_believed",
        defect="a reading is good however old it is",
        story="CMU Argus counts missing data as nominal; a frozen sensor answers, and always the same.",
        module="flight.health.watched",
        old="reading.time_ns < oldest_ns:",
        new="reading.time_ns < 0:",
        expected=("stops_when_blind",),
    ),
    Mutant(
        name="silent_imu_ignored",
        defect="the inertial unit may be lost for a minute before a drive stops",
        story="A limit in the wrong unit: seconds where milliseconds were meant.",
        module="flight.mobility.inertial",
        old="LOST_NS: Final = 500 * NS_PER_MS",
        new="LOST_NS: Final = 500 * NS_PER_S",
        expected=("stops_when_blind", "faults_are_told"),
    ),
    Mutant(
        name="answering_radio_is_a_link",
        defect="a radio that answers counts as one that hears a carrier",
        story="nasa/fprime #473 and fprime-gds #47: the link light stays green after the link has died.",
        module="flight.link.transceiver",
        old="return self.status is not None and self.status.locked",
        new="return self.status is not None",
        expected=("stops_without_link",),
    ),
    Mutant(
        name="link_clock_starts_anew",
        defect="each look without a link starts the time of grace anew",
        story="A timer that is set again by what it should count, as in PyCubed-Mini, whose alert was cleared by the "
        "branch after the one that set it.",
        module="flight.mobility.checks",
        old="        elif now_ns - self._link_ns >= self._limits.link_ns:",
        new="        self._link_ns = now_ns\n        if now_ns - self._link_ns >= self._limits.link_ns:",
        expected=("stops_without_link",),
    ),
)
