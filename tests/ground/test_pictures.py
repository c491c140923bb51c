"""Overview and report of whole, long and empty runs; nothing from outside becomes markup, nothing is loaded."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import plotly.graph_objects as go
import pytest

from ground.archive import Archive
from ground.panels.collect import collect
from ground.pictures import draw_pictures
from ground.plots.overview import draw_overview, overview
from ground.report.html import report_html, write_report
from ground.run_data import MapGrid, RunData, Waypoint
from ground.station import Station
from tests.ground.synthetic import START_UTC, Story
from tests.ground.test_products import image_file, packets_of
from tests.ground.traffic import START_GPS_NS, Rover, S, Uplink, frames

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)> $x_{1 & \"'"


def empty_run(**more: object) -> RunData:
    return RunData(archive=Archive(None, start_gps_ns=START_GPS_NS), result={}, **more)  # type: ignore[arg-type]  # one field


def png_size(path: Path) -> tuple[int, int]:
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


class Page(HTMLParser):
    """Tags and texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def figures_of(text: str) -> dict[str, dict[str, object]]:
    found = re.findall(r'<script type="application/json" id="(\w+)-data">(.*?)</script>', text, re.DOTALL)
    return {name: json.loads(data) for name, data in found}


@pytest.fixture(scope="module")
def hour() -> RunData:
    return Story(3600.0, 40.0, 9.0).run()


def test_overview_of_an_hour(hour: RunData, tmp_path: Path) -> None:
    """A whole run gives a picture of 1920 x 1440 with more in it than that of an empty one."""
    draw_overview(hour, collect(hour), tmp_path / "hour.png")
    overview(empty_run(), tmp_path / "empty.png")
    assert png_size(tmp_path / "hour.png") == (1920, 1440)
    assert (tmp_path / "hour.png").stat().st_size > 3 * (tmp_path / "empty.png").stat().st_size


@pytest.mark.parametrize(
    "run",
    [
        empty_run(),
        empty_run(truth={"time_s": [0.0, 1.0], "soc": [0.5, 0.5], "x_m": [1.0, 1.0], "y_m": [2.0, 2.0]}),
        empty_run(grid=MapGrid(heights_m=[[0.0, 0.0], [0.0, 0.0]]), start_utc=START_UTC),
        empty_run(grid=MapGrid(heights_m=[[0.0]]), waypoints=[Waypoint(x_m=3.0, y_m=4.0)]),
        empty_run(truth={"time_s": []}),
    ],
    ids=["nothing", "truth alone", "flat ground", "one point", "empty truth"],
)
def test_whatever_is_missing(run: RunData, tmp_path: Path) -> None:
    """Any part may be missing: picture and report are still made."""
    overview(run, tmp_path / "overview.png")
    write_report(run, tmp_path / "report.html")
    assert png_size(tmp_path / "overview.png") == (1920, 1440)
    assert set(figures_of((tmp_path / "report.html").read_text())) == {"map", "time"}


def test_figures_are_legal(hour: RunData) -> None:
    """plotly's own schema accepts every trace and every word of the layout."""
    for name, figure in figures_of(report_html(hour, collect(hour))).items():
        checked = go.Figure(figure)
        assert len(checked.data) > 5, name


def test_report_says_what_happened(hour: RunData) -> None:
    """Verdict, expectations, commands with their failure code, and events are in the tables."""
    text = " ".join(Page(report_html(hour, collect(hour))).texts)
    for part in (
        "FAILED",
        "event mobility.stall",
        "NOT HELD",
        "mobility.drive_to",
        "MODE 27",
        "no answer",
        "slip=0.73",
    ):
        assert part in text, part


def test_nothing_is_loaded(hour: RunData) -> None:
    """No tag of the page names an address, and its policy forbids scripts to ask for one."""
    page = Page(report_html(hour, collect(hour)))
    addresses = [value for _, attributes in page.tags for key, value in attributes.items() if key in ("src", "href")]
    assert all(value is not None and value.startswith(("#", "data:")) for value in addresses)
    policies = [attributes["content"] for tag, attributes in page.tags if tag == "meta" and "http-equiv" in attributes]
    assert [policy is not None and policy.startswith("default-src 'none'") for policy in policies] == [True]


def test_text_from_outside_stays_text(tmp_path: Path) -> None:
    """Names, arguments, event texts and labels that look like markup or TeX are shown as they are."""
    rover, archive = Rover(), Archive(None, start_gps_ns=START_GPS_NS)
    station = Station(send=Uplink(), archive=archive)
    station.receive("local", frames(rover.event(5, "system.mode_refused", reason=EVIL.encode()[:80])), 6 * S)
    station.receive("local", frames(rover.hk(5, "mobility.hk", x_m=0.0, y_m=0.0)), 6 * S)
    run = RunData(
        archive=archive,
        result={"scenario": EVIL, "world": EVIL, "expectations": [{"text": EVIL, "passed": True, EVIL: EVIL}]},
        waypoints=[Waypoint(x_m=1.0, y_m=1.0, label=EVIL)],
    )
    text = report_html(run, collect(run))
    page = Page(text)
    assert [tag for tag, _ in page.tags].count("script") == 4
    assert "img" not in [tag for tag, _ in page.tags]
    assert EVIL in "".join(page.texts)
    for figure in figures_of(text).values():
        assert "<img" not in json.dumps(figure)
    overview(run, tmp_path / "overview.png")


def test_product_pictures_are_in_the_report() -> None:
    """A complete image is shown, one with missing parts is listed with what is missing."""
    rover, archive = Rover(), Archive(None, start_gps_ns=START_GPS_NS)
    station = Station(send=Uplink(), archive=archive)
    station.receive("relay", frames(*packets_of(rover, image_file(3))), S)
    station.receive("relay", frames(*packets_of(rover, image_file(4), 4)[1:]), S)
    run = RunData(archive=archive, result={})
    page = Page(report_html(run, collect(run)))
    assert [attributes["alt"] for tag, attributes in page.tags if tag == "img"] == ["product 3"]
    assert "1 of 4 parts missing, first 1" in page.texts


def test_long_run_is_thinned(tmp_path: Path) -> None:
    """Days of truth at a row a second stay within 5,000 points a line."""
    times = [float(second) for second in range(40_000)]
    run = empty_run(truth={"time_s": times, "soc": [0.5 + (second == 777) * 0.4 for second in range(40_000)]})
    panels = collect(run)
    (line,) = panels.charge.lines
    assert len(line.times_s) <= 5_000
    assert max(line.values) == 0.9


def test_result_folder(tmp_path: Path) -> None:
    """A folder with telemetry gets both pictures."""
    Archive(tmp_path / "telemetry.sqlite").close()
    draw_pictures(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["overview.png", "report.html", "telemetry.sqlite"]
