"""What mission control says when it refuses: one clear line."""

from __future__ import annotations


class GroundError(Exception):
    """Bad input or an unreadable file; the text is one line, fit to be shown as it is.

    ``argument`` names the command argument at fault, where there is one; ``problem`` is the text without the name of
    the command, for callers that put a place of their own before it.
    """

    def __init__(self, message: str, *, argument: str | None = None, problem: str | None = None) -> None:
        """Keep the text and what it is about."""
        super().__init__(message)
        self.argument = argument
        self.problem = problem or message
