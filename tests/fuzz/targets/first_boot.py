"""The card's `rahi.toml`: never an exception, a few printable lines, and no setting that fails its own check."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from sil.image.target.rahi_first_boot import MAX_TOLD, Settings, hostname, radio_port, read_settings, ssh_key
from tests.fuzz import toml_text
from tests.fuzz.draw import Draw

_KEY = base64.b64encode(b"\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20" + bytes(range(32)))
_GOOD = (
    b"hostname = 'rover-1'\nssh_authorized_key = 'ssh-ed25519 " + _KEY + b" me@desk'\nradio_port = '/dev/ttyUSB0'\n",
)


def seeds() -> Iterator[bytes]:
    """A good card and bad ones."""
    yield from toml_text.seeds(_GOOD)
    yield b"\x00\xef\xbb\xbfhostname = 'x'\r\n"


def check(data: bytes) -> None:
    """One file."""
    settings, told = read_settings(toml_text.text(Draw(data), _GOOD))
    assert len(told) <= MAX_TOLD + 1
    assert all(line.isprintable() and len(line) < 1000 for line in told)
    default = Settings()
    for value, usual, wrong in (
        (settings.hostname, default.hostname, hostname),
        (settings.ssh_authorized_key, default.ssh_authorized_key, ssh_key),
        (settings.radio_port, default.radio_port, radio_port),
    ):
        assert value == usual or not wrong(value), value
        assert "\n" not in value
