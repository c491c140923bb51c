"""Defects of what moves the rover and of what stops it."""

from __future__ import annotations

from typing import Final

from tests.mutants.mutant import Mutant

MUTANTS: Final = (
    Mutant(
        name="runaway_taken_for_eagerness",
        defect="a wheel that turns faster than it is told never counts as one that does not listen",
        story="Rahi itself until the hunt looked for it: such a wheel was thought to cost power only.",
        module="flight.mobility.wheel_checks",
        old="return now_ns - self._fast_ns >= for_ns",
        new="return False",
        expected=("stops_a_runaway",),
    ),
    Mutant(
        name="dead_man_lost",
        defect="a rate command drives on after its validity has run out",
        story="PurdueLunabotics/purdue_lunabotics #49, OpenROV/openrov-software #87: a rover that keeps driving when "
        "link or program dies.",
        module="flight.mobility.guides",
        old="return self._twist if now_ns < self._until_ns else None",
        new="return self._twist",
        expected=("wheels_need_command",),
    ),
    Mutant(
        name="time_limit_lost",
        defect="a motion runs to the rover's longest time instead of the telecommand's",
        story="WayneKeenan/picraftzero #63 is of the same family: nobody ends what ground began.",
        module="flight.mobility.runner",
        old="self._deadline_ns = now_ns + min(timeout_ns, self._limits.motion_ns)",
        new="self._deadline_ns = now_ns + max(timeout_ns, self._limits.motion_ns)",
        expected=("wheels_need_command",),
    ),
    Mutant(
        name="stop_ramps_down",
        defect="STOP brakes by the ramp instead of at once",
        story="The nasa-jpl/osr-rover-code ramp to zero is right after a lost command; taken over for the emergency "
        "stop it costs a second.",
        module="flight.subsystems.mobility",
        old="self._runner.stop_now(StopReason.COMMANDED, now_ns)",
        new="self._runner._halt(StopReason.COMMANDED, now_ns)",
        expected=("stop_acts_in_its_cycle",),
    ),
    Mutant(
        name="stall_told_but_driven_on",
        defect="a stalled wheel is reported and the drive goes on",
        story="nasa-jpl/osr-rover-code reads motor faults and only logs them.",
        module="flight.mobility.wheel_checks",
        old="StallCause.STILL, current)\n            if current",
        new="StallCause.STILL, current) and StopReason.NONE\n            if current",
        expected=("stops_on_stall",),
    ),
    Mutant(
        name="masked_wheel_driven",
        defect="a masked wheel is only left out when some speed has to be clipped",
        story="A shortcut for the common case that forgets the rare one.",
        module="flight.mobility.gate",
        old="if True in self.masked or max(speeds) > top or min(speeds) < -top:",
        new="if max(speeds) > top or min(speeds) < -top:",
        expected=("masked_wheels_rest",),
    ),
    Mutant(
        name="cold_motors_turn",
        defect="motors count as warm at any temperature that is not too hot",
        story="One half of a range check is missing.",
        module="flight.heat.motor_warmth",
        old="self.warm = all(value is not None and least_c <= value <= hot_c for value in values)",
        new="self.warm = all(value is not None and min(value, least_c) <= hot_c >= value for value in values)",
        expected=("motors_warm_before_they_turn",),
    ),
    Mutant(
        name="slip_against_itself",
        defect="slip compares the wheels' travel with itself",
        story="nasa-jpl/osr-rover-code: a wrong index, so that the effort of a wheel is another quantity.",
        module="flight.mobility.ground_fix",
        old="self._measured.add(travel[0], fix.forward_m, self._limits.slip_window_m)",
        new="self._measured.add(travel[0], travel[0], self._limits.slip_window_m)",
        expected=("stops_when_digging_in",),
    ),
)
