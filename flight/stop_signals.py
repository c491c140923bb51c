"""SIGTERM and SIGINT ask flight to stop between two cycles, whenever they come."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Final

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


class StopSignals:
    """While entered, the signals are heard here; afterwards they mean what they meant before."""

    def __init__(self) -> None:
        self._heard = False
        self._action: Callable[[], None] | None = None
        self._before: list[Any] = []

    def __enter__(self) -> StopSignals:
        self._before = [signal.signal(number, self._hear) for number in SIGNALS]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in zip(SIGNALS, self._before, strict=True):
            signal.signal(number, handler)

    def call(self, action: Callable[[], None]) -> None:
        """What a signal does from now on; at once if one has come already."""
        self._action = action
        if self._heard:
            action()

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self._heard = True
        if self._action is not None:
            self._action()
