"""Finds and reads scenario files, and refuses with one line whatever is wrong with them."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from hal.api.config import ConfigError, decode_toml, load_toml
from sil.checks import problems
from sil.scenario import Scenario


def shipped_scenarios() -> tuple[str, ...]:
    """Names of the scenarios inside the package."""
    return tuple(sorted(entry.name[:-5] for entry in _folder().iterdir() if entry.name.endswith(".toml")))


def load_scenario(name_or_path: str) -> Scenario:
    """A shipped scenario by name, or any scenario file by path.  Raises `ConfigError`."""
    return _checked(load_toml(_find(name_or_path), Scenario), name_or_path)


def decode_scenario(text: str | bytes, source_name: str) -> Scenario:
    """A scenario from text.  Raises `ConfigError`."""
    return _checked(decode_toml(text, Scenario, source_name), source_name)


def scenario_text(name_or_path: str) -> bytes:
    """The file as it stands, to be kept with the results."""
    return _find(name_or_path).read_bytes()


def _find(name_or_path: str) -> Path | Traversable:
    if name_or_path in shipped_scenarios():
        return _folder() / f"{name_or_path}.toml"
    path = Path(name_or_path)
    if path.suffix != ".toml" and not _exists(path):
        known = ", ".join(shipped_scenarios())
        raise ConfigError(name_or_path, f"no such scenario; shipped: {known}; or give the path of a .toml file")
    return path


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name too long for any file
        return False


def _checked(scenario: Scenario, source_name: str) -> Scenario:
    for problem in problems(scenario):
        raise ConfigError(source_name, problem)
    return scenario


def _folder() -> Traversable:
    return files("sil") / "scenarios"
