"""The rover file: what the rover believes of itself, one section for each subsystem."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from flight.health.config import HealthConfig
from flight.monitoring.config import ActionConfig, MonitorConfig, table_problems
from flight.sequences.shipped import shipped_sequences
from flight.store.config import StoreConfig
from flight.subsystems.comms_config import CommsConfig
from flight.subsystems.instruments_config import InstrumentsConfig
from flight.subsystems.mobility_config import MobilityConfig
from flight.subsystems.power_config import PowerConfig
from flight.subsystems.thermal_config import ThermalConfig
from hal.api.config import ConfigError, Section, load_toml
from telemetry_defs.areas.sequences import FIRST_LOADED_ID


class RoverFile(Section, frozen=True, kw_only=True):
    """A whole rover file."""

    name: Annotated[str, Meta(min_length=1, max_length=40)]
    power: PowerConfig
    thermal: ThermalConfig
    mobility: MobilityConfig
    instruments: InstrumentsConfig
    comms: CommsConfig
    store: StoreConfig = StoreConfig()
    health: HealthConfig = HealthConfig()
    sequences: tuple[Annotated[str, Meta(pattern="^[a-z0-9_]{1,40}$")], ...] = ()
    """Files of `rovers/sequences` that the rover ships with."""
    monitor: tuple[MonitorConfig, ...] = ()
    """In the order in which they are checked."""
    action: tuple[ActionConfig, ...] = ()

    def check(self) -> Iterable[str]:
        """Relations between monitors and actions."""
        return table_problems(self.monitor, self.action)


def shipped_rovers() -> tuple[str, ...]:
    """Names of the rover files inside the package."""
    return tuple(sorted(entry.name[:-5] for entry in _folder().iterdir() if entry.name.endswith(".toml")))


def load_rover(name_or_path: str) -> RoverFile:
    """A shipped rover by name, or any rover file by path, its sequences looked at too.  Raises `ConfigError`."""
    path = _find(name_or_path)
    rover = load_toml(path, RoverFile)
    shipped = [sequence.sequence_id for sequence in shipped_sequences(rover.sequences)]
    for action in rover.action:
        number = action.sequence
        if number is not None and number < FIRST_LOADED_ID and number not in shipped:
            there = ", ".join(map(str, shipped)) or "none"
            problem = f"[[action]] {action.name}: sequence = {number} does not ship; there are {there}"
            raise ConfigError(str(path), problem)
    return rover


def _find(name_or_path: str) -> Path | Traversable:
    if name_or_path in shipped_rovers():
        return _folder() / f"{name_or_path}.toml"
    path = Path(name_or_path)
    if path.suffix != ".toml":
        raise ConfigError(name_or_path, f"no such rover; shipped: {', '.join(shipped_rovers())}; or give a .toml file")
    return path


def _folder() -> Traversable:
    return files("flight") / "rovers"
