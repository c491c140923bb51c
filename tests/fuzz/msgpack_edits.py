"""Plain values with some of them replaced: what a writer gone wrong, or another version, might have left."""

from __future__ import annotations

from typing import Any, Final

from tests.fuzz.draw import Draw

VALUES: Final[tuple[Any, ...]] = (
    None, True, False, 0, 1, -1, 2, 255, 256, 65_535, 65_536, 2**31, 2**32, -(2**31), 2**63 - 1, -(2**63), 2**64 - 1,
    0.0, -0.0, 0.5, -1.0, 1e9, 1e308, -1e308, float("nan"), float("inf"), float("-inf"), 1e-320,
    "", "x", "\x1b[2J", "x" * 300, b"", b"\x00" * 40, [], {}, [0], [[1, 2]], {0: 0}, {1: [1]}, [True] * 6, [1] * 300,
)  # fmt: skip
"""What may stand for any value.  Kept inputs name them by place: new ones go to the end."""


def altered(draw: Draw, value: Any) -> Any:
    """The same with up to four values replaced, lists lengthened or keys changed."""
    for _ in range(1 + draw.below(4)):
        value = _altered(draw, value)
    return value


def _altered(draw: Draw, value: Any) -> Any:
    if isinstance(value, dict) and value:
        keys = list(value)
        key = keys[draw.below(len(keys))]
        if isinstance(key, int) and draw.below(3) == 2:
            return {**value, draw.pick((0, -1, 1, 255, 65_535, 2**32, 2**63 - 1)): value[key]}
        return {**value, key: _altered(draw, value[key])}
    if isinstance(value, (list, tuple)) and value:
        items, at = list(value), draw.below(len(value))
        if draw.below(3) == 2:
            return items * (1 + draw.below(40))
        items[at] = _altered(draw, items[at])
        return items
    chosen = draw.below(len(VALUES) + 1)
    return draw.some() if chosen == len(VALUES) else VALUES[chosen]
