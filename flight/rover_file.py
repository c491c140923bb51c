"""The rover file: what the rover believes of itself, one section for each subsystem."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, Final

from msgspec import Meta

from flight.health.config import HealthConfig
from flight.monitoring.config import ActionConfig, MonitorConfig, table_problems
from flight.parameter_rules import broken_orders
from flight.sequences.shipped import shipped_sequences
from flight.store.config import StoreConfig
from flight.subsystems.comms_config import CommsConfig
from flight.subsystems.instruments_config import InstrumentsConfig
from flight.subsystems.mobility_config import MobilityConfig
from flight.subsystems.power_config import PowerConfig
from flight.subsystems.thermal_config import ThermalConfig
from hal.api.config import ConfigError, Section, decode_raw, load_raw
from hal.api.wiring import NOT_FITTED, Hardware
from telemetry_defs.areas.sequences import FIRST_LOADED_ID
from telemetry_defs.dictionary import DICTIONARY

MOST_ANCESTORS: Final = 5


class RoverFile(Section, frozen=True, kw_only=True):
    """A whole rover file."""

    name: Annotated[str, Meta(min_length=1, max_length=40)]
    like: Annotated[str, Meta(min_length=1)] | None = None
    """Another rover file, by name or path: whatever this one does not say is as there."""
    board: Annotated[str, Meta(pattern="^[a-z0-9_]{1,40}$")] = "sim"
    """Entry point of group `rahi.hal` that this rover runs on."""
    hardware: Hardware = NOT_FITTED
    power: PowerConfig
    thermal: ThermalConfig
    mobility: MobilityConfig
    instruments: InstrumentsConfig
    comms: CommsConfig
    store: StoreConfig = StoreConfig()
    health: HealthConfig = HealthConfig()
    parameters: dict[str, float] = {}
    """Defaults of this rover's own, by the names of the dictionary."""
    sequences: tuple[Annotated[str, Meta(pattern="^[a-z0-9_]{1,40}$")], ...] = ()
    """Files of `rovers/sequences` that the rover ships with."""
    monitor: tuple[MonitorConfig, ...] = ()
    """In the order in which they are checked."""
    action: tuple[ActionConfig, ...] = ()

    def check(self) -> Iterable[str]:
        """Relations between monitors and actions, between hardware and loads, and the parameters."""
        yield from table_problems(self.monitor, self.action)
        yield from self._check_parameters()
        bank = self.hardware.loads
        if bank is not None and set(bank.lines) != set(self.power.loads):
            yield f"hardware.loads.lines must name the loads of [power]: {', '.join(self.power.loads)}"
        heaters = self.hardware.heaters
        if heaters is not None and set(heaters.lines) != set(self.thermal.heaters):
            yield f"hardware.heaters.lines must name the heaters of [thermal]: {', '.join(self.thermal.heaters)}"

    def parameter_defaults(self) -> dict[int, float]:
        """The parameters of this file by id."""
        ids = {item.name: item.parameter_id for item in DICTIONARY.parameters}
        return {ids[name]: value for name, value in self.parameters.items()}

    def _check_parameters(self) -> Iterable[str]:
        known = {item.name: item for item in DICTIONARY.parameters}
        for name, value in self.parameters.items():
            problem = known[name].problem(value) if name in known else "is no parameter of the dictionary"
            if problem is not None:
                yield f"parameters.{name[:60]}: {problem}"
                return
        whole = {item.parameter_id: item.default for item in known.values()} | self.parameter_defaults()
        yield from (f"parameters: the order of {order.what} is broken" for order in broken_orders(whole))


def shipped_rovers() -> tuple[str, ...]:
    """Names of the rover files inside the package."""
    return tuple(sorted(entry.name[:-5] for entry in _folder().iterdir() if entry.name.endswith(".toml")))


def load_rover(name_or_path: str) -> RoverFile:
    """A shipped rover by name, or any rover file by path, its sequences looked at too.  Raises `ConfigError`."""
    path = _find(name_or_path)
    rover = decode_raw(_with_ancestors(path), RoverFile, str(path))
    shipped = [sequence.sequence_id for sequence in shipped_sequences(rover.sequences)]
    for action in rover.action:
        number = action.sequence
        if number is not None and number < FIRST_LOADED_ID and number not in shipped:
            there = ", ".join(map(str, shipped)) or "none"
            problem = f"[[action]] {action.name}: sequence = {number} does not ship; there are {there}"
            raise ConfigError(str(path), problem)
    return rover


def load_hardware(name_or_path: str) -> Hardware:
    """Section `[hardware]` alone, so that a file made for another version of the rest still serves.

    Raises:
        ConfigError: no such file, no TOML, or not such a section.
    """
    tables = _with_ancestors(_find(name_or_path))
    return decode_raw(tables.get("hardware", {}), Hardware, f"{name_or_path} [hardware]")


def _with_ancestors(path: Path | Traversable) -> dict[str, Any]:
    """The tables of a rover file over those of the file that it is `like`, and so on."""
    raw = load_raw(path)
    source, ancestor = path, raw.get("like")
    for _ in range(MOST_ANCESTORS):
        if not isinstance(ancestor, str):
            return raw
        source = _find(ancestor, source)
        older = load_raw(source)
        ancestor = older.get("like")
        raw = _merged(older, raw)
    raise ConfigError(str(path), f"like: a chain of more than {MOST_ANCESTORS} rover files")


def _merged(older: dict[str, Any], newer: dict[str, Any]) -> dict[str, Any]:
    """Table by table; anything that is no table is replaced as a whole."""
    both = dict(older)
    for key, value in newer.items():
        before = both.get(key)
        both[key] = _merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return both


def _find(name_or_path: str, beside: Path | Traversable | None = None) -> Path | Traversable:
    """A shipped file, or a path, which within a file counts from that file's folder."""
    if name_or_path in shipped_rovers():
        return _folder() / f"{name_or_path}.toml"
    path = Path(name_or_path)
    if path.suffix != ".toml":
        raise ConfigError(name_or_path, f"no such rover; shipped: {', '.join(shipped_rovers())}; or give a .toml file")
    return beside.parent / path if isinstance(beside, Path) else path


def _folder() -> Traversable:
    return files("flight") / "rovers"
