"""Choices out of the bytes of one input, so that a fuzzer that changes a byte changes a choice.

atheris has the like, but a kept input must mean the same where atheris is not installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Draw:
    """Takes from the front; whatever is asked of an empty input is zero or empty."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        """Bytes not taken yet."""
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        """At most so many bytes."""
        taken = self._data[self._at : self._at + count]
        self._at += len(taken)
        return taken

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(self.left)

    def number(self, size: int = 1) -> int:
        """An unsigned number of `size` bytes."""
        return int.from_bytes(self.take(size), "big")

    def below(self, limit: int) -> int:
        """0..limit-1, of one byte while that will do."""
        return self.number(1 if limit <= 256 else 2) % limit

    def pick(self, of: Sequence[T]) -> T:
        """One of them."""
        return of[self.below(len(of))]

    def some(self) -> bytes:
        """A piece of a length of its own, at most 255 bytes."""
        return self.take(self.number())
