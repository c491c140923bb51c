"""What a step raises that does not pass."""

from __future__ import annotations


class StepFailed(Exception):
    """In one line: what was expected and what happened."""
