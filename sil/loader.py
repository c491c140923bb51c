"""Finds and reads scenario files, and refuses with one line whatever is wrong with them."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec

from hal.api.config import ConfigError, decode_toml, load_toml
from sil.checks import problems
from sil.hints import near
from sil.problems import ScenarioProblems
from sil.scenario import Scenario


def shipped_scenarios() -> tuple[str, ...]:
    """Names of the scenarios inside the package."""
    return tuple(sorted(entry.name[:-5] for entry in _folder().iterdir() if entry.name.endswith(".toml")))


def load_scenario(name_or_path: str) -> Scenario:
    """A shipped scenario by name, or any scenario file by path.  Raises `ConfigError`."""
    return checked(load_toml(_find(name_or_path), Scenario), name_or_path)


def decode_scenario(text: str | bytes, source_name: str) -> Scenario:
    """A scenario from text.  Raises `ConfigError`."""
    return checked(decode_toml(text, Scenario, source_name), source_name)


def _find(name_or_path: str) -> Path | Traversable:
    if name_or_path in shipped_scenarios():
        return _folder() / f"{name_or_path}.toml"
    path = Path(name_or_path)
    if path.suffix != ".toml" and not _exists(path):
        known = shipped_scenarios()
        hint = near(name_or_path, known) or f"; shipped: {', '.join(known)}; or give the path of a .toml file"
        raise ConfigError(name_or_path, f"no such scenario{hint}")
    return path


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name too long for any file
        return False


def checked(scenario: Scenario, source_name: str) -> Scenario:
    """`scenario` itself.  Raises `ScenarioProblems` with all that is wrong with it."""
    found = list(problems(scenario))
    if found:
        raise ScenarioProblems(source_name, found)
    return scenario


def at_depth(scenario: Scenario, wire: bool) -> Scenario:
    """The scenario on the real drivers if `wire` says so, else as it is.  Raises `ScenarioProblems`."""
    if not wire:
        return scenario
    return checked(msgspec.structs.replace(scenario, depth="wire"), f"{scenario.name} with --wire")


def _folder() -> Traversable:
    return files("sil") / "scenarios"
