"""The address of a bus in a rover file: `serial:///dev/ttyAMA0?baud=115200`, `i2c:///dev/i2c-1`, `emu:///run/x.sock?bus=main`."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec


class BusUrl(msgspec.Struct, frozen=True, kw_only=True):
    """A URL taken apart; `text` is the whole of it, for messages."""

    text: str
    scheme: str
    host: str
    port: int | None
    path: str
    query: Mapping[str, str]

    def number(self, key: str, default: int, low: int, high: int) -> int:
        """A whole number of the query.

        Raises:
            ValueError: not one, or out of range; the text says which.
        """
        text = self.query.get(key)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise ValueError(f"{self.text}: {key} = {text!r}: expected a whole number from {low} to {high}")
        return int(text)

    def only(self, *keys: str) -> None:
        """Refuse any other key in the query.

        Raises:
            ValueError: there is one.
        """
        for key in self.query:
            if key not in keys:
                raise ValueError(f"{self.text}: unknown key {key!r}; known: {', '.join(keys) or 'none'}")


def parse_url(text: str) -> BusUrl:
    """Take a bus URL apart.

    Raises:
        ValueError: it is none; the text says why.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
        pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True) if parts.query else []
    except ValueError as error:
        raise ValueError(f"{text[:200]!r} is no URL of a bus: {error}") from None
    if not parts.scheme or parts.fragment or parts.username is not None:
        raise ValueError(f"{text[:200]!r} is no URL of a bus, such as serial:///dev/ttyAMA0?baud=115200")
    query = dict(pairs)
    if len(query) != len(pairs):
        raise ValueError(f"{text[:200]!r}: a key stands twice")
    return BusUrl(
        text=text, scheme=parts.scheme, host=parts.hostname or "", port=port, path=unquote(parts.path), query=query
    )
