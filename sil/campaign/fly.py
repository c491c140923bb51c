"""Flies one seed in a worker: a pure function of the task, whose row is the same wherever it is flown."""

from __future__ import annotations

import os
import platform
import time
import traceback
from collections.abc import Mapping
from functools import lru_cache
from pathlib import PurePath
from typing import Final

import msgspec

from ground.archive import Archive
from hal.api.config import ConfigError
from hal.api.errors import ComputerStopped
from sil.campaign.identity import Identity, difference, identity_of
from sil.campaign.rows import ERROR, FAILED, PASSED, Flown, Margin, Met, Row
from sil.loader import decode_scenario
from sil.mission import LONG_RUN_S, LONG_TRUTH_S, TRUTH_S, Mission, start_gps_ns
from sil.properties.catalogue import PROPERTIES, judge_all
from sil.properties.judging import UNTESTED, Judgement
from sil.properties.record import Run
from sil.properties.witness import Witness
from sil.result import Result
from sil.run import conclude
from sil.scenario import Scenario

FRAMES: Final = 3
TEXT_CHARS: Final = 500
S_PER_H: Final = 3600.0


class WrongWorker(Exception):
    """The worker runs another Rahi, another Python or other files than the campaign."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One seed to be flown."""

    scenario: str
    """TOML."""
    seed: int
    properties: tuple[str, ...]
    identity: Identity


def fly(task: Task) -> Flown:
    """Fly, judge and measure.  What fails in Rahi is a row too.

    Raises:
        WrongWorker: rows flown here would not belong to the campaign.
        MemoryError: there is not enough of it here, which says nothing about the scenario.
    """
    scenario = _ready(task.scenario, task.identity)
    began_s = time.perf_counter()
    try:
        flown = _flown(scenario, task)
    except MemoryError:
        raise
    except (Exception, ComputerStopped) as error:  # noqa: BLE001 - a run that Rahi cannot fly is a row
        flown = Flown(row=Row(seed=task.seed, verdict=ERROR, error=_told(error)))
    wall_s = time.perf_counter() - began_s
    return msgspec.structs.replace(flown, wall_s=round(wall_s, 3), worker=f"{platform.node()}:{os.getpid()}")


@lru_cache(maxsize=4)
def _ready(text: str, identity: Identity) -> Scenario:
    """The scenario, once a worker; refused where it would not fly the same."""
    try:
        scenario = decode_scenario(text, "scenario.toml")
        found = identity_of(scenario)
    except ConfigError as error:
        raise WrongWorker(f"worker {platform.node()}:{os.getpid()} cannot read what is to be flown: {error}") from None
    other = difference(identity, found)
    if other is not None:
        raise WrongWorker(f"worker {platform.node()}:{os.getpid()} has {other}")
    return scenario


def _flown(scenario: Scenario, task: Task) -> Flown:
    with Archive(None, start_gps_ns=start_gps_ns(scenario)) as archive:
        mission = Mission(scenario, task.seed, archive)
        looked_at = task.properties or any(item.property for item in scenario.expect)
        witness = Witness(mission) if looked_at else None
        mission.run(None if witness is None else witness.look)
        seen = None if witness is None else witness.finish()
        result = conclude(mission, 0.0, None, seen)
        return _measured(mission, result, _judged(seen, task.properties))


def _judged(seen: Run | None, names: tuple[str, ...]) -> dict[str, Judgement]:
    if seen is None:
        return {}
    return judge_all(seen, [PROPERTIES[name] for name in names])


def _measured(mission: Mission, result: Result, judged: Mapping[str, Judgement]) -> Flown:
    unmet = sum(not verdict.passed for verdict in result.expectations)
    broken = [(item.t_s, name) for name, item in judged.items() if not item.holds]
    row = Row(
        seed=result.seed,
        verdict=FAILED if unmet or broken else PASSED,
        broken=min(broken)[1] if broken else None,
        unmet=unmet,
        distance_m=result.distance_m,
        final_mode=result.final_mode,
        events=sum(result.events.values()),
        faults=sum(change.level > 0.0 for change in mission.injector.log),
        boots=result.boots,
        cycles=result.cycles,
        overruns=result.overruns,
        sim_s=result.sim_s,
        downlink_sha256=result.downlink_sha256,
    )
    row = msgspec.structs.replace(row, **_energy(mission))
    return Flown(row=row, margins=tuple(_margins(judged)), met=tuple(_met(result)))


def _energy(mission: Mission) -> dict[str, float]:
    """From the truth, on the grid on which it is kept."""
    truth = mission.simulation.truth
    step_h = (TRUTH_S if mission.scenario.duration_s <= LONG_RUN_S else LONG_TRUTH_S) / S_PER_H
    soc = truth.value("soc")
    return {
        "soc": round(soc, 6),
        "min_soc": round(min((*truth.column("soc"), soc)), 6),
        "load_wh": round(sum(truth.column("load_w")[1:]) * step_h, 3),
        "array_wh": round(sum(truth.column("array_used_w")[1:]) * step_h, 3),
    }


def _margins(judged: Mapping[str, Judgement]) -> list[Margin]:
    return [
        Margin(property=name, margin=round(item.margin, 6), t_s=item.t_s, text=item.text[:TEXT_CHARS])
        for name, item in judged.items()
        if item.margin < UNTESTED
    ]


def _met(result: Result) -> list[Met]:
    return [
        Met(number=number, text=item.text, passed=item.passed, measured=item.measured[:TEXT_CHARS])
        for number, item in enumerate(result.expectations, 1)
    ]


def _told(error: BaseException) -> str:
    """What was raised and where, without folders, which differ from machine to machine."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    places = " > ".join(f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)
    return f"{type(error).__name__}: {' '.join(str(error).split())[:TEXT_CHARS]} ({places})"
