"""A chapter of docs/validation.md: claims, figures, one picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One published number and ours."""

    what: str
    published: str
    source: str
    ours: str
    error: str


class Chapter(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the world; `draw` fills a matplotlib figure."""

    name: str
    """File name of its picture."""
    title: str
    says: str
    """What was compared with what, in a few sentences."""
    rows: tuple[Row, ...]
    honest: str
    """What the comparison does not show."""
    draw: Callable[[Any], None]
    size_in: tuple[float, float] = (8.0, 3.6)


def row(
    what: str, published: float | str, source: str, ours: float | str, error: str = "", *, digits: str = ".3g"
) -> Row:
    """A row from numbers; without `error` their difference is shown."""
    if not error and isinstance(published, float) and isinstance(ours, float):
        error = f"{ours - published:+.2g}" if abs(ours - published) > 1e-9 else "0"
    return Row(what=what, published=_text(published, digits), source=source, ours=_text(ours, digits), error=error)


def _text(value: float | str, digits: str) -> str:
    return value if isinstance(value, str) else format(value, digits)
