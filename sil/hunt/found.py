"""What a hunt leaves: a scenario that shows the find, a picture of it, and the hunt's own figures."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

import msgspec

from hal.api.config import ConfigError
from sil.hunt.examine import CRASH
from sil.hunt.picture import draw
from sil.hunt.search import Find, Plan
from sil.hunt.team import Progress
from sil.loader import decode_scenario
from sil.scenario import ExpectSection, Scenario
from sil.scenario_text import to_toml

HUNT_FILE: Final = "hunt.json"
PURPOSE_CHARS: Final = 380


def name_of(find: Find) -> str:
    """The property, and letters that tell two finds of it apart."""
    digest = hashlib.sha256(msgspec.json.encode(_parts(find.scenario))).hexdigest()
    return f"{find.broken[:50]}_{digest[:6]}"


def _parts(scenario: Scenario) -> Any:
    return msgspec.to_builtins(scenario)


def as_scenario(find: Find) -> Scenario:
    """The find as a scenario that expects the property to hold, and fails."""
    expect = () if find.broken == CRASH else (ExpectSection(property=find.broken),)
    purpose = f"Found by rahi hunt: {find.text}"[:PURPOSE_CHARS]
    return msgspec.structs.replace(find.scenario, name=name_of(find), purpose=purpose, expect=expect)


def as_text(find: Find) -> str:
    """The same as the text of a file."""
    scenario = as_scenario(find)
    return to_toml(scenario, scenario.seed)


def write(find: Find, out: Path) -> Path:
    """Write scenario and picture; returns the scenario's file.

    Raises:
        ConfigError: `out` cannot be written, or the scenario cannot be read back (a defect of Rahi).
    """
    file = out / f"{name_of(find)}.toml"
    text = as_text(find)
    decode_scenario(text, str(file))
    part = file.with_suffix(".part")  # no half scenario may be left where a whole one is looked for
    try:
        out.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        part.replace(file)
        draw(find, file.with_suffix(".png"))
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ConfigError(str(out), f"cannot be written: {error.strerror}") from None
    return file


def figures(progress: Progress, plan: Plan, file: Path | None) -> dict[str, Any]:
    """What hunt.json holds."""
    found = []
    find = progress.best
    if find is not None and file is not None:
        scenario = find.scenario
        found.append(
            {
                "name": name_of(find),
                "property": find.broken,
                "file": str(file),
                "found_s": round(progress.found_s or 0.0, 2),
                "shrunk_s": round(progress.shrunk_s or progress.seconds, 2),
                "faults": len(scenario.fault) + len(scenario.computer) + len(scenario.link_gap) + len(scenario.uplink),
                "commands": len(scenario.command),
                "text": find.text,
            }
        )
    coverage = progress.coverage
    return {
        "seed": plan.seed,
        "examples": coverage.examples,
        "seconds": round(progress.seconds, 2),
        "sim_s": round(coverage.sim_s, 1),
        "found": found,
        "coverage": msgspec.to_builtins(coverage),
    }


def write_figures(out: Path, content: dict[str, Any]) -> None:
    """Write hunt.json.  Raises `ConfigError`."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / HUNT_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(content)) + b"\n")
    except OSError as error:
        raise ConfigError(str(out), f"cannot be written: {error.strerror}") from None
