"""A histogram as an SVG picture, drawn by hand: no script, a few kilobytes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Final

WIDTH: Final = 440
HEIGHT: Final = 150
BASE: Final = 128
TALLEST: Final = 112.0
"""Leaves room for a line of text above."""
MOST_BARS: Final = 30


def bins(values: Sequence[float]) -> list[tuple[float, float, int]]:
    """Low, high and count of each bar, over the whole range of rising `values`; about the root of their number."""
    low, high = values[0], values[-1]
    number = 1 if low == high else min(MOST_BARS, max(5, math.isqrt(len(values))))
    step = (high - low) / number
    counts = [0] * number
    for value in values:
        counts[min(number - 1, int((value - low) / step)) if step > 0.0 else 0] += 1
    return [(low + place * step, low + (place + 1) * step, count) for place, count in enumerate(counts)]


def svg(title: str, values: Sequence[float]) -> str:
    """The picture; each bar tells its range and count to who points at it."""
    bars = bins(values)
    width = WIDTH / len(bars)
    most = max(count for _, _, count in bars)
    parts = [
        _bar(place * width, width, TALLEST * count / most, f"{low:.4g} to {high:.4g}: {count} of {len(values)} runs")
        for place, (low, high, count) in enumerate(bars)
    ]
    ends = (
        f'<text x="0" y="{HEIGHT - 6}">{values[0]:.4g}</text>'
        f'<text x="{WIDTH}" y="{HEIGHT - 6}" text-anchor="end">{values[-1]:.4g}</text>'
        f'<text x="{WIDTH}" y="12" text-anchor="end">{most}</text>'
    )
    line = f'<line x1="0" y1="{BASE}" x2="{WIDTH}" y2="{BASE}" stroke="#888"/>'
    head = (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" font-size="11" fill="#555">'
    )
    return f"{head}<title>{escape(title)}</title>{''.join(parts)}{line}{ends}</svg>"


def _bar(x: float, width: float, height: float, text: str) -> str:
    shape = f'x="{x:.1f}" y="{BASE - height:.1f}" width="{max(0.5, width - 1.0):.1f}" height="{height:.1f}"'
    return f'<rect {shape} fill="#0072b2"><title>{escape(text)}</title></rect>'
