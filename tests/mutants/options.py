"""What the command lines may say: numbers within the bounds of `rahi hunt`, each refusal one line."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from typing import Final, NoReturn, TypeVar

N = TypeVar("N", int, float)

BAD_INPUT: Final = 2


class Parser(argparse.ArgumentParser):
    """Refuses in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        """Status 2."""
        self.exit(BAD_INPUT, f"{self.prog}: {message}\n")


def minutes(text: str) -> float:
    """Of a search; none is not one."""
    return _number(text, float, lambda value: 0.0 < value <= 100_000.0, "number above 0 to 100000")


def workers(text: str) -> int:
    """Processes."""
    return _number(text, int, lambda value: 1 <= value <= 256, "whole number from 1 to 256")


def seed(text: str) -> int:
    """As everywhere in Rahi."""
    return _number(text, int, lambda value: 0 <= value < 2**63, f"whole number from 0 to {2**63 - 1}")


def _number(text: str, kind: type[N], allowed: Callable[[float], bool], expected: str) -> N:
    try:
        number: float = kind(text)
    except (ValueError, OverflowError):
        number = math.nan
    if not allowed(number):
        raise argparse.ArgumentTypeError(f"{text[:60]!r} is not allowed: expected a {expected}")
    return kind(text)
