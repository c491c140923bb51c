"""Did you mean: the nearest of the known names, for messages."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

FEW: Final = 20
"""As many names as can be listed in a message."""
PROPERTIES_PAGE: Final = "docs/properties.md"
"""Lists the safety properties."""


def near(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?`, or nothing if no name is near."""
    close = get_close_matches(name, tuple(known), 1)
    return f"; did you mean {close[0]!r}?" if close else ""


def near_or_all(name: str, known: Iterable[str], listed: str = "") -> str:
    """The nearest name; if none is near all of them, or, if they are too many, the page where they are `listed`."""
    names = tuple(known)
    few = f"; known: {', '.join(names)}" if 0 < len(names) <= FEW else ""
    return near(name, names) or few or (f"; {listed} lists them" if listed else "")
