"""Step `wheels`: each wheel a little forward, what its encoder says, and what the operator sees."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sil.checkout.bench import Bench, why
from sil.checkout.record import Outcome
from telemetry_defs.areas.mobility_reports import Wheel

SPEED_RAD_S: Final = 0.2
TURN_S: Final = 2.0
FORWARD, BACKWARD, NOT_AT_ALL = "f", "b", "n"
_ANSWERS: Final[Mapping[str, str]] = MappingProxyType(
    {FORWARD: "forward", BACKWARD: "backward", NOT_AT_ALL: "not at all"}
)


def check_wheels(bench: Bench) -> None:
    """Each wheel a little forward, after a confirmation."""
    turn_rad = SPEED_RAD_S * TURN_S
    for wheel in Wheel:
        name = wheel.name.lower()
        if not bench.may(name, f"Turn the wheel {name} forward by {turn_rad:.1f} rad? Keep clear of it."):
            continue
        answer = bench.line.command("mobility.test_wheel", wheel=wheel.name, speed_rad_s=SPEED_RAD_S, duration_s=TURN_S)
        told = bench.line.event("mobility.wheel_tested", wheel=wheel)
        if not answer.done:
            bench.passed(name, False, why(answer))
        elif told is None or told["turned_rad"] is None:
            bench.passed(name, False, "its encoder did not say how far it turned")
        else:
            _judge(bench, name, told["turned_rad"], told["current_a"])


def _judge(bench: Bench, name: str, turned_rad: float, current_a: float | None) -> None:
    amps = "" if current_a is None else f", at most {current_a:.2f} A"
    measured = f"encoder {turned_rad:+.2f} rad{amps}"
    if not bench.operator.sees:
        good = turned_rad > 0.0
        bench.passed(name, good, measured + (", nobody looked" if good else ": it counts against the command"))
        return
    seen = bench.operator.choose(f"Which way did {name} turn?", _ANSWERS)
    if seen == NOT_AT_ALL:
        bench.passed(name, False, f"it did not turn, {measured}: is another wheel on its channel?")
    elif turned_rad <= 0.0:
        bench.passed(name, False, f"{_ANSWERS[seen]}, {measured}: it counts against the command; swap its wires")
    elif seen == BACKWARD:
        bench.findings.turned_round.append(name)
        bench.note(name, Outcome.CORRECTED, f"backward, {measured}: its motor sign is the other one")
    else:
        bench.note(name, Outcome.PASSED, f"forward, {measured}")
