"""Outbox, events, housekeeping, transmission, on-board time, state image."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight import state_image
from flight.boot import CRASH_LIMIT, LOOP_BOOTS, read_boot_record
from flight.core_rows import WatchdogRow
from flight.link.counters import LinkCounters
from flight.onboard_time import OnboardTime
from flight.state_image import StateError, StateImage
from flight.telemetry.events import PER_WINDOW, EventReporter
from flight.telemetry.housekeeping import HousekeepingReports
from flight.telemetry.outbox import LIMITS, Outbox, Priority
from flight.telemetry.transmit import Transmit
from hal.api.errors import BadReading, DeviceTimeout, NotReady
from hal.api.values import ResetCause
from telemetry_defs.areas import system
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import Mode
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.framing import FrameDecoder
from telemetry_defs.packets import TimeQuality, parse_tm
from tests.fakes.context import CapturedEvents, FakeClock


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


def make_outbox(clock: FakeClock) -> Outbox:
    return Outbox(OnboardTime(clock, None, 0))


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
def test_dropped_reports_leave_no_gap_in_the_counters(puts: Sequence[tuple[Priority, int]]) -> None:
    """Every queue is bounded and drops are counted; what leaves is counted without a gap, urgent first."""
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
        counts = [tm.sequence_count for tm in packets if tm.apid == apid]
        assert counts == list(range(len(counts)))


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
        return system.ScheduleHk(worst_s=empty, mean_s=empty, over_budget=empty, strikes=empty)

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


def test_transmit_keeps_the_budget_sends_urgent_first_and_bulk_last() -> None:
    """Reports before large data; nothing while there is no link; a failing radio loses at most the packet at hand."""
    outbox, link = make_outbox(FakeClock()), Link(1_200)
    transmit = Transmit(outbox=outbox, downlink=link, bulk=Bulk, counters=LinkCounters())  # type: ignore[arg-type]  # the link is its own radio
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


@given(st.binary(max_size=300), st.integers(0, 10_000))
def test_a_damaged_state_image_is_an_error_never_a_crash(junk: bytes, position: int) -> None:
    """Random bytes, and a good image with one byte changed or cut short."""
    with pytest.raises(StateError):
        state_image.decode(junk)
    good = state_image.encode(StateImage(mode=Mode.IDLE, parameters={0x101: 0.7}))
    at = position % len(good)
    with pytest.raises(StateError):
        state_image.decode(good[:at] + bytes((good[at] ^ 0x40,)) + good[at + 1 :])
    with pytest.raises(StateError):
        state_image.decode(good[:at])
    assert state_image.decode(good) == StateImage(mode=Mode.IDLE, parameters={0x101: 0.7})


class OneFile:
    """A storage with at most the state image in it."""

    def __init__(self, data: bytes | None) -> None:
        self.data = data

    def read(self, name: str) -> bytes:
        if self.data is None:
            raise NotReady("storage")
        return self.data


def boot(data: bytes | None, cause: ResetCause) -> StateImage:
    return read_boot_record(OneFile(data), cause).image  # type: ignore[arg-type]  # reading is all a boot does


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
        record = read_boot_record(OneFile(data), ResetCause.CRASH if crash else ResetCause.POWER_ON)  # type: ignore[arg-type]  # as above
        assert record.minimal is bool(crash)
        assert not record.last_chance
        data = state_image.encode(record.image)
    record = read_boot_record(OneFile(data), ResetCause.CRASH)  # type: ignore[arg-type]  # as above
    assert record.last_chance


def test_an_unreadable_image_is_reported_and_replaced() -> None:
    """Defaults in force, and the boot knows."""
    record = read_boot_record(OneFile(b"rubbish" * 9), ResetCause.POWER_ON)  # type: ignore[arg-type]  # as above
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
        {"x_m": math.inf},
        {"yaw_rad": math.nan},
        {"soc": 1.0e30},
        {"soc": math.nan},
        {"odometer_m": -1.0},
        {"parameters": {1: math.inf}},
    ],
)
def test_a_good_checksum_over_an_impossible_value_is_an_error(value: dict[str, Any]) -> None:
    """Whatever wrote it was broken: defaults are better."""
    with pytest.raises(StateError):
        state_image.decode(state_image.encode(StateImage(**value)))


class DumbWatchdog:
    """A watchdog that takes no stroke while it is broken."""

    def __init__(self) -> None:
        self.strokes = 0
        self.broken = False

    def stroke(self) -> None:
        if self.broken:
            raise DeviceTimeout("watchdog")
        self.strokes += 1


def test_the_watchdog_is_stroked_only_while_all_rows_are_alive_and_its_loss_is_told_once() -> None:
    """A silent watchdog device is an event, not a strike against the row."""
    watchdog, events, alive = DumbWatchdog(), CapturedEvents(), [True]
    row = WatchdogRow(watchdog, lambda: alive[0], events)
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
