"""The rover file: what the rover believes of itself, one section for each subsystem."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from flight.monitoring.config import ActionConfig, MonitorConfig, table_problems
from flight.store.config import StoreConfig
from flight.subsystems.comms_config import CommsConfig
from flight.subsystems.instruments_config import InstrumentsConfig
from flight.subsystems.mobility_config import MobilityConfig
from flight.subsystems.power_config import PowerConfig
from flight.subsystems.thermal_config import ThermalConfig
from hal.api.config import ConfigError, Section, load_toml


class RoverFile(Section, frozen=True, kw_only=True):
    """A whole rover file."""

    name: Annotated[str, Meta(min_length=1, max_length=40)]
    power: PowerConfig
    thermal: ThermalConfig
    mobility: MobilityConfig
    instruments: InstrumentsConfig
    comms: CommsConfig
    store: StoreConfig = StoreConfig()
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
    """A shipped rover by name, or any rover file by path.  Raises `ConfigError`."""
    if name_or_path in shipped_rovers():
        return load_toml(_folder() / f"{name_or_path}.toml", RoverFile)
    path = Path(name_or_path)
    if path.suffix != ".toml":
        raise ConfigError(name_or_path, f"no such rover; shipped: {', '.join(shipped_rovers())}; or give a .toml file")
    return load_toml(path, RoverFile)


def _folder() -> Traversable:
    return files("flight") / "rovers"
