"""What the seed varies: numbers of the start, of the world and of the true vehicle, and faults that come at a rate."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any, Final, TypeVar

import msgspec

from hal.api.config import ConfigError, Section, decode_raw
from sil.dispersed_faults import drawn_faults
from sil.hints import near_or_all
from sil.scenario import DisperseSection, Scenario, StartSection
from sim_hal.world.vehicle_file import VehicleFile
from sim_hal.world.world_file import WorldFile

S = TypeVar("S", StartSection, WorldFile, VehicleFile)
OPEN: Final = ("temperatures_c",)
"""Tables of `[start]` that may hold keys they do not name yet."""
MOST_WHOLE: Final = 2.0**53
"""Above this a float no longer counts by ones."""


class NoNumber(Exception):
    """The key leads to nothing that can be varied; the text says why."""


def dispersed(scenario: Scenario, seed: int) -> Scenario:
    """`scenario` with its start drawn, and with the faults that `seed` brings in place of their rates.

    Raises:
        ConfigError: what was drawn does not go together.
    """
    faults = tuple(drawn_faults(scenario, seed))
    start = drawn(scenario.start, "start", scenario, seed)
    return msgspec.structs.replace(scenario, start=start, fault=(*scenario.fault, *faults), disperse_fault=())


def drawn(section: S, root: str, scenario: Scenario, seed: int) -> S:
    """`section` with every `[[disperse]]` under `root` drawn, uniformly, each from a stream of its own.

    Raises:
        ConfigError: what was drawn does not go together.
    """
    items = [item for item in scenario.disperse if item.key.startswith(f"{root}.")]
    if not items:
        return section
    raw = msgspec.to_builtins(section)
    for item in items:
        share = Random(f"{seed}/disperse/{item.key}").random()
        _set(raw, item.key, _between(item, share, whole=_is_whole(raw, item.key)))
    return decode_raw(_without_none(raw), type(section), f"{root} as seed {seed} draws it")


def disperse_problems(section: Section, root: str, items: tuple[DisperseSection, ...]) -> Iterator[str]:
    """What is wrong with the keys and bounds under `root`, whose file or table is `section`."""
    seen: set[str] = set()
    for number, item in enumerate(items, 1):
        if item.key.startswith(f"{root}."):
            where = f"disperse#{number}"
            if item.key in seen:
                yield f"{where}.key = {item.key!r} is varied twice"
            seen.add(item.key)
            yield from (f"{where}: {problem}" for problem in _item_problems(section, item))


def _item_problems(section: Section, item: DisperseSection) -> Iterator[str]:
    raw = msgspec.to_builtins(section)
    try:
        whole = _is_whole(raw, item.key)
    except NoNumber as error:
        yield str(error)
        return
    for name, bound in (("low", item.low), ("high", item.high)):
        if whole and not (bound.is_integer() and abs(bound) <= MOST_WHOLE):
            yield f"{name} = {bound:g} of {item.key} must be a whole number"
            return
        _set(raw, item.key, int(bound) if whole else bound)
        try:
            decode_raw(_without_none(raw), type(section), f"{name} of {item.key}")
        except ConfigError as error:
            yield str(error)
            return


def _between(item: DisperseSection, share: float, *, whole: bool) -> float | int:
    if whole:
        return int(item.low) + int(share * (item.high - item.low + 1.0))
    return item.low + (item.high - item.low) * share


def _is_whole(raw: dict[str, Any], key: str) -> bool:
    """Whether the number at `key` is a count.  Raises `NoNumber`."""
    table, leaf = _table(raw, key)
    parent = key.split(".")[-2]
    if leaf not in table and parent not in OPEN:
        raise NoNumber(f"key = {key!r}: there is no {leaf!r}{near_or_all(leaf, _numbers(table))}")
    value = table.get(leaf)
    if isinstance(value, bool) or not (value is None or isinstance(value, int | float)):
        raise NoNumber(f"key = {key!r} is no number{near_or_all(leaf, _numbers(table))}")
    return isinstance(value, int)


def _set(raw: dict[str, Any], key: str, value: float) -> None:
    table, leaf = _table(raw, key)
    table[leaf] = value


def _table(raw: dict[str, Any], key: str) -> tuple[dict[str, Any], str]:
    """The table that holds the last part of `key`.  Raises `NoNumber`."""
    _, *path, leaf = key.split(".")
    for name in path:
        inner = raw.get(name)
        if not isinstance(inner, dict):
            known = [other for other, value in raw.items() if isinstance(value, dict)]
            raise NoNumber(f"key = {key!r}: there is no table {name!r}{near_or_all(name, known)}")
        raw = inner
    return raw, leaf


def _numbers(table: dict[str, Any]) -> list[str]:
    return [name for name, value in table.items() if isinstance(value, int | float) and not isinstance(value, bool)]


def _without_none(value: Any) -> Any:
    """TOML has no word for it; what is left out is None."""
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return [_without_none(item) for item in value] if isinstance(value, list | tuple) else value
