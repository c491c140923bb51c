"""Finds keys of absurdly many dotted parts in TOML text: a parser takes minutes and gigabytes over them."""

from __future__ import annotations

import re
from typing import Final

MAX_KEY_PARTS: Final = 100
# Every repetition is possessive or of a fixed count: no text makes the search look twice at the same place.
_COMMENT: Final = r"#[^\n]*+"
_LONG_BASIC: Final = r'"""(?:[^"\\]++|\\.|"(?!""))*+"{3,5}+'
_LONG_LITERAL: Final = r"'''(?:[^']++|'(?!''))*+'{3,5}+"
_PART: Final = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]++|\\.)*+"|'[^'\n]*+')"""
_MORE: Final = rf"(?:[ \t]*+\.[ \t]*+{_PART})"
_TOKEN: Final = re.compile(
    "|".join(
        (
            _COMMENT,
            _LONG_BASIC,
            _LONG_LITERAL,
            r"""(?P<endless>"{3}|'{3})""",
            rf"(?P<deep>{_PART}{_MORE}{{{MAX_KEY_PARTS}}})",
            rf"{_PART}{_MORE}*+",
            r"""(?P<unclosed>["'])""",
            r"""[^A-Za-z0-9_"'#-]++""",
        )
    ).encode(),
    re.DOTALL,
)


def deep_key_line(text: bytes) -> int | None:
    """Number of the line on which a key of more than `MAX_KEY_PARTS` parts begins; None if there is none.

    Keys are looked for wherever TOML 1.0 may have one: before `=`, in table headers, in inline tables, bare or quoted.
    """
    for token in _TOKEN.finditer(text):
        if token.lastgroup in ("endless", "unclosed"):  # a string without an end: the parser gets no further either
            return None
        if token.lastgroup == "deep":
            return text.count(b"\n", 0, token.start()) + 1
    return None
