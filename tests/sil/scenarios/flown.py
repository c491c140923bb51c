"""Flies a shipped scenario in a test, as it stands or with some of its keys changed."""

from __future__ import annotations

from typing import Any

import msgspec

from sil.loader import load_scenario
from sil.mission import Mission
from sil.result import Result
from sil.run import conclude, fly as run_mission


def fly(name: str, *, seed: int | None = None, **changes: Any) -> tuple[Mission, Result]:
    """Fly the scenario `name`; `changes` replace top-level keys of `sil.scenario.Scenario`."""
    scenario = msgspec.structs.replace(load_scenario(name), **changes)
    mission = Mission(scenario, seed)
    return mission, conclude(mission, run_mission(mission), None)


def failures(result: Result) -> list[str]:
    """What did not hold, each with what was measured; empty when the scenario passed."""
    return [f"{verdict.text}: {verdict.measured}" for verdict in result.expectations if not verdict.passed]


def failed(result: Result, part: str) -> bool:
    """Whether an expectation whose text contains `part` did not hold.

    Raises:
        AssertionError: no expectation has that text, so nothing could have failed.
    """
    found = [verdict for verdict in result.expectations if part in verdict.text]
    assert found, f"no expectation about {part!r} among {[verdict.text for verdict in result.expectations]}"
    return any(not verdict.passed for verdict in found)
