"""The time panels of the report as a plotly figure: plain data, one time axis, one legend a panel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any, Final

from ground.panels import colours
from ground.panels.collect import RunPanels
from ground.panels.lines import Panel, Span
from ground.panels.marks import EventRow, choose_marks
from ground.run_data import RunData
from telemetry_defs.cuc import GPS_MINUS_UTC_S

MOST_MARKS: Final = 40
MOST_EVENTS: Final = 3_000
_GPS_EPOCH_UNIX_S: Final = 315_964_800
_GAP: Final = 0.035
_SHARES: Final = (0.05, 0.16, 0.16, 0.22, 0.13, 0.16, 0.12)
"""Heights of the panels from the top: modes, five value panels, links."""

Trace = dict[str, Any]


class TimeAxis:
    """Times of a run as plotly wants them: milliseconds since 1970, so that ticks fit days and seconds alike.

    Without a known start the run begins in 1970 and the axis shows its own time.
    """

    def __init__(self, run: RunData) -> None:
        start_s = run.start_gps_ns() // 1_000_000_000
        self.is_utc = start_s > 0
        self._start_ms = 1000 * (start_s - GPS_MINUS_UTC_S + _GPS_EPOCH_UNIX_S) if self.is_utc else 0

    def ms(self, time_s: float) -> float:
        """Return a time of the run."""
        return self._start_ms + round(1000.0 * time_s)


def time_figure(run: RunData, panels: RunPanels) -> dict[str, Any]:
    """Return traces and layout."""
    time = TimeAxis(run)
    tops, bottoms = _domains()
    layout: dict[str, Any] = {
        "height": 1500,
        "margin": {"l": 125, "r": 200, "t": 30, "b": 50},
        "hovermode": "x",
        "barmode": "overlay",
        "bargap": 0.15,
        "xaxis": _time_axis(time, panels.end_s),
        "shapes": _mark_lines(time, panels.events),
        "annotations": [],
        "uniformtext": {"mode": "hide", "minsize": 9},
    }
    traces = _mode_traces(time, panels.modes) + _event_traces(time, panels.events)
    for number, panel in enumerate(panels.time_panels(), start=2):
        traces += _panel_traces(time, panel, number)
        layout[f"yaxis{number}"] = _value_axis(panel, bottoms[number - 1], tops[number - 1])
        layout[f"legend{number}"] = {"x": 1.01, "y": tops[number - 1], "yanchor": "top", "font": {"size": 10}}
        title = panel.title + (f" [{panel.unit}]" if panel.unit else "") + ("" if panel.has_data else ": no data")
        layout["annotations"].append(_title(title, tops[number - 1]))
        layout["shapes"] += _limit_lines(panel, number)
    last = len(_SHARES)
    traces += _link_traces(time, panels.links, last)
    layout["yaxis"] = {"domain": [bottoms[0], tops[0]], "fixedrange": True}
    layout[f"yaxis{last}"] = {"domain": [bottoms[-1], tops[-1]], "fixedrange": True, "autorange": "reversed"}
    layout["annotations"] += [_title("Mode and events", tops[0]), _title("Links", tops[-1])]
    return {"data": traces, "layout": layout}


def _domains() -> tuple[list[float], list[float]]:
    """Top and bottom of each panel, as shares of the height from below."""
    scale = (1.0 - _GAP * len(_SHARES)) / sum(_SHARES)
    tops, bottoms, height = [], [], 1.0 - _GAP * 0.6
    for share in _SHARES:
        tops.append(round(height, 4))
        height -= share * scale
        bottoms.append(round(max(height, 0.0), 4))
        height -= _GAP
    return tops, bottoms


def _time_axis(time: TimeAxis, end_s: float) -> dict[str, Any]:
    return {
        "type": "date",
        "range": [time.ms(0.0), time.ms(end_s)],
        "anchor": "free",
        "position": 0.0,
        "title": {"text": "UTC" if time.is_utc else "time of the run"},
        "hoverformat": "%Y-%m-%d %H:%M:%S" if time.is_utc else "%d %H:%M:%S",
        "showspikes": True,
        "spikemode": "across",
        "spikethickness": 1,
    }


def _value_axis(panel: Panel, bottom: float, top: float) -> dict[str, Any]:
    axis: dict[str, Any] = {"domain": [bottom, top], "zeroline": False}
    return {**axis, "range": list(panel.span())} if panel.has_data else {**axis, "showticklabels": False}


def _title(text: str, top: float) -> dict[str, Any]:
    place = {"xref": "paper", "yref": "paper", "x": 0.0, "y": top, "xanchor": "left", "yanchor": "bottom"}
    return {"text": f"<b>{escape(text)}</b>", "showarrow": False, "font": {"size": 12}, **place}


def _panel_traces(time: TimeAxis, panel: Panel, number: int) -> list[Trace]:
    traces = _band_traces(time, panel, number)
    counts = {True: 0, False: 0}
    for line in panel.lines:
        cycle = colours.TRUTH_CYCLE if line.truth else colours.CYCLE
        colour = cycle[counts[line.truth] % len(cycle)]
        counts[line.truth] += 1
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": escape(line.label),
                "x": [time.ms(time_s) for time_s in line.times_s],
                "y": _numbers(line.values),
                "yaxis": f"y{number}",
                "legend": f"legend{number}",
                "line": {"color": colour, "width": 1.5, "dash": "dot" if line.truth else "solid"},
                "hovertemplate": f"%{{y:.5g}} {escape(panel.unit)}",
                "meta": "truth" if line.truth else "telemetry",
            }
        )
    return traces


def _band_traces(time: TimeAxis, panel: Panel, number: int) -> list[Trace]:
    """The upper edge fills the way down to the lower one; both share one entry in the legend."""
    traces = []
    for band in panel.bands:
        for values, fill in ((band.low, "none"), (band.high, "tonexty")):
            traces.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "name": escape(band.label),
                    "x": [time.ms(time_s) for time_s in band.times_s],
                    "y": _numbers(values),
                    "yaxis": f"y{number}",
                    "legend": f"legend{number}",
                    "legendgroup": escape(band.label),
                    "showlegend": fill != "none",
                    "fill": fill,
                    "line": {"color": colours.BAND, "width": 1},
                    "hovertemplate": f"%{{y:.5g}} {escape(panel.unit)}",
                    "meta": "telemetry",
                }
            )
    return traces


def _numbers(values: Sequence[float]) -> list[float | None]:
    return [None if math.isnan(value) else float(f"{value:.6g}") for value in values]


def _bars(time: TimeAxis, spans: Sequence[Span], row: str, label: str, colour: str, axis: str) -> Trace:
    return {
        "type": "bar",
        "orientation": "h",
        "name": escape(label),
        "base": [time.ms(span.start_s) for span in spans],
        "x": [time.ms(span.end_s) - time.ms(span.start_s) for span in spans],
        "y": [escape(row)] * len(spans),
        "yaxis": axis,
        "marker": {"color": colour},
        "hovertemplate": f"{escape(label)}<extra></extra>",
        "showlegend": False,
    }


def _mode_traces(time: TimeAxis, modes: Sequence[Span]) -> list[Trace]:
    traces = []
    for name in dict.fromkeys(span.name for span in modes):
        spans = [span for span in modes if span.name == name]
        trace = _bars(time, spans, "mode", name, colours.mode_colour(name), "y")
        ink = "white" if name in colours.DARK_MODES else "black"
        text = {"text": [escape(name)] * len(spans), "textposition": "inside", "insidetextanchor": "middle"}
        traces.append({**trace, **text, "textangle": 0, "insidetextfont": {"color": ink}})
    return traces


def _link_traces(time: TimeAxis, links: Sequence[tuple[str, Sequence[Span]]], number: int) -> list[Trace]:
    traces = []
    for name, spans in links:
        truth = name.endswith("truth")
        colour = colours.LINK_TRUTH if truth else colours.LINK
        trace = _bars(time, spans, name, name, colour, f"y{number}")
        traces.append({**trace, "meta": "truth" if truth else "telemetry"})
    return traces


def _event_traces(time: TimeAxis, events: Sequence[EventRow]) -> list[Trace]:
    """Points in the row of the modes, the weightiest if there are too many."""
    kept = sorted(events, key=lambda row: -row.severity)[:MOST_EVENTS]
    traces = []
    for severity, colour in colours.SEVERITY.items():
        rows = sorted((row for row in kept if row.severity is severity), key=lambda row: row.time_s)
        if rows:
            traces.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "name": f"{severity.name} event",
                    "x": [time.ms(row.time_s) for row in rows],
                    "y": ["events"] * len(rows),
                    "yaxis": "y",
                    "text": [f"{escape(row.name)}<br>{escape(row.text)}" for row in rows],
                    "hovertemplate": "%{text}<extra></extra>",
                    "marker": {"color": colour, "size": 8, "symbol": "diamond"},
                    "showlegend": False,
                }
            )
    return traces


def _mark_lines(time: TimeAxis, events: Sequence[EventRow]) -> list[dict[str, Any]]:
    return [
        {
            "type": "line",
            "xref": "x",
            "yref": "paper",
            "x0": time.ms(mark.time_s),
            "x1": time.ms(mark.time_s),
            "y0": 0.0,
            "y1": 1.0,
            "layer": "below",
            "line": {"color": colours.SEVERITY[mark.severity], "width": 0.8},
            "opacity": 0.5,
        }
        for mark in choose_marks(events, MOST_MARKS)
    ]


def _limit_lines(panel: Panel, number: int) -> list[dict[str, Any]]:
    line = {"color": colours.LIMIT, "width": 1, "dash": "dot"}
    place = {"type": "line", "xref": "paper", "x0": 0.0, "x1": 1.0, "yref": f"y{number}", "layer": "below"}
    return [{**place, "y0": limit.value, "y1": limit.value, "line": line} for limit in panel.limits]
