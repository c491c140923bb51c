"""The few shapes that a wiring diagram is made of, as SVG text: no scripts, style sheets or fonts of its own."""

from __future__ import annotations

import textwrap
from typing import Final
from xml.sax.saxutils import escape

from hal.api.config import one_line

LETTER_PX: Final = 0.61
"""Width of a letter of any usual fixed-width font, in its size; Courier and DejaVu Sans Mono have 0.60."""
INK: Final = "#1d2733"


def rectangle(x: int, y: int, width: int, height: int, *, fill: str = "#ffffff", stroke: str = INK) -> str:
    """A box with round corners."""
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="5" fill="{fill}" stroke="{stroke}"/>'


def line(x1: int, y1: int, x2: int, y2: int, colour: str, width: int = 3) -> str:
    """A straight wire."""
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{colour}" stroke-width="{width}"/>'


def text(x: int, y: int, words: str, *, size: int = 12, bold: bool = False, colour: str = INK) -> str:
    """One line of text; `y` is its base line."""
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}"{weight}>{escape(one_line(words))}</text>'


def folded(words: str, width: int, size: int = 12) -> list[str]:
    """`words` in lines that fit into `width` px; a word that is longer than a line is cut."""
    return textwrap.wrap(words, max(1, int(width / (size * LETTER_PX))), break_on_hyphens=False) or [""]


def document(width: int, height: int, title: str, shapes: list[str]) -> str:
    """The whole file; ends with a newline."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        ' font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" role="img">'
    )
    parts = [
        head,
        f"<title>{escape(one_line(title))}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    return "\n".join([*parts, *shapes, "</svg>", ""])
