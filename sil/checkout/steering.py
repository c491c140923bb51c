"""Step `steering`: each corner to straight as the file has it, nudged until it is so, then a little to the left."""

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
        "+": "to the left by 0.01 rad",
        "-": "to the right",
        "++": "to the left by 0.05 rad",
        "--": "to the right",
        GIVE_UP: "give up",
    }
)


SIDE_RAD: Final = 0.2
"""So far to one side, to see which way it turns."""
LEFT, RIGHT, NEITHER = "l", "r", "n"
_SIDES: Final[Mapping[str, str]] = MappingProxyType({LEFT: "left", RIGHT: "right", NEITHER: "it did not turn"})


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
    """Straight, then to a side and back."""
    name = corner.name.lower()
    angle_rad = _nudged(bench, corner)
    if angle_rad is None:
        return
    sign = -1.0 if angle_rad > MOST_RAD - SIDE_RAD else 1.0
    answer = _turn(bench, corner, round(angle_rad + sign * SIDE_RAD, 3))
    if not answer.done:
        bench.passed(name, False, f"to the side: {why(answer)}")
        return
    side = bench.operator.choose(f"Where does {name} point now?", _SIDES)
    _turn(bench, corner, angle_rad)
    if side == NEITHER:
        bench.passed(name, False, "it does not turn to the side: is another servo on its channel?")
    else:
        _conclude(bench, name, angle_rad, is_mirrored=side != (LEFT if sign > 0.0 else RIGHT))


def _nudged(bench: Bench, corner: CornerChoice) -> float | None:
    """The angle, rad, that the operator calls straight; None, with a row that says why, if there is none."""
    name, angle_rad = corner.name.lower(), 0.0
    while (choice := bench.operator.choose(f"Is {name} straight at {angle_rad:+.2f} rad?", _ANSWERS)) != STRAIGHT:
        if choice == GIVE_UP:
            bench.passed(name, False, f"not straight at {angle_rad:+.2f} rad")
            return None
        wanted_rad = round(angle_rad + NUDGES_RAD[choice], 3)
        if abs(wanted_rad) > MOST_RAD:
            bench.operator.tell(f"  no further than {MOST_RAD:g} rad: put its horn on another tooth")
            continue
        answer = _turn(bench, corner, wanted_rad)
        if not answer.done:
            bench.passed(name, False, f"at {wanted_rad:+.2f} rad: {why(answer)}")
            return None
        angle_rad = wanted_rad
    return angle_rad


def _conclude(bench: Bench, name: str, angle_rad: float, *, is_mirrored: bool) -> None:
    wiring = bench.rover.hardware.steering
    if angle_rad == 0.0 and not is_mirrored:
        bench.note(name, Outcome.PASSED, "straight, and left is left")
        return
    if wiring is None:
        bench.passed(name, False, f"straight at {angle_rad:+.2f} rad, but the rover file names no servos")
        return
    servo = wiring.corners[name]
    centre_us = centre_at(servo, angle_rad)
    if not servo.min_us < centre_us < servo.max_us:
        bench.passed(name, False, f"its centre would be {centre_us:g} us, beyond its limits")
        return
    details = []
    if angle_rad != 0.0:
        bench.findings.centre_us[name] = centre_us
        details.append(f"straight at {angle_rad:+.2f} rad: centre {centre_us:g} us, not {servo.centre_us:g}")
    if is_mirrored:
        bench.findings.mirrored.append(name)
        details.append("it turns the other way: its servo sign is the other one")
    bench.note(name, Outcome.CORRECTED, "; ".join(details))


def centre_at(servo: ServoWiring, angle_rad: float) -> float:
    """The pulse, us, that the servo gets at an angle: its centre, if that angle is straight ahead."""
    return round(servo.centre_us + servo.sign * servo.us_per_rad * angle_rad, 1)
