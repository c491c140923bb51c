"""TOML made hostile: bytes as they are, or a good text with values, lines and bytes changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from tests.fuzz.draw import Draw

VALUES: Final = (
    "0", "1", "-1", "1e308", "-1e308", "nan", "inf", "9223372036854775808", "0x" + "f" * 4000, "1e-320", "true", "''",
    "'x'", "'\\u0000'", '"\\u001b[2J\\n"', "[]", "{}", "[{}]", "[[1]]", "{a.b.c = 1}", "2029-09-24T00:00:00Z",
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "12:00:00", "'/dev/zero'", "'../../x'", "1.5",
    "'" + "x" * 300 + "'", "['a', 'a']", "[1, 2, 3]", "2", "100", "65536", "0.5",
)  # fmt: skip
"""What may stand for any value.  Kept inputs name them by place: new ones go to the end."""


def text(draw: Draw, good: Sequence[bytes]) -> bytes:
    """One file: the first byte says whether it is as drawn or one of the good ones with edits."""
    which = draw.below(len(good) + 1)
    return draw.rest() if which == 0 else edited(draw, good[which - 1])


def seeds(good: Sequence[bytes]) -> Iterator[bytes]:
    """Good files with no edit, one edit of each kind, and a few small raw files."""
    yield from (bytes((number + 1,)) for number in range(len(good)))
    for kind in range(6):
        yield bytes((1, 0, 3, kind, 7)) + b"\x03abc"
    yield b"\x00a = 1\n[b.c]\n[[d]]\nx = 'y'\n"
    yield b"\x00" + b"[" * 40
    yield b"\x00a=2029-09-24T00:00:00Z\nb={c=[1,2.5e3,true]}\n"


def edited(draw: Draw, good: bytes) -> bytes:
    """Edits as long as there are bytes."""
    lines = good.split(b"\n")
    while draw.left and lines:
        at = draw.number(2) % len(lines)
        kind = draw.below(6)
        if kind == 0:
            lines[at] = _with_value(lines[at], draw.pick(VALUES).encode())
        elif kind == 1:
            del lines[at]
        elif kind == 2:
            lines.insert(draw.number(2) % len(lines), lines[at])
        elif kind == 3:
            lines.insert(at, draw.some())
        elif kind == 4:
            lines[at] = _with_value(lines[at], draw.some())
        else:
            lines[at] = _with_value(lines[at], lines[draw.number(2) % len(lines)].partition(b"=")[2])
    return b"\n".join(lines)


def _with_value(line: bytes, value: bytes) -> bytes:
    key, sign, _ = line.partition(b"=")
    return key + b"= " + value if sign else line


def short(good: bytes) -> bytes:
    """Without comments and empty lines: every edit shall hit something."""
    return b"\n".join(line for line in good.split(b"\n") if line.strip() and not line.lstrip().startswith(b"#"))


def fit_to_show(error: Exception) -> None:
    """A message for an operator's terminal: no escape codes, not endless."""
    message = str(error)
    assert message.strip()
    assert all(line.isprintable() for line in message.split("\n")), message
    assert len(message) < 20_000, len(message)
