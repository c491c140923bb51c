"""Outbox, events, housekeeping, transmission, on-board time, state image."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, strategies as st

from flight import state_image
from flight.boot import CRASH_LIMIT, LOOP_BOOTS, BootRecord, read_boot_record
from flight.core_rows import WatchdogRow
from flight.link.counters import LinkCounters
from flight.mobility.kept import KeptMotion
from flight.onboard_time import OnboardTime
from flight.state_image import StateImage
from flight.telemetry.counters import BLOCK, SequenceCounters
from flight.telemetry.events import PER_WINDOW, EventReporter
from flight.telemetry.housekeeping import HousekeepingReports
from flight.telemetry.outbox import LIMITS, Outbox, Priority
from flight.telemetry.transmit import Transmit
from hal.api.clock import NS_PER_S
from hal.api.errors import BadReading, DeviceTimeout, NotReady
from hal.api.values import ResetCause
from telemetry_defs.areas import system
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import Mode
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.framing import FrameDecoder
from telemetry_defs.packets import TimeQuality, parse_tm
from tests.fakes.context import CapturedEvents, FakeClock, make_outbox


class Rtc:
    """A clock chip that may have lost power."""

    def __init__(self, gps_ns: int | None) -> None:
        self.gps_ns = gps_ns

    def read_gps_ns(self) -> int:
        if self.gps_ns is None:
            raise BadReading("rtc")
        return self.gps_ns

    def set_gps_ns(self, gps_ns: int) -> None:
        self.gps_ns = gps_ns


def test_time_comes_from_the_chip_else_goes_on_from_the_last_known_and_is_not_trusted() -> None:
    """Quality says which; ground sets both clock and chip."""
    clock, chip = FakeClock(), Rtc(5_000_000_000)
    assert OnboardTime(clock, chip, 0).gps_ns() == 5_000_000_000
    assert OnboardTime(clock, chip, 0).quality is TimeQuality.RTC

    dead = Rtc(None)
    time = OnboardTime(clock, dead, 42)
    assert (time.gps_ns(), time.quality) == (42, TimeQuality.UNSET)
    assert time.set_gps_ns(1_000_000_042) == 1.0
    assert (time.quality, dead.gps_ns) == (TimeQuality.GROUND, 1_000_000_042)
    clock.advance_s(1.0)
    assert time.gps_ns() == 2_000_000_042


@given(st.lists(st.tuples(st.sampled_from(list(Priority)), st.integers(0x100, 0x105)), max_size=900))
def test_queues_are_bounded_and_every_report_has_a_count_of_its_own(puts: Sequence[tuple[Priority, int]]) -> None:
    """Drops are counted; what leaves is urgent first; counts are those of the order in which reports were made."""
    outbox = make_outbox(FakeClock())
    for priority, apid in puts:
        outbox.put(priority, apid, 3, 25, bytes((priority,)))

    packets = []
    while packet := outbox.take():
        packets.append(parse_tm(packet))

    kept = [min(LIMITS[p], sum(1 for q, _ in puts if q is p)) for p in Priority]
    assert len(packets) == sum(kept)
    assert outbox.dropped == len(puts) - sum(kept)
    assert [tm.data[0] for tm in packets] == sorted(tm.data[0] for tm in packets)
    for apid in range(0x100, 0x106):
        made = [priority for priority, number in puts if number == apid]
        for tm in packets:
            if tm.apid == apid:
                assert made[tm.sequence_count] == tm.data[0]


@given(st.lists(st.integers(1, 9000), min_size=1, max_size=12))  # a boot report at least
def test_counts_jump_over_a_restart_and_never_repeat(lives: Sequence[int]) -> None:
    """Whatever part of its block a boot used, the next begins beyond it, within one turn of 14 bits."""
    start: dict[int, int] = {}
    last = -1
    for used in lives:
        counters = SequenceCounters([0x100], start)
        start = counters.reserved()  # a boot writes down the next start before anything leaves
        for _ in range(used):
            count = counters.take(0x100)
            assert 0 < (count - last) % 0x4000 <= BLOCK + 1
            last = count
            if counters.low:
                start = counters.reserved()


class Shelf:
    """Recorded packets that ground has asked for."""

    def __init__(self, *packets: bytes) -> None:
        self.packets = list(packets)

    def peek(self) -> bytes | None:
        return self.packets[0] if self.packets else None

    def take(self) -> bytes:
        return self.packets.pop(0)


def test_events_are_throttled_counted_and_switchable() -> None:
    """A chattering event fills neither the queue nor the link; a new window opens it again."""
    clock = FakeClock()
    outbox = make_outbox(clock)
    reporter = EventReporter(clock, outbox, DICTIONARY, Codecs())
    for _ in range(100):
        reporter.emit(system.BAD_PACKETS, system.Count(count=1))
    assert outbox.waiting() == PER_WINDOW
    assert reporter.throttled == 100 - PER_WINDOW

    clock.advance_s(10.0)
    reporter.emit(system.BAD_PACKETS, system.Count(count=1))
    assert outbox.waiting() == PER_WINDOW + 1
    assert reporter.set_enabled(system.BAD_PACKETS.event_id, False)
    reporter.emit(system.BAD_PACKETS, system.Count(count=1))
    assert outbox.waiting() == PER_WINDOW + 1
    assert not reporter.set_enabled(0x7777, True)
    assert len(reporter.recent) == 20


def test_housekeeping_is_sent_at_its_interval_on_demand_and_not_while_disabled() -> None:
    """A report out of turn does not move the grid; an unknown structure is refused."""
    clock = FakeClock()
    outbox = make_outbox(clock)
    built = []

    def provide() -> system.ScheduleHk:
        built.append(clock.now_ns())
        empty = (None,) * len(system.ROWS)
        return system.ScheduleHk(worst_s=empty, mean_s=empty, over_budget=empty, strikes=empty, idle_s=empty)

    reports = HousekeepingReports(
        dictionary=DICTIONARY, codecs=Codecs(), outbox=outbox, providers={"system.schedule": provide}
    )
    for _ in range(600):
        reports.tick(clock.advance_s(1.0))
    assert len(built) == 11  # the first at once, then ten a minute apart

    assert reports.report_now(system.SCHEDULE_HK.structure_id)
    assert reports.set_enabled(system.SCHEDULE_HK.structure_id, False)
    for _ in range(120):
        reports.tick(clock.advance_s(1.0))
    assert len(built) == 12
    assert reports.set_enabled(system.SCHEDULE_HK.structure_id, True)
    assert reports.set_interval(system.SCHEDULE_HK.structure_id, 5.0)
    for _ in range(20):
        reports.tick(clock.advance_s(1.0))
    assert len(built) in (16, 17)
    assert not reports.report_now(99)
    assert not reports.set_interval(99, 5.0)
    assert parse_tm(outbox.take() or b"").data[0] == system.SCHEDULE_HK.structure_id


class Link:
    """A downlink with a byte budget a cycle, and a radio that may fail."""

    def __init__(self, budget_bytes: int) -> None:
        self.budget_bytes = budget_bytes
        self.open = True
        self.broken = False
        self.decoder = FrameDecoder()
        self.packets: list[bytes] = []
        self.used = 0
        self.failures = 0

    def downlink(self) -> tuple[Link, int] | None:
        return (self, self.budget_bytes) if self.open else None

    def send(self, data: bytes) -> int:
        if self.broken:
            raise DeviceTimeout("radio")
        self.packets += self.decoder.feed(data)
        return len(data)

    def sent(self, byte_count: int) -> None:
        self.used += byte_count

    def send_failed(self) -> None:
        self.failures += 1


class Bulk:
    """Large data without end."""

    def next_bulk(self) -> tuple[int, int, int, bytes] | None:
        return 0x104, 13, 2, bytes(900)


def make_transmit(
    outbox: Outbox, link: Link, shelf: Shelf | None = None, ready: Callable[[], bool] = lambda: True
) -> Transmit:
    return Transmit(
        outbox=outbox,
        downlink=link,  # type: ignore[arg-type]  # the link is its own radio
        bulk=Bulk,
        recorded=shelf or Shelf(),
        counters=LinkCounters(),
        ready=ready,
    )


def test_nothing_leaves_before_the_counts_are_reserved() -> None:
    """A power cut right after would make the next boot count the same again."""
    outbox, link = make_outbox(FakeClock()), Link(5_000)
    outbox.put(Priority.REPORT, 0x100, 17, 2, b"")
    make_transmit(outbox, link, ready=lambda: False).tick(0)
    assert link.packets == []


def test_recorded_packets_come_after_live_ones_and_leave_every_fourth_turn_to_products() -> None:
    """Exactly as they were recorded."""
    outbox, link = make_outbox(FakeClock()), Link(100_000)
    outbox.put(Priority.REPORT, 0x100, 17, 2, b"")
    old = [outbox.build_now(0x100, 3, 25, bytes((number,))) for number in range(6)]
    link.budget_bytes = 3_000
    make_transmit(outbox, link, Shelf(*old)).tick(0)
    kinds = [parse_tm(packet).service for packet in link.packets]
    assert kinds[:8] == [17, 3, 3, 3, 13, 3, 3, 3]
    assert [packet for packet in link.packets if parse_tm(packet).service == 3] == old


def test_without_a_link_reports_are_only_recorded_after_a_while() -> None:
    """Half a minute of patience; then nothing stale waits ahead of what is new when the link comes back."""
    outbox, link = make_outbox(FakeClock()), Link(5_000)
    transmit = make_transmit(outbox, link)
    transmit.tick(0)
    link.open = False
    transmit.tick(10 * NS_PER_S)
    assert outbox.live
    transmit.tick(31 * NS_PER_S)
    assert not outbox.live
    link.open = True
    transmit.tick(40 * NS_PER_S)
    assert outbox.live


def test_transmit_keeps_the_budget_sends_urgent_first_and_bulk_last() -> None:
    """Reports before large data; nothing while there is no link; a failing radio loses at most the packet at hand."""
    outbox, link = make_outbox(FakeClock()), Link(1_200)
    transmit = make_transmit(outbox, link)
    outbox.put(Priority.HOUSEKEEPING, 0x100, 3, 25, bytes(100))
    outbox.put(Priority.VERIFICATION, 0x100, 1, 1, bytes(4))

    link.open = False
    transmit.tick(0)
    assert link.packets == []
    link.open = True
    transmit.tick(0)
    services = [parse_tm(packet).service for packet in link.packets]
    assert services == [1, 3, 13][: len(services)]
    assert services[:2] == [1, 3]
    assert 0 < link.used <= 1_200

    link.packets.clear()
    transmit.tick(0)
    assert [parse_tm(packet).service for packet in link.packets] == [13]

    outbox.put(Priority.REPORT, 0x100, 17, 2, b"")
    link.broken = True
    transmit.tick(0)
    assert link.failures == 1


class OneFile:
    """A storage with at most one copy of the state image in it."""

    def __init__(self, data: bytes | None) -> None:
        self.data = data

    def read(self, name: str) -> bytes:
        if self.data is None or name != state_image.FIRST_COPY:
            raise NotReady("storage")
        return self.data


def record_of(data: bytes | None, cause: ResetCause) -> BootRecord:
    storage = OneFile(data)
    return read_boot_record(state_image.state_file(storage), cause)  # type: ignore[arg-type]  # reading is all a boot does


def boot(data: bytes | None, cause: ResetCause) -> StateImage:
    return record_of(data, cause).image


@given(st.binary(max_size=300), st.integers(0, 10_000))
def test_a_damaged_state_image_is_told_and_never_a_crash(junk: bytes, position: int) -> None:
    """Random bytes, and a good image with one byte changed or cut short."""
    image = StateImage(mode=Mode.IDLE, parameters={0x101: 0.7})
    good = state_image.encode(image)
    at = position % len(good)
    for damaged in (junk, good[:at] + bytes((good[at] ^ 0x40,)) + good[at + 1 :], good[:at]):
        assert record_of(damaged, ResetCause.COMMANDED).lost
    whole = record_of(good, ResetCause.COMMANDED)
    assert not whole.lost
    assert (whole.image.mode, whole.image.parameters) == (image.mode, image.parameters)


def test_boots_are_counted_and_short_ones_become_a_boot_loop() -> None:
    """Unplanned resets in a row end in a boot loop; planned restarts do not count."""
    image = boot(None, ResetCause.POWER_ON)
    assert (image.boot_count, image.short_boots) == (1, 1)
    for _ in range(20):
        image = boot(state_image.encode(image), ResetCause.COMMANDED)
    assert (image.boot_count, image.short_boots, image.boot_loop) == (21, 1, False)
    for _ in range(LOOP_BOOTS - 1):
        image = boot(state_image.encode(image), ResetCause.WATCHDOG)
    assert image.boot_loop


def test_crashes_lead_to_the_minimal_set_and_then_to_a_halt() -> None:
    """After three reboots for a struck-out vital row the next crash is the last."""
    data: bytes | None = None
    for crash in range(CRASH_LIMIT):
        record = record_of(data, ResetCause.CRASH if crash else ResetCause.POWER_ON)
        assert record.minimal is bool(crash)
        assert not record.last_chance
        data = state_image.encode(record.image)
    record = record_of(data, ResetCause.CRASH)
    assert record.last_chance


def test_an_unreadable_image_is_reported_and_replaced() -> None:
    """Defaults in force, and the boot knows."""
    record = record_of(b"rubbish" * 9, ResetCause.POWER_ON)
    assert record.lost
    assert not record.first
    assert record.image.boot_count == 1


def test_the_state_of_charge_is_kept_over_a_restart_but_not_over_time_off() -> None:
    """After HIBERNATE or a dead bus the voltage has to tell; an old count would pass a drive guard wrongly."""
    data = state_image.encode(StateImage(soc=0.9))
    assert boot(data, ResetCause.COMMANDED).soc == boot(data, ResetCause.WATCHDOG).soc == 0.9
    for cause in (ResetCause.WAKE_ARRAY, ResetCause.WAKE_TIMER, ResetCause.WAKE_UPLINK, ResetCause.DEAD_BUS):
        assert boot(data, cause).soc is None


@pytest.mark.parametrize(
    "value",
    [
        {"motion": KeptMotion(x_m=math.inf)},
        {"motion": KeptMotion(yaw_rad=math.nan)},
        {"soc": 1.0e30},
        {"soc": math.nan},
        {"motion": KeptMotion(odometer_m=-1.0)},
        {"parameters": {1: math.inf}},
    ],
)
def test_a_good_checksum_over_an_impossible_value_is_an_error(value: dict[str, Any]) -> None:
    """Whatever wrote it was broken: defaults are better."""
    assert record_of(state_image.encode(StateImage(**value)), ResetCause.COMMANDED).lost


class DumbWatchdog:
    """A watchdog that takes no stroke while it is broken."""

    def __init__(self) -> None:
        self.strokes = 0
        self.broken = False

    def stroke(self) -> None:
        if self.broken:
            raise DeviceTimeout("watchdog")
        self.strokes += 1

    def ready(self, minimal: bool) -> None:
        raise AssertionError("nobody asked")


def test_the_watchdog_is_stroked_only_while_all_rows_are_alive_and_its_loss_is_told_once() -> None:
    """A silent watchdog device is an event, not a strike against the row."""
    watchdog, events, alive = DumbWatchdog(), CapturedEvents(), [True]
    row = WatchdogRow(watchdog, lambda: alive[0], events, lambda: None)
    row.tick(0)
    alive[0] = False
    row.tick(0)
    assert watchdog.strokes == 1

    alive[0], watchdog.broken = True, True
    row.tick(0)
    row.tick(0)
    assert events.names() == ["system.watchdog_failed"]


def test_telemetry_names_every_reset_cause_as_the_hardware_layer_does() -> None:
    """The dictionary may not import the hardware layer, so the two lists are held together here."""
    hardware = {cause.name: cause.value for cause in ResetCause}

    assert {cause.name: cause.value for cause in system.ResetCause} == hardware
