"""Times: six bytes decode to what encodes to them, and a civil time is refused or comes back as it was."""

from __future__ import annotations

from collections.abc import Iterator

from telemetry_defs import cuc
from tests.fuzz.draw import Draw

MAX_BYTES = 64


def seeds() -> Iterator[bytes]:
    """Both ends of the range, and texts."""
    yield b"\x00" + bytes(6)
    yield b"\x00" + b"\xff" * 6
    yield b"\x01" + b"2029-09-24T00:00:00Z"
    yield b"\x01" + b"2017-02-28T23:59:59.999999999Z"
    yield b"\x01" + b"2000-02-29T00:00:00.5Z"


def check(data: bytes) -> None:
    """Bytes or text."""
    draw = Draw(data)
    if draw.below(2):
        _text(draw.rest().decode("utf-8", "replace"))
    else:
        _wire(draw.rest())


def _wire(code: bytes) -> None:
    try:
        time_ns = cuc.decode_ns(code)
    except ValueError:
        assert len(code) != 6
        return
    assert cuc.encode_ns(time_ns) == code
    assert time_ns == 0 or cuc.encode_ns(time_ns - 1) < code
    assert cuc.utc_iso_to_gps_ns(cuc.gps_ns_to_utc_iso(time_ns, 9)) == time_ns


def _text(text: str) -> None:
    try:
        time_ns = cuc.utc_iso_to_gps_ns(text)
    except ValueError:
        return
    digits = len(text.partition(".")[2].removesuffix("Z"))
    again = cuc.gps_ns_to_utc_iso(time_ns, digits)
    assert again.rstrip("Z").rstrip(".") == text.rstrip("Z").rstrip("."), again
