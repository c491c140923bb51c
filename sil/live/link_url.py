"""The URL of a link to a rover: `serial:///dev/ttyUSB0?baud=57600` or `tcp://host:port`, read strictly."""

from __future__ import annotations

from typing import Final

import msgspec

from ground.errors import GroundError
from sil.hints import near_or_all

DEFAULT_BAUD: Final = 57_600
"""What telemetry radios of the SiK family come with."""
LEAST_BAUD: Final = 300
MOST_BAUD: Final = 4_000_000
SERIAL_FORM: Final = f"serial:///dev/ttyUSB0?baud={DEFAULT_BAUD}"
TCP_FORM: Final = "tcp://host:port"
_BAUD: Final = "baud"
_SHOWN: Final = 120
"""As much of a wrong URL as goes into a message."""


class SerialUrl(msgspec.Struct, frozen=True):
    """A serial port, 8 data bits, no parity, 1 stop bit; `baud` in bit/s."""

    path: str
    baud: int = DEFAULT_BAUD

    def __str__(self) -> str:
        return f"serial://{self.path}?{_BAUD}={self.baud}"


class TcpUrl(msgspec.Struct, frozen=True):
    """A TCP server; `host` without the brackets of an IPv6 address."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"tcp://[{self.host}]:{self.port}" if ":" in self.host else f"tcp://{self.host}:{self.port}"


LinkUrl = SerialUrl | TcpUrl


def parse_link(text: str) -> LinkUrl:
    """Return what the URL says.

    Raises:
        GroundError: no such scheme, no path, host or port, a number out of range, an unknown or repeated key; one line.
    """
    scheme, separator, rest = text.partition("://")
    if not (separator and text.isprintable()):
        raise _wrong(text, f"no link; expected {SERIAL_FORM} or {TCP_FORM}")
    if scheme == "serial":
        return _serial(text, rest)
    if scheme == "tcp":
        return _tcp(text, rest)
    raise _wrong(text, f"unknown scheme {scheme!r}{near_or_all(scheme, ('serial', 'tcp'))}")


def _wrong(text: str, problem: str) -> GroundError:
    shown = text if text.isprintable() else repr(text)
    return GroundError(f"{shown[:_SHOWN]}: {problem}")


def _serial(text: str, rest: str) -> SerialUrl:
    path, asked, query = rest.partition("?")
    if len(path) < 2 or not path.startswith("/"):
        raise _wrong(text, f"the device begins with / behind serial://, as in {SERIAL_FORM}")
    if not asked:
        return SerialUrl(path)
    baud: int | None = None
    for item in query.split("&"):
        key, _, value = item.partition("=")
        if key != _BAUD:
            raise _wrong(text, f"unknown key {key!r}{near_or_all(key, (_BAUD,))}")
        if baud is not None:
            raise _wrong(text, f"{_BAUD} is given twice")
        baud = _number(text, _BAUD, value, LEAST_BAUD, MOST_BAUD)
    return SerialUrl(path, DEFAULT_BAUD if baud is None else baud)


def _tcp(text: str, rest: str) -> TcpUrl:
    host, separator, port = rest.rpartition(":")
    if not separator:
        raise _wrong(text, f"no port; expected {TCP_FORM}")
    number = _number(text, "port", port, 1, 65_535)
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not _is_host(bare, bracketed=bare != host):
        raise _wrong(text, f"{host[:60]!r} is no host name or address; expected {TCP_FORM}")
    return TcpUrl(bare, number)


def _is_host(host: str, *, bracketed: bool) -> bool:
    """An IPv6 address stands in brackets, and nothing else does; users, paths and queries have no place here."""
    if (":" in host) is not bracketed or any(letter in host for letter in "/?#@[] "):
        return False
    try:
        return bool(host.encode("ascii" if bracketed else "idna"))
    except UnicodeError:
        return False


def _number(text: str, name: str, value: str, low: int, high: int) -> int:
    """A plain decimal number, so that each URL has one meaning: no sign, no blank, no underscore."""
    number = int(value) if value.isascii() and value.isdigit() and len(value) <= 10 else -1
    if not low <= number <= high:
        raise _wrong(text, f"{name} = {value[:20]!r}: expected a whole number from {low} to {high}")
    return number
