"""Flight's memory as a particle sees it: named cells, and one bit of what is in them.

Memory has no private part, so cells are found by name; flight itself offers nothing for this.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from flight.app import Flight

BITS: Final = 64


class Cell(NamedTuple):
    """One value in memory: an attribute of an object, or an item of a list or table."""

    owner: Any
    key: Any
    item: bool = False


def _parts(flight: Flight, subsystem: str, *path: str) -> Any:
    """An object inside a subsystem; None while its row is down."""
    found: Any = flight.subsystem(subsystem)
    for name in path:
        found = None if found is None else getattr(found, name)
    return found


def _pose(name: str) -> Callable[[Flight], Cell]:
    return lambda flight: Cell(_parts(flight, "mobility", "_parts", "pose"), name)


CELLS: Final[Mapping[str, Callable[[Flight], Cell]]] = {
    "soc": lambda flight: Cell(_parts(flight, "power", "_soc"), "_count"),
    "x_m": _pose("x_m"),
    "y_m": _pose("y_m"),
    "yaw_rad": _pose("yaw_rad"),
    "odometer_m": _pose("odometer_m"),
    "embedded": lambda flight: Cell(_parts(flight, "mobility", "_checks"), "embedded"),
    "masked_wheel": lambda flight: Cell(_parts(flight, "mobility", "_gate", "masked"), 0, item=True),
    "command_loss": lambda flight: Cell(_parts(flight, "comms", "_loss", "_timer"), "_since_ns"),
    "safe_held": lambda flight: Cell(flight.core.flags, "safe_held"),
    "boot_loop": lambda flight: Cell(flight.core.flags, "boot_loop"),
    "time_offset": lambda flight: Cell(flight.core.time, "_offset_ns"),
}
"""What stands in the state image, where flight keeps it between two saves."""


def parameter(flight: Flight, number: int) -> Cell:
    """A parameter by its place in the order of ids, counted round."""
    values: dict[int, float] = vars(flight.core.parameters)["_values"]
    return Cell(values, sorted(values)[number % len(values)], item=True)


def copied(flight: Flight, copy: str, parameter_id: int, bit: int) -> Cell:
    """The byte with this bit of a parameter, in the first or second copy that flight keeps of them all."""
    parameters = vars(flight.core.parameters)
    place = list(parameters["_values"]).index(parameter_id)
    return Cell(vars(parameters["_copies"])[f"_{copy}"], 8 * place + bit // 8, item=True)


def store(cell: Cell, change: Callable[[Any], Any]) -> bool:
    """Change what is in a cell; False if its owner is down or holds nothing."""
    if cell.owner is None:
        return False
    value = cell.owner[cell.key] if cell.item else getattr(cell.owner, cell.key)
    if value is None:
        return False
    if cell.item:
        cell.owner[cell.key] = change(value)
    else:
        setattr(cell.owner, cell.key, change(value))
    return True


def flipped(value: Any, bit: int) -> Any:
    """A value whose bit (0 the least) of 64 has changed: a flag has one bit only."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return _through("<q", value, bit)
    if isinstance(value, float):
        return _through("<d", value, bit)
    raise TypeError(f"no memory of a {type(value).__name__}")


def _through(form: str, value: float, bit: int) -> Any:
    raw = int.from_bytes(struct.pack(form, value), "little") ^ 1 << bit % BITS
    return struct.unpack(form, raw.to_bytes(8, "little"))[0]
