"""Reduces a failing scenario by what it is made of: fewer parts first, then simpler ones, while it fails the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from sil.scenario import FaultSection, Pose, Scenario

LISTS: Final = ("uplink", "link_gap", "computer", "fault", "command")
Fails = Callable[[Scenario], bool]
"""Whether a scenario still breaks the property."""


def reduce(scenario: Scenario, fails: Fails, over: Callable[[], bool]) -> Scenario:
    """The smallest found before `over`; the same scenario if nothing smaller fails."""
    improved = True
    while improved and not over():
        improved = False
        for candidate in _smaller(scenario):
            if over():
                return scenario
            if fails(candidate):
                scenario, improved = candidate, True
                break
    return scenario


def _smaller(scenario: Scenario) -> Iterator[Scenario]:
    yield from _without_parts(scenario)
    yield from _simpler_parts(scenario)
    yield from _simpler_start(scenario)


def _without_parts(scenario: Scenario) -> Iterator[Scenario]:
    for key in LISTS:
        items = getattr(scenario, key)
        if len(items) > 2:
            yield _with(scenario, **{key: items[: len(items) // 2]})
            yield _with(scenario, **{key: items[len(items) // 2 :]})
        for number in range(len(items)):
            yield _with(scenario, **{key: items[:number] + items[number + 1 :]})


def _simpler_parts(scenario: Scenario) -> Iterator[Scenario]:
    for number, fault in enumerate(scenario.fault):
        for simpler in _simpler_fault(fault):
            yield _with(scenario, fault=(*scenario.fault[:number], simpler, *scenario.fault[number + 1 :]))
    for number, command in enumerate(scenario.command):
        rounded = float(round(command.at_s))
        if rounded != command.at_s:
            simpler_command = _with(command, at_s=rounded)
            yield _with(
                scenario, command=(*scenario.command[:number], simpler_command, *scenario.command[number + 1 :])
            )


def _simpler_fault(fault: FaultSection) -> Iterator[FaultSection]:
    if fault.every_s is not None:
        yield _with(fault, every_s=None, times=None)
    if fault.ramp_s:
        yield _with(fault, ramp_s=0.0)
    for key in fault.args:
        yield _with(fault, args={name: value for name, value in fault.args.items() if name != key})
    if fault.for_s is not None and fault.every_s is None:
        yield _with(fault, for_s=None)
    if fault.at_s != round(fault.at_s):
        yield _with(fault, at_s=float(round(fault.at_s)))


def _simpler_start(scenario: Scenario) -> Iterator[Scenario]:
    start = scenario.start
    if scenario.world != "flat":
        yield _with(scenario, world="flat")
    for simpler in (
        _with(start, temperatures_c={}),
        *(_with(start, temperatures_c=_less(start.temperatures_c, key)) for key in start.temperatures_c),
        _with(start, pose=Pose(x_m=10.0)),
        _with(start, soc=0.8),
        _with(start, mode="IDLE"),
    ):
        if simpler != start:
            yield _with(scenario, start=simpler)
    if scenario.seed != 1:
        yield _with(scenario, seed=1)


def _less(table: dict[str, float], key: str) -> dict[str, float]:
    return {name: value for name, value in table.items() if name != key}


def _with(struct: Any, **changes: Any) -> Any:
    return msgspec.structs.replace(struct, **changes)
