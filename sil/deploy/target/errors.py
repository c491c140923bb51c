"""What the slot tool tells: errors in one line, and one line for the journal."""

from __future__ import annotations

import sys


class SlotError(Exception):
    """A verb that could not be done, in one line."""


class NothingStarts(SlotError):
    """No slot at all would start, so starting again cannot help."""


def warn(text: str) -> None:
    """One line for the journal."""
    sys.stderr.write(f"rahi-slot: {text}\n")
