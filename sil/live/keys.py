"""Arrow keys to motion: reading them from a terminal, and the dead-man rule between keys and telecommands."""

from __future__ import annotations

import os
import select
import sys
import termios
import tty
from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType, TracebackType
from typing import Any, Final

VALID_FOR_S: Final = 0.5
"""The rover stops this long after the last key press that reached it."""
REPEAT_S: Final = 0.2
"""Key repeat is faster than the rover needs to hear of it."""


class Key(Enum):
    """What an operator can press."""

    FORWARD = "up"
    BACK = "down"
    LEFT = "left"
    RIGHT = "right"
    STOP = "space"
    QUIT = "q"


_CODES: Final[Mapping[bytes, Key]] = MappingProxyType(
    {
        b"\x1b[A": Key.FORWARD,
        b"\x1b[B": Key.BACK,
        b"\x1b[C": Key.RIGHT,
        b"\x1b[D": Key.LEFT,
        b"\x1bOA": Key.FORWARD,
        b"\x1bOB": Key.BACK,
        b"\x1bOC": Key.RIGHT,
        b"\x1bOD": Key.LEFT,
        b" ": Key.STOP,
        b"q": Key.QUIT,
        b"\x03": Key.QUIT,
        b"\x04": Key.QUIT,
    }
)
MOTIONS: Final[Mapping[Key, tuple[float, float]]] = MappingProxyType(
    {Key.FORWARD: (1.0, 0.0), Key.BACK: (-1.0, 0.0), Key.LEFT: (0.0, 1.0), Key.RIGHT: (0.0, -1.0)}
)
"""Share of full speed and of full turn rate, left positive."""


def parse_keys(data: bytes) -> list[Key]:
    """Keys in what a terminal sent; anything else is skipped."""
    keys = []
    while data:
        size = 3 if data[:3] in _CODES else 1
        key = _CODES.get(data[:size])
        if key is not None:
            keys.append(key)
        data = data[size:]
    return keys


class DeadMan:
    """Turns key presses into rates to send: each press counts once, and silence means stop.

    A held key repeats, so the rover hears from it again before its time is over; a released key is heard no more.
    """

    def __init__(self) -> None:
        """Nothing pressed."""
        self._sent_s = -REPEAT_S
        self._motion: tuple[float, float] | None = None

    def press(self, key: Key, now_s: float) -> tuple[float, float] | None:
        """Shares of speed and turn rate to send now, None if this press need not be told again."""
        motion = MOTIONS.get(key)
        if motion is None:
            self._motion = None
            return None
        if motion == self._motion and now_s - self._sent_s < REPEAT_S:
            return None
        self._motion, self._sent_s = motion, now_s
        return motion


class Keyboard:
    """The terminal on standard input, key by key; a context manager that puts it back as it was."""

    def __init__(self) -> None:
        """Not yet taken over."""
        self._fd = sys.stdin.fileno()
        self._before: list[Any] = []

    def __enter__(self) -> Keyboard:
        self._before = termios.tcgetattr(self._fd)
        tty.setraw(self._fd, termios.TCSANOW)
        settings = termios.tcgetattr(self._fd)
        settings[1] |= termios.OPOST  # output keeps its line ends
        termios.tcsetattr(self._fd, termios.TCSANOW, settings)
        return self

    def __exit__(self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        termios.tcsetattr(self._fd, termios.TCSANOW, self._before)

    def read(self) -> list[Key]:
        """Keys pressed since the last call; a closed terminal quits."""
        ready, _, _ = select.select([self._fd], [], [], 0.0)
        if not ready:
            return []
        data = os.read(self._fd, 1024)
        return parse_keys(data) if data else [Key.QUIT]
