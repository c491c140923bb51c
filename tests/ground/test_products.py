"""Products: put together from parts in any order, told apart from damaged ones, saved as files and pictures."""

from __future__ import annotations

import binascii
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from ground.archive import Archive
from ground.errors import GroundError
from ground.products import Product, Products
from ground.station import Station
from telemetry_defs.areas.instruments import PRODUCT_MAGIC, Encoding, InstrumentId, ProductHeader
from telemetry_defs.codec import Codec
from telemetry_defs.reports import PART_BYTES
from tests.ground.traffic import START_GPS_NS, Rover, S, Uplink, frames

WIDTH, HEIGHT = 64, 48
PIXELS = bytes((x * 7 + y * 13) % 251 for y in range(HEIGHT) for x in range(WIDTH))


def image_file(product_id: int = 3, raw_bytes: int = len(PIXELS), width: int = WIDTH) -> bytes:
    header = ProductHeader(
        magic=PRODUCT_MAGIC,
        product_id=product_id,
        instrument=InstrumentId.CAMERA,
        encoding=Encoding.RAW if raw_bytes % 2 else Encoding.ZLIB,
        gps_ns=START_GPS_NS,
        width_px=width,
        height_px=HEIGHT,
        raw_bytes=raw_bytes,
    )
    body = Codec(ProductHeader).pack(header) + zlib.compress(PIXELS, 0)
    return body + binascii.crc32(body).to_bytes(4, "big")


def parts_of(data: bytes) -> list[tuple[int, bytes]]:
    return [(1 + start // PART_BYTES, data[start : start + PART_BYTES]) for start in range(0, len(data), PART_BYTES)]


def packets_of(rover: Rover, data: bytes, product_id: int = 3) -> list[bytes]:
    parts = parts_of(data)
    kinds = [3 if number == len(parts) else 1 if number == 1 else 2 for number, _ in parts]
    return [rover.part(10, product_id, number, part, kind) for (number, part), kind in zip(parts, kinds, strict=True)]


@given(st.randoms(use_true_random=False))
def test_any_order(random: object) -> None:
    """However the parts come, the product is the same file."""
    data = image_file()
    product = Product(3)
    parts = parts_of(data)
    random.shuffle(parts)  # type: ignore[attr-defined]  # hypothesis hands out a random.Random
    for number, part in parts:
        assert not product.complete
        product.add_part(number, part, number == len(parts))
    assert (product.complete, product.data(), product.missing) == (True, data, [])


def test_missing_parts_come_in_a_second_session(tmp_path: Path) -> None:
    """What was lost is named by number; once it has come, the picture can be saved."""
    rover = Rover()
    archive = Archive(None, start_gps_ns=START_GPS_NS)
    station = Station(send=Uplink(), archive=archive)
    data = image_file()
    packets = packets_of(rover, data)
    station.receive("relay", frames(packets[0], *packets[2:]), 11 * S)
    products = Products.of(archive)
    (product,) = products
    assert (product.missing, product.problem()) == ([2], "1 of 4 parts missing, first 2")
    assert products.save(tmp_path / "none") == []

    station.receive("relay", frames(packets_of(rover, data)[1]), 20 * S)
    saved = Products.of(archive).save(tmp_path / "products")
    assert [path.name for path in saved] == ["camera-00003.bin", "camera-00003.png"]
    assert saved[0].read_bytes() == data
    png = saved[1].read_bytes()
    assert struct.unpack(">II", png[16:24]) == (WIDTH, HEIGHT)
    rows = zlib.decompress(png[png.index(b"IDAT") + 4 : png.index(b"IEND") - 8])
    assert b"".join(rows[row * (WIDTH + 1) + 1 : (row + 1) * (WIDTH + 1)] for row in range(HEIGHT)) == PIXELS


def test_catalogue_is_compared() -> None:
    """A file that is whole but not the one of the catalogue is not taken for it."""
    data = image_file()
    entry = {"product_id": 3, "instrument": InstrumentId.CAMERA, "parts": 4, "gps_ns": 0}
    product = Product(3)
    product.catalogue({**entry, "size_bytes": len(data), "crc32": binascii.crc32(data[:-4])})
    for number, part in parts_of(data):
        product.add_part(number, part, number == 4)
    assert product.complete
    product.size_bytes = len(data) + 1
    assert product.problem() == f"{len(data)} bytes, catalogue says {len(data) + 1}"
    product.size_bytes, product.crc32 = len(data), 1
    assert product.problem() == "CRC is not that of the catalogue"


def test_number_used_again() -> None:
    """Another catalogue CRC under the same number is another product: the old parts go."""
    product = Product(3)
    entry = {"product_id": 3, "instrument": None, "size_bytes": 2000, "parts": 3, "gps_ns": 0}
    product.catalogue({**entry, "crc32": 1})
    product.add_part(1, b"old", False)
    product.catalogue({**entry, "crc32": 2})
    assert product.missing == [1, 2, 3]


def test_flipped_bit() -> None:
    """One wrong bit anywhere is seen by the file's own CRC."""
    data = bytearray(image_file())
    data[1500] ^= 4
    product = Product(3)
    for number, part in parts_of(bytes(data)):
        product.add_part(number, part, number == 4)
    assert product.problem() == "CRC is wrong"
    with pytest.raises(GroundError, match="product 3: CRC is wrong"):
        product.payload()


@pytest.mark.parametrize(
    ("data", "problem"),
    [(image_file(raw_bytes=1000), "1001 bytes, header says 1000"), (image_file(width=63), "no image of 63 x 48")],
    ids=["longer than it says", "wrong width"],
)
def test_header_that_lies(data: bytes, problem: str, tmp_path: Path) -> None:
    """A header that does not fit its payload is refused; the file is still kept."""
    rover, archive = Rover(), Archive(None)
    Station(send=Uplink(), archive=archive).receive("relay", frames(*packets_of(rover, data)), 0)
    products = Products.of(archive)
    with pytest.raises(GroundError, match=problem):
        next(iter(products)).png()
    assert [path.suffix for path in products.save(tmp_path)] == [".bin"]
