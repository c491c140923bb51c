"""Step `steering`: each corner to straight as the rover file has it, then nudged until it is straight."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from hal.api.wiring import ServoWiring
from sil.checkout.bench import Bench, why
from sil.checkout.line import Answer
from sil.checkout.record import Outcome
from telemetry_defs.areas.mobility_reports import CornerChoice

HOLD_S: Final = 0.5
MOST_RAD: Final = 0.5
"""What the telecommand takes; a corner further off has its horn on the wrong tooth."""
STRAIGHT, GIVE_UP = "y", "q"
NUDGES_RAD: Final[Mapping[str, float]] = MappingProxyType({"+": 0.01, "-": -0.01, "++": 0.05, "--": -0.05})
_ANSWERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        STRAIGHT: "yes",
        "+": "turn it left by 0.01 rad",
        "-": "right",
        "++": "left by 0.05 rad",
        "--": "right",
        GIVE_UP: "give up",
    }
)


def check_steering(bench: Bench) -> None:
    """Each corner to straight, after a confirmation."""
    for corner in CornerChoice:
        if corner is CornerChoice.ALL:
            continue
        name = corner.name.lower()
        if not bench.may(name, f"Turn all corners straight, to adjust {name}? Keep clear of the wheels."):
            continue
        answer = _turn(bench, corner, 0.0)
        if not answer.done:
            bench.passed(name, False, why(answer))
        elif not bench.operator.sees:
            bench.passed(name, True, "reached 0 rad, nobody looked")
        else:
            _adjust(bench, corner)


def _turn(bench: Bench, corner: CornerChoice, angle_rad: float) -> Answer:
    return bench.line.command("mobility.test_steering", corner=corner.name, angle_rad=angle_rad, hold_s=HOLD_S)


def _adjust(bench: Bench, corner: CornerChoice) -> None:
    """Nudge until the operator calls it straight."""
    name, angle_rad = corner.name.lower(), 0.0
    while True:
        choice = bench.operator.choose(f"Is {name} straight at {angle_rad:+.2f} rad?", _ANSWERS)
        if choice == STRAIGHT:
            _conclude(bench, name, angle_rad)
            return
        if choice == GIVE_UP:
            bench.passed(name, False, f"not straight at {angle_rad:+.2f} rad")
            return
        wanted_rad = round(angle_rad + NUDGES_RAD[choice], 3)
        if abs(wanted_rad) > MOST_RAD:
            bench.operator.tell(f"  no further than {MOST_RAD:g} rad: put its horn on another tooth")
            continue
        answer = _turn(bench, corner, wanted_rad)
        if not answer.done:
            bench.passed(name, False, f"at {wanted_rad:+.2f} rad: {why(answer)}")
            return
        angle_rad = wanted_rad


def _conclude(bench: Bench, name: str, angle_rad: float) -> None:
    wiring = bench.rover.hardware.steering
    if angle_rad == 0.0:
        bench.note(name, Outcome.PASSED, "straight")
    elif wiring is None:
        bench.passed(name, False, f"straight at {angle_rad:+.2f} rad, but the rover file names no servos")
    else:
        servo = wiring.corners[name]
        centre_us = centre_at(servo, angle_rad)
        if not servo.min_us < centre_us < servo.max_us:
            bench.passed(name, False, f"its centre would be {centre_us:g} us, beyond its limits")
            return
        bench.findings.centre_us[name] = centre_us
        detail = f"straight at {angle_rad:+.2f} rad: centre {centre_us:g} us, not {servo.centre_us:g}"
        bench.note(name, Outcome.CORRECTED, detail)


def centre_at(servo: ServoWiring, angle_rad: float) -> float:
    """The pulse, us, that the servo gets at an angle: its centre, if that angle is straight ahead."""
    return round(servo.centre_us + servo.sign * servo.us_per_rad * angle_rad, 1)
