"""A run in a few lines: title, details, verdict, and the figures of ``result.json`` as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ground.panels.lines import Span
from ground.panels.text import duration_text, value_text
from ground.run_data import RunData

_DETAILS = (
    ("rover", "rover {}"),
    ("world", "world {}"),
    ("seed", "seed {}"),
    ("start_utc", "start {}"),
    ("final_mode", "final mode {}"),
)


def verdict(run: RunData) -> str:
    """Return PASSED, FAILED, or nothing for a run without a verdict."""
    passed = run.result.get("passed")
    return "" if passed is None else "PASSED" if passed else "FAILED"


def headline(run: RunData, modes: Sequence[Span] = ()) -> tuple[str, str]:
    """Return the title of a run and one line of details; ``modes`` tell in which one the computer went off."""
    result = {**run.result, "final_mode": _final_mode(run.result, modes)}
    title = str(result.get("scenario") or result.get("name") or "Rahi run")
    details = [form.format(result[key]) for key, form in _DETAILS if result.get(key) not in (None, "")]
    for key, word in (("sim_s", "simulated"), ("recorded_s", "recorded")):
        if isinstance(result.get(key), (int, float)):
            details.append(f"{duration_text(result[key])} {word}")
    if isinstance(result.get("distance_m"), (int, float)):
        details.append(f"{result['distance_m']:.1f} m driven")
    return title[:80], " · ".join(details)[:170]


def _final_mode(result: Mapping[str, Any], modes: Sequence[Span]) -> str:
    mode = str(result.get("final_mode") or "")
    return f"{mode} ({modes[-1].name})" if mode == "OFF" and modes else mode


def figures(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return every single value of ``result.json`` as (name, text); lists and tables have places of their own."""
    return [
        (key, value_text(value))
        for key, value in result.items()
        if not isinstance(value, (dict, list)) and key not in ("scenario", "name")
    ]
