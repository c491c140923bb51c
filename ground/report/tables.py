"""Tables of the report; every text is escaped here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from ground.archive import Archive
from ground.panels import summary
from ground.panels.marks import EventRow
from ground.panels.text import clock_text, utc_text, value_text

MOST_EVENTS: Final = 5_000
_NONE: Final = '<p class="quiet">none</p>'


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], classes: Sequence[str] = ()) -> str:
    """Return a table of texts, one class name a row where given; "none" without rows."""
    if not rows:
        return _NONE
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    lines = []
    for index, row in enumerate(rows):
        cells = "".join(f"<td>{escape(text)}</td>" for text in row)
        name = f' class="{escape(classes[index])}"' if classes else ""
        lines.append(f"<tr{name}>{cells}</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def expectations(result: Mapping[str, Any]) -> str:
    """Return the expectations with what was measured; columns as ``result.json`` has them."""
    items = [item for item in result.get("expectations") or [] if isinstance(item, dict)]
    names = list(dict.fromkeys(name for item in items for name in item if name != "passed"))
    rows = [
        ("held" if item.get("passed") else "NOT HELD", *(value_text(item.get(name)) for name in names))
        for item in items
    ]
    classes = ["good" if item.get("passed") else "bad" for item in items]
    return table(("", *names), rows, classes)


def commands(items: Sequence[Mapping[str, Any]]) -> str:
    """Return the telecommands with their verification."""
    classes = {"completed": "good", "refused": "bad", "start failed": "bad", "failed": "bad", "no answer": "warn"}
    rows = [
        (
            clock_text(item["sent_s"]),
            item["name"],
            _arguments(item["args"]),
            item["radio"],
            item["state"],
            " ".join(part for part in (item["code"], "" if item["detail"] is None else str(item["detail"])) if part),
            _reports(item["reports"]),
        )
        for item in items
    ]
    heads = ("sent", "command", "arguments", "radio", "state", "failure code", "reports received")
    return table(heads, rows, [classes.get(item["state"], "") for item in items])


def events(rows: Sequence[EventRow], start_gps_ns: int) -> str:
    """Return the event log, the first 5,000 of them."""
    lines = [
        (
            clock_text(row.time_s),
            utc_text(row.time_s, start_gps_ns),
            row.severity.name,
            row.name,
            row.text,
            f"{row.radio}, {clock_text(row.received_s)}",
        )
        for row in rows[:MOST_EVENTS]
    ]
    heads = ("time", "UTC", "severity", "event", "values", "received")
    text = table(heads, lines, [row.severity.name.lower() for row in rows[:MOST_EVENTS]])
    more = len(rows) - MOST_EVENTS
    return text if more <= 0 else f'{text}<p class="quiet">and {more} more in telemetry.sqlite</p>'


def packets(archive: Archive) -> str:
    """Return how many packets of each name were received."""
    rows = [(name, str(count)) for name, count in archive.names().items()]
    unknown = archive.undecoded()
    return table(("packet", "received"), [*rows, ("unknown to the dictionary", str(unknown))] if unknown else rows)


def figures(result: Mapping[str, Any]) -> str:
    """Return the single values of ``result.json`` and its counts."""
    rows = summary.figures(result)
    for name in ("commands", "events"):
        counts = result.get(name)
        if isinstance(counts, dict) and counts:
            rows.append((name, ", ".join(f"{key} {value_text(value)}" for key, value in counts.items())))
    return table(("", ""), rows)


def _arguments(args: Mapping[str, Any]) -> str:
    return "  ".join(f"{name}={value_text(value)}" for name, value in args.items())


def _reports(reports: Sequence[tuple[int, str]]) -> str:
    return ", ".join(f"{name.removeprefix('verification.')} {clock_text(t_ns / 1e9)}" for t_ns, name in reports)
