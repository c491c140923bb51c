"""What is drawn: thinning keeps extremes, silence is a gap, stretches and marks say what the packets said."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from ground.archive import Archive
from ground.panels.collect import collect
from ground.panels.lines import Limit, Line, Panel, make_band, make_line, spans_of, thin
from ground.panels.marks import EventRow, choose_marks, event_rows, numbers_text
from ground.panels.summary import headline
from ground.panels.text import clock_text, duration_text, fields_text, time_unit
from ground.panels.track import believed_track
from ground.plots.event_list import shortened, title_text
from ground.run_data import RunData
from ground.station import Station
from telemetry_defs.definitions import Mode, Severity
from tests.ground.synthetic import Story
from tests.ground.traffic import START_GPS_NS, Rover, S, Uplink, frames

numbers = st.lists(st.floats(-1e6, 1e6) | st.just(math.nan), max_size=400)


@given(numbers, st.integers(4, 60))
def test_thinning_keeps_ends_and_extremes(values: list[float], most: int) -> None:
    """Few points are left, in order, with the first, the last, the least and the greatest of all."""
    times = [float(index) for index in range(len(values))]
    new_times, new_values = thin(times, values, most)
    known = [value for value in values if not math.isnan(value)]
    kept = [value for value in new_values if not math.isnan(value)]
    assert len(new_times) == len(new_values) <= most
    assert all(earlier < later for earlier, later in pairwise(new_times))
    assert all(repr(values[int(time)]) == repr(value) for time, value in zip(new_times, new_values, strict=True))
    if known:
        assert (min(kept), max(kept)) == (min(known), max(known))
    if values:
        assert (new_times[0], new_times[-1]) == (0.0, len(values) - 1)


def test_silence_is_a_gap() -> None:
    """Hours without telemetry are not bridged by a line; None is a gap of its own."""
    times = [*map(float, range(0, 100, 10)), *map(float, range(7200, 7300, 10))]
    line = make_line("x", times, [1.0] * 20)
    assert [time for time, value in zip(line.times_s, line.values, strict=True) if math.isnan(value)] == [3645.0]
    assert math.isnan(make_line("x", [0.0, 1.0, 2.0], [1.0, None, 2.0]).values[1])
    assert not any(map(math.isnan, make_line("x", times, [1.0] * 20, truth=True).values))


def test_spans() -> None:
    """Equal names join, None and silence end a stretch, the last one lasts to the end."""
    spans = spans_of([0.0, 10.0, 20.0, 30.0, 40.0], ["a", "a", "b", None, "b"], 50.0)
    assert [(span.name, span.start_s, span.end_s) for span in spans] == [("a", 0, 20), ("b", 20, 30), ("b", 40, 50)]
    spans = spans_of([0.0, 10.0, 900.0], ["a", "a", "a"], 950.0, longest_s=60.0)
    assert [(span.start_s, span.end_s) for span in spans] == [(0, 10), (900, 950)]
    spans = spans_of([0.0, 10.0], ["a", "a"], 950.0, longest_s=60.0)
    assert [(span.start_s, span.end_s) for span in spans] == [(0, 10)]
    assert spans_of([], [], 5.0) == []
    assert spans_of([], [], 5.0, longest_s=60.0) == []


rows_of_motors = st.lists(st.lists(st.none() | st.floats(-200.0, 100.0), min_size=6, max_size=6), max_size=60)


@given(rows_of_motors, st.sampled_from([1, 300]))
def test_band_spans_its_values(rows: list[list[float | None]], repeats: int) -> None:
    """A band reaches from the least to the greatest of all values, however many there are; rows without any are NaN."""
    rows *= repeats
    band = make_band("motors", [float(index) for index in range(len(rows))], rows)
    known = [value for row in rows for value in row if value is not None]
    low, high = ([value for value in edge if not math.isnan(value)] for edge in (band.low, band.high))
    assert len(band.times_s) == len(band.low) == len(band.high) == min(len(rows), 5000)
    assert (min(low, default=None), max(high, default=None)) == (min(known, default=None), max(known, default=None))
    assert all(not least > greatest for least, greatest in zip(band.low, band.high, strict=True))
    panel = Panel(title="x", unit="", least_span=1.0, bands=[band])
    assert panel.has_data is bool(known)
    if known:
        assert panel.span()[0] <= min(known) <= max(known) <= panel.span()[1]


def event(time_s: float, name: str, severity: Severity = Severity.LOW) -> EventRow:
    return EventRow(time_s=time_s, received_s=time_s, radio="local", name=name, severity=severity, text="")


def test_marks_choose_the_weighty() -> None:
    """High comes before low however early, repeats share a mark, numbers follow time."""
    rows = [event(float(index), f"system.e{index}") for index in range(30)]
    rows += [event(40.0, "mobility.stall", Severity.MEDIUM), event(41.0, "mobility.stall", Severity.MEDIUM)]
    rows += [event(50.0, "mobility.embedded", Severity.HIGH), event(9000.0, "mobility.stall", Severity.MEDIUM)]
    marks = choose_marks(rows, 4)
    assert [(mark.number, mark.name, mark.count) for mark in marks] == [
        (1, "system.e0", 1),
        (2, "mobility.stall", 2),
        (3, "mobility.embedded", 1),
        (4, "mobility.stall", 1),
    ]


def test_marks_are_spread_over_the_run() -> None:
    """Warnings first, then modes and milestones, then the rest where the run is still empty; early ones do not win."""
    rows = [event(float(second), f"comms.talk{second}", Severity.INFO) for second in range(0, 1000, 10)]
    rows += [event(1000.0 + 100.0 * leg, "mobility.motion_ended", Severity.INFO) for leg in range(3)]
    rows += [event(5000.0 + second, "system.talk", Severity.INFO) for second in range(0, 4000, 400)]
    rows += [event(500.0, "power.shed", Severity.MEDIUM)]
    rows.sort(key=lambda row: row.time_s)
    marks = choose_marks(rows, 8)
    assert [(mark.time_s, mark.name) for mark in marks] == [
        (500.0, "power.shed"),
        (1000.0, "mobility.motion_ended"),
        (1100.0, "mobility.motion_ended"),
        (1200.0, "mobility.motion_ended"),
        (5000.0, "system.talk"),
        (5800.0, "system.talk"),
        (6600.0, "system.talk"),
        (8600.0, "system.talk"),
    ]


def test_warnings_do_not_hide_the_story() -> None:
    """However many warnings there are, some milestones stay; without milestones warnings take all there is."""
    warnings = [event(100.0 * index, "mobility.stall", Severity.HIGH) for index in range(50)]
    milestones = [event(100.0 * index + 1.0, "system.mode_changed", Severity.INFO) for index in range(50)]
    rows = sorted(warnings + milestones, key=lambda row: row.time_s)
    names = [mark.name for mark in choose_marks(rows, 20)]
    assert (names.count("mobility.stall"), names.count("system.mode_changed")) == (15, 5)
    assert len(choose_marks(warnings, 20)) == 20


@given(
    st.lists(st.tuples(st.integers(0, 900), st.sampled_from("abc"), st.sampled_from(Severity)), max_size=60),
    st.integers(1, 20),
)
def test_marks_are_numbered_in_order(drawn: list[tuple[int, str, Severity]], most: int) -> None:
    """Never more marks than asked for, as many as there are groups, numbered from one in order of time."""
    rows = [event(float(time_s), f"system.{name}", severity) for time_s, name, severity in sorted(drawn)]
    marks, every = choose_marks(rows, most), choose_marks(rows, 1000)
    assert len(marks) == min(most, len(every))
    assert [mark.number for mark in marks] == list(range(1, len(marks) + 1))
    assert all(earlier.time_s <= later.time_s for earlier, later in pairwise(marks))
    assert sum(mark.count for mark in every) == len(rows)
    assert max((mark.severity for mark in marks), default=None) == max((row.severity for row in rows), default=None)


def test_only_equal_events_share_a_mark() -> None:
    """Another mode, level or wheel is another event, another measurement is not; mode changes read as arrows."""
    rover, archive = Rover(), Archive(None, start_gps_ns=START_GPS_NS)
    station = Station(send=Uplink(), archive=archive)
    packets = [
        rover.event(1, "power.shed", level=2, soc=0.35),
        rover.event(1, "system.boot", boot_count=1),
        rover.event(1, "system.mode_changed", old=Mode.INIT, new=Mode.IDLE),
        rover.event(2, "power.shed", level=3, soc=0.34),
        rover.event(3, "system.mode_changed", old=Mode.IDLE, new=Mode.DRIVE),
        rover.event(4, "mobility.slip_high", slip=0.31),
        rover.event(5, "mobility.slip_high", slip=0.32),
        rover.event(6, "system.mode_changed", old=Mode.DRIVE, new=Mode.CHARGE),
    ]
    station.receive("local", frames(*packets), 7 * S)
    marks = choose_marks(event_rows(archive.events()), 20)
    assert [(mark.name, mark.count) for mark in marks] == [
        ("system.boot", 1),
        ("power.shed", 1),
        ("system.mode_changed", 1),
        ("power.shed", 1),
        ("system.mode_changed", 1),
        ("mobility.slip_high", 2),
        ("system.mode_changed", 1),
    ]
    assert [mark.text for mark in marks if "→" in mark.text] == ["INIT → IDLE", "IDLE → DRIVE", "DRIVE → CHARGE"]


def test_boot_stays_behind_what_came_before_it() -> None:
    """A boot goes ahead of its own first events only, not of those of the life before."""
    rover, archive = Rover(), Archive(None, start_gps_ns=START_GPS_NS)
    station = Station(send=Uplink(), archive=archive)
    packets = [
        rover.event(10.0, "system.restarting"),
        rover.event(10.5, "power.shed", level=1),
        rover.event(10.5, "system.boot", boot_count=2),
    ]
    station.receive("local", frames(*packets), 12 * S)
    names = [row.name for row in event_rows(archive.events())]
    assert names == ["system.restarting", "system.boot", "power.shed"]


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ([], ""),
        ([3], "3"),
        ([1, 2], "1,2"),
        ([6, 7, 8, 9, 10, 11, 12], "6-12"),
        ([1, 3, 4, 5, 9], "1,3-5,9"),
        ([*range(1, 24, 2)], "1,3,5,7,9,11,13,15,17,19\n21,23"),
    ],
)
def test_numbers_of_a_place(numbers: list[int], text: str) -> None:
    """Runs are joined, nothing is cut off."""
    assert numbers_text(numbers) == text


def test_axis_span() -> None:
    """A quiet value keeps some height, a near limit is shown, a far one is not."""
    line = Line(label="x", times_s=[0.0, 1.0], values=[0.5, math.nan])
    assert Panel(title="x", unit="", least_span=0.2, lines=[line]).span() == (0.4, 0.6)
    limits = [Limit(label="low", value=0.35), Limit(label="high", value=5.0)]
    low, high = Panel(title="x", unit="", least_span=0.2, lines=[line], limits=limits).span()
    assert low < 0.35
    assert 0.5 < high < 5.0


def test_track_keeps_moves_and_end() -> None:
    """A rover that waits for hours adds no points; where it ended is the last one."""
    times = [float(index) for index in range(1000)]
    x_m = [min(index, 100) * 0.1 if index < 900 else None for index in range(1000)]
    track = believed_track(times, x_m, [0.0] * 1000)
    assert len(track.x_m) == 102
    assert (track.x_m[-1], track.times_s[-1]) == (10.0, 899.0)
    assert track.place_at(-61.0) is None
    assert track.place_at(-1.0) == (0.0, 0.0)
    assert track.place_at(5.5) == (0.5, 0.0)


def test_collected_run() -> None:
    """Every panel of a run finds its values, truth beside belief."""
    panels = collect(Story(3600.0, 20.0, 9.0).run())
    assert all(panel.has_data for panel in panels.time_panels())
    assert [span.name for span in panels.modes] == ["IDLE", "DRIVE", "SAFE", "DRIVE", "SCIENCE", "CHARGE"]
    assert [track.truth for track in panels.tracks] == [False, True]
    assert [line.label for line in panels.charge.lines] == ["telemetry", "truth"]
    assert {name for name, _ in panels.links} >= {"relay locked", "relay open, truth"}
    assert len(panels.events) == 13
    assert [line.label for line in panels.temperatures.lines if line.truth] == ["battery, truth", "web, truth"]
    assert [band.label for band in panels.temperatures.bands] == ["motors, coldest to hottest"]
    assert len(panels.temperatures.lines) + len(panels.temperatures.bands) <= 7


def test_false_zero_after_boot_is_a_gap() -> None:
    """Power told in the second of a boot rests on monitors that have not measured: nothing is drawn of it."""
    power = {line.label: line.values for line in collect(Story(3600.0, 20.0, 9.0).run()).power.lines}
    assert math.isnan(power["array"][0])
    assert math.isnan(power["battery, charging positive"][0])
    assert not math.isnan(power["array"][1])
    assert power["array, truth"][0] == 41.0


def test_headline_says_in_which_mode_the_computer_went_off() -> None:
    """OFF alone does not tell sleep from failure; a mode of its own is left as it is."""
    modes = spans_of([0.0, 5.0], ["SAFE", "HIBERNATE"], 9.0)
    archive = Archive(None, start_gps_ns=START_GPS_NS)
    off, on = (RunData(archive=archive, result={"final_mode": mode}) for mode in ("OFF", "SAFE"))
    assert headline(off, modes)[1] == "final mode OFF (HIBERNATE)"
    assert headline(off)[1] == "final mode OFF"
    assert headline(on, modes)[1] == "final mode SAFE"


def test_event_list_says_what_it_shows() -> None:
    """The title counts what was left out, repeats are counted; long texts end after a word."""
    rows = [event(float(index), "mobility.slip_high") for index in range(5)] + [event(900.0, "mobility.stall")]
    assert title_text(choose_marks(rows, 2), 6).startswith("Events (")
    assert title_text(choose_marks(rows, 1), 6).startswith("Events: the 5 weightiest of 6 (")
    assert shortened("kind=ARC  reason=REACHED", 24) == "kind=ARC  reason=REACHED"
    assert shortened("kind=ARC  reason=REACHED", 23) == "kind=ARC …"
    assert len(shortened("x" * 90, 54)) == 54


def test_empty_run() -> None:
    """A run without a single packet has panels without data."""
    panels = collect(RunData(archive=Archive(None, start_gps_ns=START_GPS_NS), result={}))
    assert not any(panel.has_data for panel in panels.time_panels())
    assert (panels.modes, panels.tracks, panels.events, panels.end_s) == ([], [], [], 1.0)


@pytest.mark.parametrize(
    ("seconds", "clock", "duration", "unit"),
    [
        (59.6, "00:01:00", "60 s", "seconds"),
        (3725.0, "01:02:05", "1 h 02 min", "minutes"),
        (200_000.0, "2 d 07:33:20", "2 d 7 h", "days"),
    ],
)
def test_times_as_people_read_them(seconds: float, clock: str, duration: str, unit: str) -> None:
    """Clock, duration and axis unit fit the length of a run."""
    assert (clock_text(seconds), duration_text(seconds), time_unit(seconds)[0]) == (clock, duration, unit)


def test_fields_as_people_read_them() -> None:
    """Enums by name, bytes as text where they are text, a dash for no value."""
    fields = {"mode": Mode.DRIVE, "ok": True, "x": 0.123456789, "why": b"too cold", "raw": b"\xff\x00", "none": None}
    assert fields_text(fields) == "mode=DRIVE  ok=yes  x=0.12346  why=too cold  raw=ff00  none=-"
