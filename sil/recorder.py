"""Keeps what flight sent, before the channel: packets with the time they were handed to a radio, and their SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from telemetry_defs.formats.decode import DecodedTm, decode_tm
from telemetry_defs.framing import FrameDecoder
from telemetry_defs.packets import PacketError

HOUSEKEEPING: Final = bytes((3, 25))
"""Service and subtype."""
EVENT: Final = bytes((5,))


class Sent(NamedTuple):
    """One packet as flight sent it."""

    t_ns: int
    packet: bytes


class DownlinkRecorder:
    """Taps the radios' inputs; decodes only when somebody asks."""

    def __init__(self) -> None:
        self._decoders: dict[str, FrameDecoder] = {}
        self._digest = hashlib.sha256()
        self.sent: list[Sent] = []

    def tap(self, radio: str, t_ns: int, data: bytes) -> None:
        """Bytes that flight handed to `radio`."""
        decoder = self._decoders.setdefault(radio, FrameDecoder())
        for packet in decoder.feed(data):
            self._digest.update(packet)
            self.sent.append(Sent(t_ns, packet))

    def new_boot(self) -> None:
        """A frame cut off by a reset must not run into the next boot's first."""
        self._decoders.clear()

    @property
    def sha256(self) -> str:
        """Over all packets so far, concatenated."""
        return self._digest.hexdigest()

    def stream(self) -> bytes:
        """All packets, concatenated: downlink.bin."""
        return b"".join(packet for _, packet in self.sent)

    def _first_sent(self) -> Iterator[Sent]:
        """Each packet once: what ground asks for again is sent again."""
        seen: set[bytes] = set()
        for item in self.sent:
            if item.packet not in seen:
                seen.add(item.packet)
                yield item

    def housekeeping(self, structure_id: int) -> Iterator[tuple[int, DecodedTm]]:
        """Decoded reports of one structure with the times they were sent."""
        for t_ns, packet in self._first_sent():
            if packet[7:9] == HOUSEKEEPING and packet[19:20] == bytes((structure_id,)):
                yield from _decoded(t_ns, packet)

    def events(self) -> Iterator[tuple[int, DecodedTm]]:
        """Decoded event reports with the times they were sent."""
        for t_ns, packet in self._first_sent():
            if packet[7:8] == EVENT:
                yield from _decoded(t_ns, packet)


def _decoded(t_ns: int, packet: bytes) -> Iterator[tuple[int, DecodedTm]]:
    """Nothing where a faulty wire to the radio has spoilt it."""
    try:
        yield t_ns, decode_tm(packet)
    except PacketError:
        return
