"""Both pictures of a run from one reading of its telemetry."""

from __future__ import annotations

from pathlib import Path

from ground.panels.collect import collect
from ground.plots.overview import draw_overview
from ground.report.html import write_report
from ground.run_data import OVERVIEW_FILE, REPORT_FILE, load_run_data
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.lookup import Dictionary


def draw_pictures(folder: Path, dictionary: Dictionary = DICTIONARY) -> None:
    """Write ``overview.png`` and ``report.html`` into a result folder.

    Raises:
        GroundError: no telemetry there, or a damaged file.
    """
    run = load_run_data(folder, dictionary)
    with run.archive:
        panels = collect(run)
        draw_overview(run, panels, folder / OVERVIEW_FILE)
        write_report(run, folder / REPORT_FILE, panels)
