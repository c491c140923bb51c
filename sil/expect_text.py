"""Expectations in words: bounds as a person says them, codes by their names."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.wire import enum_members, fields_of

Names = Mapping[float, str]


def value_names(value: str) -> Names:
    """Names of the codes of a telemetry value that is an enum, none for any other value."""
    area, _, rest = value.partition(".")
    structure, _, field = rest.partition(".")
    known = {hk.name: hk for hk in DICTIONARY.housekeeping}
    hk = known.get(f"{area}.{structure}")
    if hk is None:
        return {}
    fields = [item for item in fields_of(hk.cls) if item.name == field.partition("[")[0]]
    return {float(member): member.name for item in fields for member in enum_members(item)}


def range_text(low: float, high: float, names: Names | None = None) -> str:
    """`is 3`, `at least 3`, `at most 3`, `between 3 and 5`; of codes the names: `is SAFE`, `is one of IDLE, DRIVE`."""
    allowed = [name for code, name in (names or {}).items() if low <= code <= high]
    if allowed:
        return f"is {'' if len(allowed) == 1 else 'one of '}{', '.join(allowed)}"
    least, most = f"{low:.6g}", f"{high:.6g}"
    if low == high:
        return f"is {least}"
    if math.isinf(low):
        return f"at most {most}"
    if math.isinf(high):
        return f"at least {least}"
    return f"between {least} and {most}"


def seen_text(values: Sequence[float], names: Names) -> str:
    """What was measured: `2.5 .. 7`, one value alone, or the names in order of first appearance."""
    if names:
        return ", ".join(names.get(value, f"{value:g}") for value in dict.fromkeys(values))
    least, most = min(values), max(values)
    return f"{least:.5g}" if least == most else f"{least:.5g} .. {most:.5g}"
