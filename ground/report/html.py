"""The report as one HTML file: the page put together from its template, the figures and the tables."""

from __future__ import annotations

import base64
from html import escape
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any, Final

import msgspec
from plotly.offline import get_plotlyjs

from ground.errors import GroundError
from ground.panels.collect import RunPanels, collect
from ground.panels.summary import headline, verdict
from ground.products import Products
from ground.report import tables
from ground.report.map_figure import map_figure
from ground.report.time_figure import time_figure
from ground.run_data import RunData

MOST_PICTURES: Final = 24


def write_report(run: RunData, path: Path, panels: RunPanels | None = None) -> None:
    """Write the report of a run; ``panels`` if they were collected before."""
    path.write_text(report_html(run, panels or collect(run)), encoding="utf-8")


def report_html(run: RunData, panels: RunPanels) -> str:
    """Return the report as text."""
    title, details = headline(run, panels.modes)
    word = verdict(run)
    parts = {
        "title": escape(title),
        "details": escape(details),
        "verdict": f'<span class="verdict {word.lower()}">{word}</span>' if word else "",
        "style": template_file("report.css"),
        "script": template_file("report.js"),
        "plotly": get_plotlyjs(),
        "time_figure": _json(time_figure(run, panels)),
        "map_figure": _json(map_figure(run, panels)),
        "expectations": tables.expectations(run.result),
        "commands": tables.commands(run.archive.commands()),
        "events": tables.events(panels.events, run.start_gps_ns()),
        "packets": tables.packets(run.archive),
        "figures": tables.figures(run.result),
        "products": _products(Products.of(run.archive)),
    }
    return Template(template_file("report.html")).substitute(parts)


def template_file(name: str) -> str:
    """Return a file of `ground/templates` as text."""
    return resources.files("ground").joinpath("templates", name).read_text(encoding="utf-8")


def _json(figure: dict[str, Any]) -> str:
    # Within a script element only "<" could end it or open a comment.
    return msgspec.json.encode(figure).decode().replace("<", "\\u003c")


def _products(products: Products) -> str:
    if not len(products):
        return '<p class="quiet">none received</p>'
    rows = [
        (str(product.product_id), product.kind(), f"{len(product.data())} bytes", product.problem() or "complete")
        for product in products
    ]
    pictures = [_picture(product.product_id, product.png()) for product in products if _is_picture(product)]
    table = tables.table(("product", "instrument", "received", "state"), rows)
    return table + "".join(pictures[:MOST_PICTURES])


def _is_picture(product: Any) -> bool:
    try:
        return product.png() is not None
    except GroundError:
        return False


def _picture(product_id: int, png: bytes | None) -> str:
    data = base64.b64encode(png or b"").decode()
    return f'<figure><img alt="product {product_id}" src="data:image/png;base64,{data}">product {product_id}</figure>'
