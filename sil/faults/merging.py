"""Puts the parts of the registry together."""

from __future__ import annotations

from collections.abc import Mapping

from sil.faults.kinds import Fault

Pairs = Mapping[tuple[str, str], Fault]


def merged(*parts: Pairs) -> dict[tuple[str, str], Fault]:
    """All pairs in the order of the parts.

    Raises:
        ValueError: a pair stands in two of them.
    """
    whole: dict[tuple[str, str], Fault] = {}
    for part in parts:
        twice = [pair for pair in part if pair in whole]
        if twice:
            raise ValueError(f"listed twice: {', '.join('/'.join(pair) for pair in twice)}")
        whole |= part
    return whole
