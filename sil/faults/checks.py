"""What a scenario's faults must satisfy beyond their types: a known pair, its parameters, no overlap with itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from hal.api.config import ConfigError
from sil.faults.kinds import Fault
from sil.faults.registry import REGISTRY, parameters
from sil.hints import near
from sil.scenario import FaultSection, Scenario


def fault_problems(scenario: Scenario) -> Iterator[str]:
    """Every problem as a sentence that names the key."""
    for number, section in enumerate(scenario.fault, 1):
        for problem in section_problems(section, scenario.depth):
            yield f"fault#{number}: {problem}"
    yield from _overlaps(scenario)


def section_problems(section: FaultSection, depth: str) -> Iterator[str]:
    """What is wrong with one fault."""
    fault = REGISTRY.get((section.device, section.kind))
    if fault is None:
        yield _no_fault(section.device, section.kind)
        return
    try:
        parameters(section.device, section.kind, section.args)
    except ConfigError as error:
        yield str(error)
    yield from _fits(fault, section, depth)


def _fits(fault: Fault, section: FaultSection, depth: str) -> Iterator[str]:
    pair = f"{section.device}/{section.kind}"
    if fault.depth not in (None, depth):
        yield f"{pair} exists at depth = {fault.depth!r} only"
    if section.ramp_s > 0.0 and not fault.ramps:
        yield f"{pair} is there or not: it takes no ramp_s"
    if section.for_s is not None and not fault.lasting:
        yield f"{pair} happens at an instant: it takes no for_s"
    if section.every_s is not None and section.for_s is None and fault.lasting:
        yield f"{pair} with every_s needs for_s"


def _overlaps(scenario: Scenario) -> Iterator[str]:
    """One device/kind pair has one state; two sections that want it at a time would end each other."""
    spans: dict[tuple[str, str], list[tuple[float, float, int]]] = {}
    for number, section in enumerate(scenario.fault, 1):
        end_s = _last_end_s(section, scenario.duration_s)
        spans.setdefault((section.device, section.kind), []).append((section.at_s, end_s, number))
    for (device, kind), taken in spans.items():
        taken.sort()
        for (_, end_s, first), (start_s, _, second) in pairwise(taken):
            fault = REGISTRY.get((device, kind))
            if start_s < end_s and (fault is None or fault.lasting):
                yield f"fault#{first} and fault#{second} are both {device}/{kind} and overlap"


def _last_end_s(section: FaultSection, duration_s: float) -> float:
    if section.for_s is None:
        return duration_s
    if section.every_s is None:
        return section.at_s + section.for_s
    repeats = section.times
    return duration_s if repeats is None else section.at_s + (repeats - 1) * section.every_s + section.for_s


def _no_fault(device: str, kind: str) -> str:
    kinds = [known for owner, known in REGISTRY if owner == device]
    if kinds:
        return f"no fault {kind!r} of {device!r}; it has: {', '.join(kinds)}{near(kind, kinds)}"
    hint = near(device, dict.fromkeys(owner for owner, _ in REGISTRY))
    return f"no faults of a device {device!r}{hint or '; `rahi faults` lists all'}"
