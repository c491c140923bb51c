"""Products: stored whole or not at all, catalogued, recovered after a power cut, sent down part by part."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from flight.products.catalogue import Catalogue
from flight.products.downlink import MAX_REQUESTS, DownlinkPump
from flight.products.format import Payload, examine, file_name, is_sound, make_header, product_id_of
from flight.products.writer import CHUNK_BYTES, MAX_WAITING, Job, ProductWriter
from telemetry_defs.areas import instruments as area
from telemetry_defs.areas.instruments import Encoding, InstrumentId
from telemetry_defs.codec import Codec
from telemetry_defs.definitions import FailureCode, Mode
from telemetry_defs.reports import PART_BYTES, ProductPart
from tests.fakes.camera import NOISE
from tests.fakes.context import Bench, FakeExecution
from tests.fakes.storage import FakeStorage
from tests.flight.instruments_rig import Rig, unpack_product


@pytest.fixture
def rig() -> Rig:
    rig = Rig()
    assert rig.image().failure is None
    rig.run(20)
    assert rig.instruments.housekeeping().products == 1
    return rig


def _only_file(rig: Rig) -> bytes:
    return rig.storage.files["product_00001.bin"]


def test_product_comes_down_whole(rig: Rig) -> None:
    """First, intermediate and last parts in order; together they are the file; then the command completes."""
    execution = rig.downlink(1)
    assert execution.started
    parts = rig.pull()
    assert execution.completed
    assert [subtype for subtype, _ in parts] == [1, *[2] * (len(parts) - 2), 3]
    assert [part.part for _, part in parts] == list(range(1, len(parts) + 1))
    content = b"".join(part.data for _, part in parts)
    assert content == _only_file(rig)
    assert unpack_product(content)[1] == rig.camera.pixels
    assert rig.bench.events.count(area.DOWNLINK_DONE) == 1
    assert rig.pull() == []


def test_missing_parts_can_be_asked_for_again(rig: Rig) -> None:
    """A range of part numbers, with the subtypes the parts have in the whole."""
    rig.downlink(1)
    whole = rig.pull()
    execution = rig.downlink(1, 2, 3)
    assert rig.pull() == whole[1:3]
    assert execution.completed
    rig.downlink(1, len(whole))
    assert rig.pull() == whole[-1:]


def test_single_part_is_a_last_part() -> None:
    """A small product is one part, which is the last."""
    rig = Rig()
    rig.record(InstrumentId.DOSIMETER)
    rig.run(80)
    rig.downlink(1)
    assert [subtype for subtype, _ in rig.pull()] == [3]


def test_downlink_refusals(rig: Rig) -> None:
    """Unknown product, parts that do not exist, too many requests."""
    assert rig.downlink(7).failure is FailureCode.UNKNOWN_ID
    assert rig.downlink(1, 500).failure is FailureCode.REFUSED
    assert rig.downlink(1, 2, 1).failure is FailureCode.REFUSED
    waiting = [rig.downlink(1) for _ in range(MAX_REQUESTS)]
    assert rig.downlink(1).failure is FailureCode.BUSY
    assert rig.command("delete_product", area.Product(product_id=1)).failure is FailureCode.BUSY
    rig.command("stop_downlink")
    assert all(execution.failure is FailureCode.ABORTED for execution in waiting)
    assert rig.pull() == []


def test_damaged_product_is_not_sent(rig: Rig) -> None:
    """A file whose CRC does not fit fails its request, is reported, and does not block the next request."""
    rig.record()
    rig.run(80)
    good = _only_file(rig)
    rig.storage.files["product_00001.bin"] = good[:100] + bytes((good[100] ^ 1,)) + good[101:]
    damaged, sound = rig.downlink(1), rig.downlink(2)
    parts = rig.pull()
    assert damaged.failure is FailureCode.STORAGE
    assert sound.completed
    assert {part.transaction for _, part in parts} == {2}
    assert rig.bench.events.count(area.PRODUCT_LOST) == 1


def test_storage_lost_during_downlink(rig: Rig) -> None:
    """Storage that does not answer fails the request; it does not stop the transmit row."""
    execution = rig.downlink(1)
    rig.storage.broken = True
    assert rig.pull() == []
    assert execution.failure is FailureCode.STORAGE


def test_delete(rig: Rig) -> None:
    """A deleted product is gone from storage and catalogue, also after a boot."""
    assert rig.command("delete_product", area.Product(product_id=1)).failure is None
    assert rig.command("delete_product", area.Product(product_id=1)).failure is FailureCode.UNKNOWN_ID
    rig.run(2)
    rig.boot()
    rig.run(3)
    assert rig.instruments.housekeeping().products == 0
    assert "product_00001.bin" not in rig.storage.files


def test_delete_refused_by_storage(rig: Rig) -> None:
    """A product that could not be removed is kept."""
    rig.storage.broken = True
    assert rig.command("delete_product", area.Product(product_id=1)).failure is FailureCode.STORAGE
    assert rig.instruments.housekeeping().products == 1


def test_listing_is_slow_enough_for_the_throttle(rig: Rig) -> None:
    """One event per product, at most five in ten seconds, then completion."""
    for _ in range(5):
        rig.image()
        rig.run(20)
    execution = rig.command("list_products", area.ListProducts(first_id=2))
    assert rig.command("list_products", area.ListProducts(first_id=0)).failure is FailureCode.BUSY
    rig.run(4)
    assert 1 <= rig.bench.events.count(area.PRODUCT_LISTED) <= 2
    rig.run(20)
    assert execution.completed
    listed = [msgspec.to_builtins(fields)["product_id"] for fields in rig.bench.events.of(area.PRODUCT_LISTED)]
    assert listed == [2, 3, 4, 5, 6]


def test_storage_full_refuses_before_anything_is_switched_on() -> None:
    """An acquisition whose product might not fit is refused, with what is used."""
    rig = Rig()
    rig.config = msgspec.structs.replace(rig.config, storage_bytes=100_000)
    rig.boot()
    rig.run(1)
    rig.camera.pixels = NOISE
    assert rig.image().failure is None
    rig.run(20)
    rig.bench.modes.put(Mode.IDLE)
    rig.bench.modes.requested.clear()
    execution = rig.image()
    assert (execution.failure, execution.started) == (FailureCode.LIMIT, False)
    assert execution.detail == rig.instruments.housekeeping().stored_bytes
    assert rig.bench.modes.requested == []
    assert not rig.loads.wanted("camera")


def test_running_acquisitions_count_against_storage() -> None:
    """Room promised to one acquisition is not promised twice."""
    rig = Rig()
    rig.config = msgspec.structs.replace(rig.config, storage_bytes=100_000)
    rig.boot()
    rig.run(1)
    assert rig.image().failure is None
    assert [rig.record(instrument).failure for instrument in list(InstrumentId)[1:]] == [
        None,
        None,
        FailureCode.LIMIT,
    ]
    assert rig.bench.events.count(area.STORAGE_FULL) == 1


@pytest.mark.parametrize("fault", ["full", "broken", "never_syncs"])
def test_storage_that_fails_a_write(fault: str) -> None:
    """Full, dead or never durable: the acquisition fails with STORAGE, no product is told of, none is left."""
    rig = Rig()
    execution = rig.image()
    rig.run(6)
    setattr(rig.storage, fault, True)
    rig.run(60)
    assert execution.failure is FailureCode.STORAGE
    assert rig.bench.events.count(area.PRODUCT_READY) == 0
    assert rig.bench.events.count(area.STORAGE_FAULT) >= 1
    setattr(rig.storage, fault, False)
    again = rig.image()
    rig.run(70)
    assert again.completed
    assert rig.instruments.housekeeping().products == 1
    assert sum(name.endswith(".bin") for name in rig.storage.files) == (2 if fault == "broken" else 1)


def test_unreadable_storage_at_boot() -> None:
    """Until storage has been read nothing is acquired; once it answers, everything works."""
    rig = Rig()
    rig.storage.broken = True
    rig.boot()
    rig.run(5)
    assert rig.image().failure is FailureCode.STORAGE
    assert rig.bench.events.count(area.STORAGE_FAULT) == 1
    rig.storage.broken = False
    rig.run(10)
    assert rig.image().failure is None


def test_catalogue_survives_a_reboot(rig: Rig) -> None:
    """After a boot the product is there, can be sent, and the next one gets a new number."""
    rig.run(2)
    rig.boot()
    rig.run(2)
    assert rig.bench.events.count(area.PRODUCT_ADOPTED) == 0
    rig.image()
    rig.run(20)
    assert rig.instruments.housekeeping().newest_product == 2
    rig.downlink(1)
    assert b"".join(part.data for _, part in rig.pull()) == _only_file(rig)


@pytest.mark.parametrize("damage", [b"", b"junk", b"\x00" * 40])
def test_damaged_catalogue_is_made_anew(rig: Rig, damage: bytes) -> None:
    """Products are found again from their own files; torn and foreign files are removed, others left alone."""
    rig.run(2)
    rig.storage.files["products.cat"] = damage
    rig.storage.files["product_00009.bin"] = _only_file(rig)[:-7]
    rig.storage.files["product_00008.bin"] = _only_file(rig)
    rig.storage.files["state"] = b"not ours"
    rig.boot()
    rig.run(10)
    assert rig.instruments.housekeeping().products == 1
    assert sorted(rig.storage.files) == ["product_00001.bin", "products.cat", "state"]
    rig.downlink(1)
    assert len(rig.pull()) > 1


def test_unjudged_files_keep_their_numbers(rig: Rig) -> None:
    """A product made while old files still wait to be looked at never overwrites one of them."""
    for _ in range(3):
        rig.image()
        rig.run(20)
    rig.storage.files["products.cat"] = b"junk"
    before = {name: data for name, data in rig.storage.files.items() if name.endswith(".bin")}
    catalogue = Catalogue(rig.storage, rig.bench.events)
    catalogue.tick(rig.bench.clock.now_ns())
    assert catalogue.loaded
    assert catalogue.take_id() == len(before) + 1 == 5


def test_payload_that_finds_no_place_fails_its_acquisition(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """When too many payloads wait for storage the acquisition fails at once and does not hang."""
    monkeypatch.setattr(ProductWriter, "put", lambda _self, _job: False)
    execution = rig.image()
    rig.run(20)
    assert execution.failure is FailureCode.STORAGE
    assert not rig.acquiring()


def test_missing_file_is_reported(rig: Rig) -> None:
    """A catalogue entry without its file is dropped with an event."""
    rig.run(2)
    del rig.storage.files["product_00001.bin"]
    rig.boot()
    rig.run(3)
    assert rig.instruments.housekeeping().products == 0
    assert rig.bench.events.count(area.PRODUCT_LOST) == 1


class _Store:
    """Catalogue, writer and pump over one storage, without instruments."""

    def __init__(self, storage: FakeStorage) -> None:
        self.bench = Bench()
        self.storage = storage
        self.catalogue = Catalogue(storage, self.bench.events)
        self.writer = ProductWriter(storage, self.catalogue)
        self.pump = DownlinkPump(storage, self.catalogue, self.bench.events)
        self.done: list[bool] = []

    def put(self, data: bytes, encoding: Encoding) -> bool:
        payload = Payload(data=data, encoding=encoding)
        return self.writer.put(Job(InstrumentId.CAMERA, 5, payload, lambda entry: self.done.append(entry is not None)))

    def tick(self) -> None:
        now_ns = self.bench.clock.advance_s(1.0)
        self.catalogue.tick(now_ns)
        self.writer.tick(now_ns)


@given(data=st.binary(max_size=3 * CHUNK_BYTES), encoding=st.sampled_from(Encoding))
@settings(max_examples=50)
def test_any_payload_comes_back(data: bytes, encoding: Encoding) -> None:
    """Stored in chunks and pulled in parts, any payload is the same at the other end."""
    store = _Store(FakeStorage())
    assert store.put(data, encoding)
    for _ in range(12):
        store.tick()
    assert store.done == [True]
    assert store.storage.largest_append <= CHUNK_BYTES + 64
    store.pump.request(area.Downlink(product_id=1, first_part=1, last_part=0), FakeExecution())
    parts = []
    while (bulk := store.pump.next_bulk()) is not None:
        part = Codec(ProductPart).unpack(bulk[3])
        assert len(part.data) <= PART_BYTES
        parts.append(part.data)
    header, payload = unpack_product(b"".join(parts))
    assert payload == data
    assert header.raw_bytes == len(data)


@given(ticks=st.integers(1, 12), size=st.integers(0, 3 * CHUNK_BYTES))
@settings(max_examples=60)
def test_power_cut_at_any_moment(ticks: int, size: int) -> None:
    """Whenever the power goes, a product that was told of is whole after the boot, and no rubbish stays."""
    storage = FakeStorage()
    before = _Store(storage)
    before.put(bytes(size), Encoding.RAW)
    for _ in range(ticks):
        before.tick()
    storage.power_cut()
    after = _Store(storage)
    for _ in range(4):
        after.tick()
    known = after.catalogue.get(1)
    if before.done == [True]:
        assert known is not None
    for name, content in storage.files.items():
        assert product_id_of(name) is None or is_sound(content)


def test_writer_is_bounded() -> None:
    """Four payloads may wait; a fifth is refused."""
    store = _Store(FakeStorage())
    assert [store.put(b"x", Encoding.RAW) for _ in range(MAX_WAITING + 1)] == [True] * MAX_WAITING + [False]


@given(st.binary(max_size=200))
def test_foreign_files_are_no_products(content: bytes) -> None:
    """Random bytes are never taken for a product, nor is another product's file."""
    assert examine(1, content) is None
    header = make_header(2, InstrumentId.CAMERA, 0, Payload(data=content))
    assert examine(1, header + content + b"\0\0\0\0") is None


@given(st.integers(1, 65_534))
def test_file_names(product_id: int) -> None:
    """A number and its file name say the same."""
    assert product_id_of(file_name(product_id)) == product_id
