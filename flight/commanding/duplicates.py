"""Which telecommands were accepted lately, so that a repeat or a replay inside the window is refused."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final

WINDOW: Final = 64
MAX_SOURCES: Final = 16
"""Sources remembered; the one silent for longest is forgotten first, so hostile source ids cannot use up memory."""


class DuplicateWindows:
    """The last accepted (APID, sequence count) of each source id; kept over restarts."""

    def __init__(self, kept: Mapping[int, Sequence[int]] | None = None) -> None:
        self._windows = {source: deque(keys, WINDOW) for source, keys in (kept or {}).items()}

    def seen(self, source_id: int, apid: int, sequence_count: int) -> bool:
        """Whether this very telecommand was accepted before."""
        window = self._windows.get(source_id)
        return window is not None and (apid << 14 | sequence_count) in window

    def add(self, source_id: int, apid: int, sequence_count: int) -> None:
        """Remember an accepted telecommand."""
        window = self._windows.pop(source_id, None) or deque(maxlen=WINDOW)
        if len(self._windows) >= MAX_SOURCES:
            self._windows.pop(next(iter(self._windows)))
        window.append(apid << 14 | sequence_count)
        self._windows[source_id] = window

    def kept(self) -> dict[int, list[int]]:
        """Everything, for the state image."""
        return {source: list(window) for source, window in self._windows.items()}
