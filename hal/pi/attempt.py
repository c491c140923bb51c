"""The one place of this board where an exception of unknown kind is caught: threads that must not die, ways out."""

from __future__ import annotations

from collections.abc import Callable


def attempt(action: Callable[[], object]) -> Exception | None:
    """Do it; returns what was raised instead of raising it."""
    try:
        action()
    except Exception as error:  # noqa: BLE001 - whoever calls this has work left that is worth more than this error
        return error
    return None
