"""The packet store: what was synced comes back, in order, and nothing else; whole segments go; budgets hold."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, strategies as st

from flight.store import packet_store
from flight.store.packet_store import CYCLE_BYTES, PacketStore
from flight.store.segments import SEGMENT_BYTES, encode_record, packet_time_ns, read_packets, split_records
from flight.store.services import StoreServices
from flight.telemetry.outbox import Priority
from hal.api.clock import NS_PER_S
from sim_hal.clock import SimClock
from sim_hal.disk import Disk, DiskStorage
from sim_hal.noise import Noise
from sim_hal.plug import Plug
from telemetry_defs.areas import store as area
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import FailureCode, NoArguments
from telemetry_defs.packets import build_tm, parse_tm
from tests.fakes.context import CapturedEvents, FakeClock, FakeExecution, make_outbox
from tests.fakes.storage import FakeStorage

CYCLE_NS = NS_PER_S // 10


def packet(number: int, time_s: float = 0.0, apid: int = 0x100, size: int = 10) -> bytes:
    return build_tm(apid, 3, 25, number, number, round(time_s * 1e9), 2, bytes(size))


class StoreBench:
    """A store on a storage of its own, run cycle by cycle."""

    def __init__(self, storage: FakeStorage | None = None, capacity_bytes: int = 1_000_000) -> None:
        self.storage = storage or FakeStorage()
        self.events = CapturedEvents()
        self.store = PacketStore(self.storage, self.events, capacity_bytes, ready=lambda: True)
        self.outbox = make_outbox(FakeClock())
        self.handlers = StoreServices(self.store, self.outbox, Codecs()).handlers()
        self.now_ns = 0

    def cycles(self, count: int = 1) -> None:
        for _ in range(count):
            self.store.tick(self.now_ns)
            self.now_ns += CYCLE_NS

    def on_storage(self) -> list[bytes]:
        return list(read_packets(self.storage.list(), self.storage.read))

    def retrieve(self, from_s: float, to_s: float, **changes: int) -> tuple[list[bytes], FakeExecution]:
        selection = {"apid": 0, "service": 0, "classes": area.ALL_CLASSES} | changes
        execution = FakeExecution()
        self.handlers[area.RETRIEVE.name](area.Retrieve(from_gps_s=from_s, to_gps_s=to_s, **selection), execution)
        found = []
        for _ in range(200):
            self.cycles()
            while self.store.peek() is not None:
                found.append(self.store.take())
            if execution.ended:
                break
        return found, execution


@given(st.lists(st.binary(max_size=60), max_size=20), st.integers(0, 2000), st.binary(max_size=40))
def test_reading_stops_at_the_first_bad_record(bodies: Sequence[bytes], at: int, rubbish: bytes) -> None:
    """All records before the damage come back, none after it, and rubbish is never taken for a packet."""
    packets = [build_tm(0x100, 3, 25, n, n, 0, 2, body) for n, body in enumerate(bodies)]
    data = b"".join(map(encode_record, packets))
    assert list(split_records(data + rubbish))[: len(packets)] == packets
    damaged = data[:at] + bytes(max(0, len(data) - at))
    assert list(split_records(damaged)) == packets[: len(list(split_records(damaged)))]
    assert len(list(split_records(damaged))) >= sum(
        1 for n in range(len(packets)) if sum(len(encode_record(p)) for p in packets[: n + 1]) <= at
    )


@given(
    st.lists(st.tuples(st.sampled_from(list(Priority)), st.integers(0, 200), st.integers(0, 5)), max_size=60),
    st.integers(0, 1000),
)
def test_what_was_synced_survives_any_power_cut(steps: list[tuple[Priority, int, int]], seed: int) -> None:
    """On a disk that loses, tears and reorders what was not synced; three lives, and nothing comes back twice."""
    clock = SimClock()
    disk = Disk(clock, Noise(seed, "disk"))
    made: list[bytes] = []
    durable: set[bytes] = set()
    for life in range(3):
        plug = Plug(clock)
        storage = DiskStorage(plug, disk)
        store = PacketStore(storage, CapturedEvents(), 10_000_000, ready=lambda: True)
        recorded: list[list[bytes]] = [[] for _ in Priority]
        for priority, size, cycles in steps:
            made.append(packet(len(made), time_s=life, size=size))
            recorded[priority].append(made[-1])
            store.record(priority, made[-1])
            for _ in range(cycles):
                store.tick(clock.now_ns())
                clock.advance_to(clock.now_ns() + CYCLE_NS)
            if store.durable == sum(map(len, recorded)):
                durable |= {item for of_class in recorded for item in of_class}
        plug.pull("CUT")
        disk.cut()
        found = list(read_packets(disk.names(), disk.content))
        assert len(found) == len(set(found))
        assert set(found) <= set(made)
        assert durable <= set(found)
        for priority in Priority:
            of_class = [item for item in found if item in set(recorded[priority])]
            assert of_class == recorded[priority][: len(of_class)]


def test_a_packet_is_durable_within_a_second() -> None:
    """The only loss of a power cut is what was made in the second before it."""
    bench = StoreBench()
    bench.cycles(20)
    bench.store.record(Priority.HOUSEKEEPING, packet(1))
    bench.cycles(10)
    assert bench.store.durable == 1


def test_retrieval_selects_by_time_apid_service_and_class() -> None:
    """Each packet once, exactly as it was, and the request completes behind the last one."""
    bench = StoreBench()
    packets = [packet(n, time_s=100.0 + n, apid=0x100 + n % 3) for n in range(30)]
    for number, item in enumerate(packets):
        bench.store.record(Priority(number % 4), item)
    bench.cycles(10)

    found, execution = bench.retrieve(105.0, 110.0)
    assert sorted(found) == sorted(packets[5:11])
    assert execution.started
    assert execution.ended
    assert sorted(bench.retrieve(0.0, 1e6, apid=0x102)[0]) == sorted(packets[2::3])
    assert bench.retrieve(0.0, 1e6, service=5)[0] == []
    assert bench.retrieve(0.0, 1e6, classes=0b0010)[0] == packets[1::4]
    assert bench.store.sent == len(found) + 10 + len(packets[1::4])


def test_a_later_boot_finds_the_packets_of_the_earlier_ones() -> None:
    """Segments of earlier boots are indexed one a cycle and never appended to."""
    bench = StoreBench()
    first = [packet(n, time_s=n) for n in range(5)]
    for item in first:
        bench.store.record(Priority.REPORT, item)
    bench.cycles(10)
    later = StoreBench(bench.storage)
    later.store.record(Priority.REPORT, packet(9, time_s=9))
    later.cycles(10)
    assert len(bench.storage.files) == 2
    assert later.retrieve(0.0, 20.0)[0] == [*first, packet(9, time_s=9)]


def test_retrievals_wait_in_turn_are_bounded_and_can_be_aborted() -> None:
    """Eight wait, the next is told BUSY; an abort fails them all."""
    bench = StoreBench()
    bench.store.record(Priority.REPORT, packet(1, time_s=1))
    bench.cycles(2)
    executions = [FakeExecution() for _ in range(9)]
    for execution in executions:
        request = area.Retrieve(from_gps_s=0.0, to_gps_s=9.0, apid=0, service=0, classes=15)
        bench.handlers[area.RETRIEVE.name](request, execution)
    assert executions[8].failure is FailureCode.BUSY
    bench.handlers[area.ABORT.name](NoArguments(), FakeExecution())
    assert {execution.failure for execution in executions[:8]} == {FailureCode.ABORTED}
    assert bench.store.peek() is None


def test_whole_segments_are_evicted_least_urgent_and_oldest_first() -> None:
    """Urgent packets outlive housekeeping; every eviction is counted and told."""
    bench = StoreBench(capacity_bytes=300_000)
    for number in range(1200):
        bench.store.record(Priority.HOUSEKEEPING if number % 4 else Priority.ALERT, packet(number, number, size=400))
        bench.cycles()
    bench.cycles(50)
    left = {parse_tm(item).sequence_count for item in bench.on_storage()}
    assert bench.store.log.used_bytes <= 300_000
    assert {number for number in range(1200) if number % 4 == 0} <= left
    assert left >= set(range(1150, 1200))
    assert 1 not in left
    assert bench.store.log.evicted_packets[Priority.HOUSEKEEPING] == 1200 - len(left)
    assert bench.events.count(area.EVICTED) >= 1


def test_segments_never_grow_beyond_what_one_cycle_can_read() -> None:
    """Whatever the batches: that is what keeps a retrieval within the budget of its row."""
    bench = StoreBench()
    for number in range(300):
        bench.store.record(Priority(number % 2), packet(number, size=number % 7 * 140))
        if number % 40 == 0:
            bench.cycles(10)
    bench.cycles(20)
    assert len(bench.on_storage()) == 300
    assert len(bench.storage.files) > 4
    assert max(map(len, bench.storage.files.values())) <= SEGMENT_BYTES


def test_a_retrieval_that_waits_for_a_link_holds_up_neither_recording_nor_eviction() -> None:
    """Nobody takes its packets for as long as the gap lasts; the store stays within its capacity."""
    bench = StoreBench(capacity_bytes=100_000)
    bench.store.record(Priority.VERIFICATION, packet(0, 0.0))
    bench.cycles(2)
    execution = FakeExecution()
    request = area.Retrieve(from_gps_s=0.0, to_gps_s=9.0, apid=0, service=0, classes=15)
    bench.handlers[area.RETRIEVE.name](request, execution)
    for number in range(1, 600):
        bench.store.record(Priority.HOUSEKEEPING, packet(number, number, size=400))
        bench.cycles()
    bench.cycles(10)
    assert bench.store.log.used_bytes <= 100_000
    assert sum(map(len, bench.storage.files.values())) <= 100_000
    assert packet(599, 599, size=400) in bench.on_storage()
    assert bench.store.take() == packet(0, 0.0)
    bench.cycles(2)
    assert execution.completed


def test_an_unreadable_segment_fails_its_retrieval_and_nothing_else() -> None:
    """Ground gets the rest and is told; recording goes on."""
    bench = StoreBench()
    bench.store.record(Priority.REPORT, packet(1, time_s=1))
    bench.cycles(10)
    later = StoreBench(bench.storage)
    (name,) = bench.storage.files
    bench.storage.unreadable[name] = None
    later.store.record(Priority.REPORT, packet(2, time_s=2))
    later.cycles(30)
    found, execution = later.retrieve(0.0, 9.0)
    assert found == [packet(2, time_s=2)]
    assert (execution.failure, execution.detail) == (FailureCode.STORAGE, 1)
    assert not later.store.failed
    assert later.store.record(Priority.REPORT, packet(3, time_s=3))


def test_what_earlier_boots_recorded_is_counted_when_it_is_evicted() -> None:
    """Also where eviction comes before anybody has looked into the segment."""
    bench = StoreBench(capacity_bytes=1_000_000)
    for number in range(20):
        bench.store.record(Priority.HOUSEKEEPING, packet(number, number))
    bench.cycles(10)
    later = StoreBench(bench.storage, capacity_bytes=0)
    later.store.recorded_until_ns()
    later.store.record(Priority.ALERT, packet(99, 99))
    later.cycles(10)
    assert later.store.log.evicted_packets[Priority.HOUSEKEEPING] == 20


def test_a_boot_finds_how_far_the_record_goes() -> None:
    """The newest packet of all classes; a segment torn whole is passed over; without an answer nothing is claimed."""
    bench = StoreBench()
    assert bench.store.recorded_until_ns() is None
    for number, priority in enumerate((Priority.HOUSEKEEPING, Priority.ALERT, Priority.REPORT)):
        bench.store.record(priority, packet(number, 10.0 + number))
    bench.cycles(10)
    bench.storage.files["tm2-00000007"] = b"\x00\x30torn"
    assert StoreBench(bench.storage).store.recorded_until_ns() == 12_000_000_000
    bench.storage.broken = True
    assert StoreBench(bench.storage).store.recorded_until_ns() is None


def test_a_cycle_never_appends_more_than_its_budget_and_the_buffer_is_bounded() -> None:
    """A flood is spread over cycles; what does not fit the buffer is dropped, least urgent first, counted and told."""
    bench = StoreBench(capacity_bytes=10_000_000)
    for number in range(400):
        bench.store.record(Priority.HOUSEKEEPING if number % 2 else Priority.ALERT, packet(number, size=900))
    bench.cycles(30)
    assert bench.storage.largest_append <= CYCLE_BYTES + 1_000
    assert bench.store.dropped > 0
    assert bench.store.recorded + bench.store.dropped == 400
    assert bench.events.count(area.DROPPED) == 1
    urgent = [item for item in bench.on_storage() if parse_tm(item).sequence_count % 2 == 0]
    assert len(urgent) > 100


def test_broken_storage_is_told_and_the_queues_take_over_until_it_is_back() -> None:
    """Nothing is raised out of the row, nothing is lost that is still in the buffer."""
    bench = StoreBench()
    bench.cycles(3)
    bench.storage.broken = True
    bench.store.record(Priority.REPORT, packet(1))
    bench.cycles(40)
    assert bench.store.failed
    assert bench.events.count(area.FAILED) == 1
    assert not bench.store.record(Priority.REPORT, packet(2))
    bench.storage.broken = False
    bench.cycles(700)
    assert bench.events.count(area.RECOVERED) == 1
    assert bench.on_storage() == [packet(1)]
    assert bench.store.record(Priority.REPORT, packet(3))


def test_recording_can_be_switched_off_and_old_segments_deleted() -> None:
    """PUS 15,1, 15,2 and 15,11."""
    bench = StoreBench()
    bench.handlers[area.DISABLE.name](NoArguments(), FakeExecution())
    assert not bench.store.record(Priority.REPORT, packet(1))
    bench.handlers[area.ENABLE.name](NoArguments(), FakeExecution())
    assert bench.store.record(Priority.REPORT, packet(2, time_s=5))
    bench.cycles(3)
    bench.handlers[area.DELETE.name](area.DeleteBefore(gps_s=4.0), FakeExecution())
    assert len(bench.on_storage()) == 1
    bench.handlers[area.DELETE.name](area.DeleteBefore(gps_s=6.0), FakeExecution())
    assert bench.on_storage() == []


def test_the_summary_says_what_each_class_holds() -> None:
    """One TM[15,13] a class."""
    bench = StoreBench()
    bench.store.record(Priority.ALERT, packet(1, time_s=7.0))
    bench.cycles(2)
    bench.handlers[area.SUMMARY.name](NoArguments(), FakeExecution())
    reports = []
    while item := bench.outbox.take():
        reports.append(parse_tm(item))
    assert [(tm.service, tm.subtype) for tm in reports] == [(15, 13)] * 4
    assert reports[1].data[:2] == bytes((1, 4))


@pytest.mark.parametrize("time_s", [0.0, 1.5, 1.4e9])
def test_the_time_of_a_packet_is_read_from_its_header(time_s: float) -> None:
    """To the resolution of its time field."""
    assert packet_time_ns(packet(1, time_s)) == pytest.approx(time_s * 1e9, abs=20_000)


def test_nothing_is_written_before_the_counts_are_reserved() -> None:
    """Else a cut could leave packets whose counts the next boot uses again."""
    storage = FakeStorage()
    ready = [False]
    store = packet_store.PacketStore(storage, CapturedEvents(), 1_000_000, ready=lambda: ready[0])
    store.record(Priority.REPORT, packet(1))
    store.tick(0)
    assert storage.files == {}
    ready[0] = True
    store.tick(CYCLE_NS)
    assert len(storage.files) == 1
