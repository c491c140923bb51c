"""Defects of what the rover takes its sensors, its links and its knowledge for."""

from __future__ import annotations

from typing import Final

from tests.mutants.mutant import Mutant

MUTANTS: Final = (
    Mutant(
        name="driver_defect_fells_the_row",
        defect="what a driver raises by mistake goes through to the row that asks it",
        story="Rahi itself: a defect in one radio's driver ended flight again and again, with a good radio beside it.",
        module="flight.health.watched",
        old="            raise defect from error",
        new="            raise",
        expected=("no_row_raises", "ground_regains_control"),
    ),
    Mutant(
        name="frozen_sensor_believed",
        defect="a reading is good however old it is",
        story="CMU Argus counts missing data as nominal; a frozen sensor answers, and always the same.",
        module="flight.health.watched",
        old="reading.time_ns < oldest_ns:",
        new="reading.time_ns < 0:",
        expected=("stops_when_blind", "no_charge_unwatched"),
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
    Mutant(
        name="missing_encoder_is_well",
        defect="a wheel without an angle is taken for one that has just not moved",
        story="JPL Open Source Rover's driver: zeros look like data.",
        module="flight.mobility.wheel_checks",
        old="        if self._silent_ns < 0:\n            self._silent_ns = now_ns\n"
        "        return now_ns - self._silent_ns",
        new="        self._silent_ns = now_ns\n        return now_ns - self._silent_ns",
        expected=("stops_when_blind",),
    ),
    Mutant(
        name="unseen_corners_hold",
        defect="corners whose angle is not known count as where they should be",
        story="CMU Argus: missing data is assumed to be nominal.",
        module="flight.mobility.checks",
        old="bad = off_rad is None or off_rad > CORNER_RAD",
        new="bad = off_rad is not None and off_rad > CORNER_RAD",
        expected=("stops_when_blind",),
    ),
    Mutant(
        name="silent_device_repeats_itself",
        defect="a device that fails is given out as saying what it said last",
        story="CubeWorks: a bare except gives a default, and a battery that is not read is a full one.",
        module="flight.health.watched",
        old="""        except DeviceError as error:
            if not shut:
                registry.failed(record, error)
            raise
        except Exception as error:  # a mistake in one driver costs its device, not the row that asks it
            defect = _defect(record, error)
            if not shut:
                registry.failed(record, defect)
            raise defect from error
""",
        new="""        except DeviceError:
            if not hasattr(registry, f"last_{id(call)}"):
                raise
            return getattr(registry, f"last_{id(call)}")
        setattr(registry, f"last_{id(call)}", result)
""",
        expected=(
            "faults_are_told",
            "stops_when_blind",
            "ground_regains_control",
            "no_row_raises",
            "knows_its_charge",
            "sheds_loads",
            "no_duplicate_is_accepted",
        ),
    ),
    Mutant(
        name="unknown_tilt_is_level",
        defect="an attitude that is not known passes the guard of driving",
        story="CMU Argus assumes STABLE where data of its attitude control is missing.",
        module="flight.modes.guards",
        old='    if mobility is None or mobility.tilt_rad is None:\n        return "tilt unknown"',
        new="    if mobility is None or mobility.tilt_rad is None:\n        return None",
        expected=("drive_needs_charge_and_attitude",),
    ),
    Mutant(
        name="no_value_is_in_limits",
        defect="a monitor whose value is missing or stale never fails",
        story="nasa/fprime #4477: a limit passed and not counted.",
        module="flight.monitoring.monitor",
        old="if judged.missed or (invalid and self.config.fail_when_invalid):",
        new="if judged.missed and not invalid:",
        expected=("drive_ends_on_low_charge", "low_charge_leads_to_safe"),
    ),
)
