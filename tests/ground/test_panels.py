"""What is drawn: thinning keeps extremes, silence is a gap, stretches and marks say what the packets said."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ground.archive import Archive
from ground.panels.collect import collect
from ground.panels.lines import Limit, Line, Panel, make_line, spans_of, thin
from ground.panels.marks import EventRow, choose_marks
from ground.panels.text import clock_text, duration_text, fields_text, time_unit
from ground.panels.track import believed_track
from ground.run_data import RunData
from telemetry_defs.definitions import Mode, Severity
from tests.ground.synthetic import Story
from tests.ground.traffic import START_GPS_NS

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
    assert spans_of([], [], 5.0) == []


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
    assert track.place_at(-1.0) is None
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
