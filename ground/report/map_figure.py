"""The map of the report as a plotly figure: plain data."""

from __future__ import annotations

from html import escape
from typing import Any, Final

from ground.panels import colours
from ground.panels.collect import RunPanels
from ground.panels.marks import choose_marks
from ground.panels.text import clock_text
from ground.panels.track import Track
from ground.run_data import MapGrid, RunData

MOST_MARKS: Final = 60

Trace = dict[str, Any]


def map_figure(run: RunData, panels: RunPanels) -> dict[str, Any]:
    """Return traces and layout."""
    traces = [_ground(run.grid)] if run.grid is not None else []
    traces += [_track(track) for track in sorted(panels.tracks, key=lambda track: not track.truth)]
    traces.append(_points("lander", [0.0], [0.0], ["lander"], {"symbol": "cross", "size": 12, "color": "#FFFFFF"}))
    if run.waypoints:
        texts = [point.label or f"W{number}" for number, point in enumerate(run.waypoints, start=1)]
        marker = {"symbol": "star", "size": 14, "color": "#F0E442"}
        x_m, y_m = [point.x_m for point in run.waypoints], [point.y_m for point in run.waypoints]
        traces.append(_points("waypoints", x_m, y_m, texts, marker, "markers+text"))
    traces += _events(panels)
    layout = {
        "height": 720,
        "margin": {"l": 60, "r": 190, "t": 20, "b": 50},
        "xaxis": {"title": {"text": "x, east [m]"}, "zeroline": False, "constrain": "domain"},
        "yaxis": {"title": {"text": "y, north [m]"}, "zeroline": False, "scaleanchor": "x", "scaleratio": 1},
        "legend": {"x": 1.02, "y": 1.0},
        "hovermode": "closest",
        "dragmode": "pan",
    }
    return {"data": traces, "layout": layout}


def _ground(grid: MapGrid) -> Trace:
    rows, columns = len(grid.heights_m), len(grid.heights_m[0])
    return {
        "type": "contour",
        "name": "height",
        "x": [round(grid.x0_m + grid.step_m * column, 4) for column in range(columns)],
        "y": [round(grid.y0_m + grid.step_m * row, 4) for row in range(rows)],
        "z": grid.heights_m,
        "colorscale": [[0.0, "#6E675F"], [1.0, "#F4F1EB"]],
        "ncontours": 24,
        "contours": {"coloring": "heatmap"},
        "line": {"width": 0.6, "color": "#5B4636"},
        "colorbar": {"title": {"text": "height [m]"}, "len": 0.6, "y": 0.3, "x": 1.02, "thickness": 14},
        "hovertemplate": "x %{x:.2f}, y %{y:.2f}: %{z:.3f} m<extra></extra>",
    }


def _track(track: Track) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": escape(track.label),
        "x": [round(value, 4) for value in track.x_m],
        "y": [round(value, 4) for value in track.y_m],
        "text": [clock_text(time_s) for time_s in track.times_s],
        "hovertemplate": "%{text}<br>x %{x:.3f}, y %{y:.3f}",
        "line": {
            "color": colours.TRUE_TRACK if track.truth else colours.BELIEVED_TRACK,
            "width": 4 if track.truth else 2,
        },
        "meta": "truth" if track.truth else "telemetry",
    }


def _points(
    name: str, x_m: list[float], y_m: list[float], texts: list[str], marker: dict[str, Any], mode: str = "markers"
) -> Trace:
    return {
        "type": "scatter",
        "mode": mode,
        "name": escape(name),
        "x": x_m,
        "y": y_m,
        "text": [escape(text).replace("\n", " ") for text in texts],
        "textposition": "bottom right",
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {**marker, "line": {"color": "#000000", "width": 1}},
    }


def _events(panels: RunPanels) -> list[Trace]:
    """One trace a severity, so that each can be switched off in the legend."""
    if not panels.tracks:
        return []
    track = panels.tracks[-1]
    marks = [(mark, track.place_at(mark.time_s)) for mark in choose_marks(panels.events, MOST_MARKS)]
    traces = []
    for severity, colour in colours.SEVERITY.items():
        placed = [(mark, place) for mark, place in marks if place is not None and mark.severity is severity]
        if placed:
            texts = [f"{clock_text(mark.time_s)} {mark.name} {mark.text}" for mark, _ in placed]
            x_m, y_m = [place[0] for _, place in placed], [place[1] for _, place in placed]
            marker = {"symbol": "diamond", "size": 9, "color": colour}
            traces.append(_points(f"{severity.name} events", x_m, y_m, texts, marker))
    return traces
