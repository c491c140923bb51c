"""Single bits of flight's memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Final, Literal

from msgspec import Meta

from hal.api.config import Section
from sil.faults.kinds import Bench, Fault, Layer, instant
from sil.faults.memory import CELLS, Cell, copied, flipped, parameter, store
from telemetry_defs.dictionary import DICTIONARY

Bit = Annotated[int, Meta(ge=0, le=63)]
"""0 the least; a number with a fraction has its sign in 63 and its exponent in 52 to 62."""
FieldName = Literal[
    "soc", "x_m", "y_m", "yaw_rad", "odometer_m", "embedded", "masked_wheel", "command_loss", "safe_held", "boot_loop",
    "time_offset",
]  # fmt: skip


class ParameterFlip(Section, frozen=True, kw_only=True):
    """Which bit of which parameter."""

    name: Annotated[str, Meta(max_length=60)] = ""
    """As in the dictionary; empty: `number` says which."""
    number: Annotated[int, Meta(ge=0, le=999)] = 0
    """Place in the order of ids, counted round."""
    bit: Bit = 52
    copy: Literal["used", "first", "second"] = "used"
    """Which of the three that flight keeps."""

    def check(self) -> Iterable[str]:
        if self.name and self.name not in {item.name for area in DICTIONARY.areas for item in area.parameters}:
            yield f"name: no parameter {self.name!r}"


class StateFlip(Section, frozen=True, kw_only=True):
    """Which bit of which field."""

    field: FieldName = "soc"
    bit: Bit = 52


def _flip(cell: Cell, bit: int) -> None:
    store(cell, lambda value: flipped(value, bit))


def _parameter(bench: Bench, params: ParameterFlip) -> None:
    if bench.flight is None:
        return
    cell = parameter(bench.flight, params.number)
    if params.name:
        cell = cell._replace(key=DICTIONARY.parameter(params.name).parameter_id)
    if params.copy == "used":
        _flip(cell, params.bit)
    else:
        store(copied(bench.flight, params.copy, cell.key, params.bit), lambda byte: byte ^ 1 << params.bit % 8)


def _state(bench: Bench, params: StateFlip) -> None:
    if bench.flight is not None:
        _flip(CELLS[params.field](bench.flight), params.bit)


FAULTS: Final[Mapping[tuple[str, str], Fault]] = {
    ("memory", "parameter_flip"): Fault(
        layer=Layer.COMPUTER,
        meaning="a bit of a parameter's value changes in memory",
        response="votes among three copies each cycle, mends it and tells it",
        make=instant(_parameter),
        params=ParameterFlip,
        lasting=False,
        events=("system.parameter_mended",),
    ),
    ("memory", "state_flip"): Fault(
        layer=Layer.COMPUTER,
        meaning="a bit of what flight keeps over boots changes in memory",
        response="goes by the wrong value; sensors correct charge, ground the rest; a boot drops what no rover has",
        make=instant(_state),
        params=StateFlip,
        lasting=False,
    ),
}
