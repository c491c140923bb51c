"""An operator's desk: one station over named links, be they the TCP ends of a live rover or a radio on a port."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol

from ground.archive import Archive
from ground.sequence_file import SequenceFile
from ground.station import Station
from sil.live.link_url import LinkUrl
from sil.live.links import Link
from sil.live.pipes import LINK_RADIO, live_links, open_link

SOURCE_ID: Final = 2
"""The station of the mission itself is 1: what a scenario sends and what an operator sends never share a count."""

IDLE: Final = b"\x00"
"""An empty frame, which every decoder passes over."""
IDLE_NS: Final = 2_000_000_000


class Tap(Protocol):
    """Told of all bytes, by radio, with the time of the desk."""

    def heard(self, radio: str, t_ns: int, data: bytes) -> None:
        """Bytes have come; the station has not seen them yet."""
        ...

    def said(self, radio: str, t_ns: int, data: bytes) -> None:
        """Bytes are about to be sent."""
        ...


def state_folder() -> Path:
    """Where an operator's counters live, by the XDG rules."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "rahi"


class LinkDesk:
    """Sends on any of its links, hears all; owns them.  A context manager."""

    def __init__(
        self,
        links: Mapping[str, Link],
        *,
        archive: Archive | None = None,
        counters: Path | None = None,
        idle_ns: int | None = IDLE_NS,
    ) -> None:
        """`links` by radio; `archive` keeps what comes; `counters` is the folder of the sequence counts.

        After `idle_ns` without a word an empty frame goes out; None: never.

        Raises:
            GroundError: the counter file cannot be used.
        """
        self._links = links
        self._zero_ns = time.monotonic_ns()
        self._taps: list[Tap] = []
        self._idle_ns = idle_ns
        self._said_ns = 0
        try:
            counter = SequenceFile(counters or state_folder(), SOURCE_ID)
        except BaseException:
            self.close()
            raise
        self.station = Station(send=self._send, archive=archive, source_id=SOURCE_ID, counter=counter)

    def __enter__(self) -> LinkDesk:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self.close()

    @property
    def closed(self) -> bool:
        """Whether a link has ended."""
        return bool(self.ending)

    @property
    def ending(self) -> str:
        """Which link has ended and why, in one line; empty while all live."""
        return next((link.lost for link in self._links.values() if link.lost), "")

    def now_ns(self) -> int:
        """Time on the wall since the desk was opened, for the station's records."""
        return time.monotonic_ns() - self._zero_ns

    def add_tap(self, tap: Tap) -> None:
        """Tell it of all bytes from now on."""
        self._taps.append(tap)

    def poll(self, timeout_s: float) -> None:
        """Take what has come and send what waits, waiting at most `timeout_s` for either."""
        living = [link for link in self._links.values() if not link.lost]
        waiting = [link for link in living if link.wants_to_write]
        ready, writable, _ = select.select(living, waiting, [], timeout_s)
        for link in writable:
            link.flush()
        for radio, link in self._links.items():
            if link in ready and (data := link.read()):
                self._hear(radio, data)
        self.station.tick(self.now_ns())
        self._keep_alive()

    def close(self) -> None:
        """Hang up."""
        for link in self._links.values():
            link.close()

    def _keep_alive(self) -> None:
        """A rover whose radio sees no carrier knows by bytes that ground is there."""
        if self._idle_ns is None or self.now_ns() - self._said_ns < self._idle_ns:
            return
        self._said_ns = self.now_ns()
        for link in self._links.values():
            if not link.lost:
                link.write(IDLE)

    def _hear(self, radio: str, data: bytes) -> None:
        t_ns = self.now_ns()
        for tap in self._taps:
            tap.heard(radio, t_ns, data)
        self.station.receive(radio, data, t_ns)

    def _send(self, radio: str, data: bytes) -> None:
        self._said_ns = self.now_ns()
        for tap in self._taps:
            tap.said(radio, self._said_ns, data)
        self._links[radio].write(data)


class Desk(LinkDesk):
    """At both radios of a live rover."""

    def __init__(self, host: str, port: int, *, counters: Path | None = None) -> None:
        """Connect; `port` is the control port, the radios are the next two.

        Raises:
            GroundError: nobody listens there, or the counter file cannot be used.
        """
        super().__init__(live_links(host, port), counters=counters, idle_ns=None)


def links_of(link: LinkUrl | None, host: str, port: int) -> dict[str, Link]:
    """Return the one link of a URL as the local radio's, or without a URL both of a live rover.

    Raises:
        GroundError: it cannot be opened, or nobody listens there.
    """
    return live_links(host, port) if link is None else {LINK_RADIO: open_link(link)}


def desk_at(link: LinkUrl | None, host: str, port: int) -> LinkDesk:
    """Return a desk at a link, or without one at a live rover.

    Raises:
        GroundError: as `links_of`, or the counter file cannot be used.
    """
    return LinkDesk(links_of(link, host, port))
