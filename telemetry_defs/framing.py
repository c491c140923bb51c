"""Packets on a byte stream: COBS (Cheshire and Baker 1999) and a zero byte behind each frame.

A zero never occurs within a frame, so a receiver that loses bytes finds the next frame by itself.
"""

from __future__ import annotations

MAX_FRAME_BYTES = 1100
_FULL_RUN = 254
_CODES = tuple(bytes((code,)) for code in range(256))


def encode_frame(packet: bytes) -> bytes:
    """Return COBS(packet) + 0x00."""
    pieces: list[bytes] = []
    blocks = packet.split(b"\x00")
    last = len(blocks) - 1
    for index, block in enumerate(blocks):
        rest = block
        while len(rest) >= _FULL_RUN:
            pieces.append(b"\xff" + rest[:_FULL_RUN])
            rest = rest[_FULL_RUN:]
        if rest or index != last or not block:
            pieces.append(_CODES[len(rest) + 1] + rest)
    pieces.append(b"\x00")
    return b"".join(pieces)


def decode_cobs(frame: bytes) -> bytes | None:
    """Return the packet in one frame (its zero byte taken off), or None if the frame is damaged."""
    pieces: list[bytes] = []
    start, end = 0, len(frame)
    while start < end:
        code = frame[start]
        stop = start + code
        if code == 0 or stop > end:
            return None
        pieces.append(frame[start + 1 : stop])
        start = stop
        if code != 0xFF and start < end:
            pieces.append(b"\x00")
    return b"".join(pieces)


class FrameDecoder:
    """Takes bytes as they come, gives whole packets; memory stays within one frame.

    ``bad_frames`` counts frames with damaged COBS, ``overlong`` frames over the limit (skipped to the next zero).
    """

    def __init__(self, max_bytes: int = MAX_FRAME_BYTES) -> None:
        """Take frames of at most ``max_bytes``, the zero byte included."""
        self.bad_frames = 0
        self.overlong = 0
        self._limit = max_bytes - 1
        self._partial = b""
        self._skipping = False

    def feed(self, data: bytes) -> list[bytes]:
        """Return the packets that these bytes complete, in order."""
        *whole, rest = data.split(b"\x00")
        packets: list[bytes] = []
        for piece in whole:
            frame, self._partial = self._partial + piece, b""
            if self._skipping:
                self._skipping = False
            elif len(frame) > self._limit:
                self.overlong += 1
            elif frame:
                packet = decode_cobs(frame)
                if packet is None:
                    self.bad_frames += 1
                else:
                    packets.append(packet)
        self._keep(rest)
        return packets

    def reset(self) -> None:
        """Forget a half-received frame, as after a loss of carrier; counters stay."""
        self._partial, self._skipping = b"", False

    def _keep(self, rest: bytes) -> None:
        if self._skipping or not rest:
            return
        self._partial += rest
        if len(self._partial) > self._limit:
            self._partial, self._skipping = b"", True
            self.overlong += 1
