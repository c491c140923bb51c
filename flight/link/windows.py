"""Relay windows that ground has announced, in GPS time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

MAX_WINDOWS: Final = 16
"""About two weeks of relay passes."""


class WindowTable:
    """Windows in the order of their start; past ones are forgotten."""

    def __init__(self) -> None:
        self._windows: tuple[tuple[int, int], ...] = ()

    def __len__(self) -> int:
        return len(self._windows)

    @property
    def full(self) -> bool:
        """No room for another one."""
        return len(self._windows) >= MAX_WINDOWS

    def add(self, start_gps_ns: int, stop_gps_ns: int) -> None:
        """Add a window.

        Raises:
            ValueError: the table is full, or the window ends before it starts.
        """
        if self.full:
            raise ValueError("window table is full")
        if stop_gps_ns <= start_gps_ns:
            raise ValueError("window ends before it starts")
        self._windows = tuple(sorted((*self._windows, (start_gps_ns, stop_gps_ns))))

    def kept(self) -> list[tuple[int, int]]:
        """All windows, for the state image."""
        return list(self._windows)

    def restore(self, windows: Sequence[tuple[int, int]]) -> None:
        """Take over what was kept."""
        self._windows = tuple(sorted(windows))[:MAX_WINDOWS]

    def clear(self) -> None:
        """Forget all."""
        self._windows = ()

    def inside(self, gps_ns: int | None) -> bool:
        """Whether a window is open at `gps_ns`; never while on-board time is not trusted (None)."""
        if gps_ns is None or not self._windows:
            return False
        if any(stop <= gps_ns for _, stop in self._windows):
            self._windows = tuple(window for window in self._windows if window[1] > gps_ns)
        return bool(self._windows) and any(start <= gps_ns for start, _ in self._windows)
