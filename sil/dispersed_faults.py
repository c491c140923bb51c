"""Faults that the seed brings: when they begin, and what is wrong with a table that asks for them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from sil.faults.checks import section_problems
from sil.faults.registry import REGISTRY
from sil.scenario import DisperseFaultSection, FaultSection, Scenario
from sim_hal.noise import Noise

DAY_S: Final = 86_400.0
DIGITS: Final = 3
"""Of the seconds at which a fault begins: a number that can be read, and copied into a `[[fault]]`."""


def drawn_faults(scenario: Scenario, seed: int) -> Iterator[FaultSection]:
    """Every `[[disperse_fault]]` as the `[[fault]]` tables that `seed` makes of it, each from a stream of its own."""
    for item in scenario.disperse_fault:
        noise = Noise(seed, f"disperse_fault/{item.device}/{item.kind}")
        for at_s in _starts(item, noise, scenario.duration_s):
            yield _begun(item, at_s)


def disperse_fault_problems(scenario: Scenario) -> Iterator[str]:
    """Every problem as a sentence that names the key."""
    seen: dict[tuple[str, str], int] = {}
    for number, item in enumerate(scenario.disperse_fault, 1):
        where, pair = f"disperse_fault#{number}", (item.device, item.kind)
        yield from (f"{where}: {problem}" for problem in section_problems(_begun(item, item.from_s), scenario.depth))
        if pair in seen:
            yield f"disperse_fault#{seen[pair]} and {where} are both {item.device}/{item.kind}"
        seen.setdefault(pair, number)
        for key in ("from_s", "to_s"):
            time_s = getattr(item, key)
            if time_s is not None and time_s > scenario.duration_s:
                yield f"{where}.{key} = {time_s:g} is after the end of the run ({scenario.duration_s:g} s)"
    yield from _both_ways(scenario, seen)


def _both_ways(scenario: Scenario, drawn: dict[tuple[str, str], int]) -> Iterator[str]:
    """A lasting fault has one state: what is drawn could end what stands in the file."""
    for number, section in enumerate(scenario.fault, 1):
        pair = (section.device, section.kind)
        fault = REGISTRY.get(pair)
        if pair in drawn and fault is not None and fault.lasting:
            yield f"fault#{number} and disperse_fault#{drawn[pair]} are both {section.device}/{section.kind}"


def _begun(item: DisperseFaultSection, at_s: float) -> FaultSection:
    return FaultSection(
        at_s=at_s, device=item.device, kind=item.kind, for_s=item.for_s, args=item.args, ramp_s=item.ramp_s
    )


def _starts(item: DisperseFaultSection, noise: Noise, duration_s: float) -> Iterator[float]:
    to_s = duration_s if item.to_s is None else item.to_s
    if item.probability is not None:
        if noise.uniform() < item.probability:
            yield min(to_s, round(item.from_s + noise.uniform() * (to_s - item.from_s), DIGITS))
        return
    at_s = item.from_s
    for _ in range(item.most):
        at_s = round(at_s + noise.exponential() * DAY_S / (item.rate_per_day or 1.0), DIGITS)
        if at_s >= to_s:
            return
        yield at_s
        at_s += _busy_s(item)


def _busy_s(item: DisperseFaultSection) -> float:
    """How long a start keeps the next one away: while the fault is in force."""
    if not REGISTRY[item.device, item.kind].lasting:
        return 0.0
    return math.inf if item.for_s is None else item.for_s
