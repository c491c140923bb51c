"""A grey 8-bit image as a PNG file (ISO/IEC 15948): signature and the chunks IHDR, IDAT, IEND."""

from __future__ import annotations

import binascii
import struct
import zlib


def grey_png(width_px: int, height_px: int, pixels: bytes) -> bytes:
    """Return the PNG of rows from the top, one byte a pixel.

    Raises:
        ValueError: not width times height bytes, or an empty image.
    """
    if width_px < 1 or height_px < 1 or len(pixels) != width_px * height_px:
        raise ValueError(f"{len(pixels)} bytes are no image of {width_px} x {height_px}")
    # Each row begins with its filter type: 0, none.
    rows = b"".join(b"\x00" + pixels[row * width_px : (row + 1) * width_px] for row in range(height_px))
    header = struct.pack(">IIBBBBB", width_px, height_px, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", binascii.crc32(kind + data))
