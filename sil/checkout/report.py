"""A check-out as a table on the terminal, and as report.json and report.md in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from hal.api.config import ConfigError
from sil.checkout.record import Outcome, Record

if TYPE_CHECKING:
    from rich.table import Table

JSON_FILE: Final = "report.json"
MARKDOWN_FILE: Final = "report.md"
_STYLES: Final = {Outcome.PASSED: "green", Outcome.CORRECTED: "cyan", Outcome.FAILED: "bold red"}


def verdict(record: Record) -> str:
    """One line that sums it up."""
    if record.interrupted:
        return "interrupted"
    counts = {outcome: sum(row.outcome is outcome for row in record.rows) for outcome in Outcome}
    tally = ", ".join(f"{count} {outcome.value}" for outcome, count in counts.items() if count)
    return f"{'passed' if record.passed else 'not passed'} ({tally or 'nothing tried'})"


def lines_of(record: Record) -> list[tuple[str, str, str, str]]:
    """Step, item, outcome, detail of every row, the step named once."""
    lines, last = [], ""
    for row in record.rows:
        lines.append((row.step if row.step != last else "", row.item, row.outcome.value, row.detail))
        last = row.step
    return lines


def table_of(record: Record) -> Table:
    """For a terminal; rich makes it plain where there is none."""
    from rich.table import Table

    table = Table("step", "item", "result", "detail", title=f"check-out of {record.rover}: {verdict(record)}")
    for row, line in zip(record.rows, lines_of(record), strict=True):
        table.add_row(*line, style=_STYLES.get(row.outcome, ""))
    return table


def write_report(record: Record, folder: Path) -> None:
    """Both files.

    Raises:
        ConfigError: they cannot be written.
    """
    try:
        (folder / JSON_FILE).write_bytes(
            msgspec.json.format(msgspec.json.encode({**msgspec.to_builtins(record), "passed": record.passed}))
        )
        (folder / MARKDOWN_FILE).write_text(_markdown(record), encoding="utf-8")
    except OSError as error:
        raise ConfigError(str(folder), f"cannot be written: {error.strerror}") from None


def _markdown(record: Record) -> str:
    head = [f"# Check-out of {record.rover}", "", f"Began {record.began_utc}. Result: {verdict(record)}.", ""]
    rows = ["| step | item | result | detail |", "| --- | --- | --- | --- |"]
    rows += [f"| {' | '.join(part.replace('|', '/') for part in line)} |" for line in lines_of(record)]
    return "\n".join([*head, *rows, "", *_found(record)])


def _found(record: Record) -> list[str]:
    findings = record.findings
    if not findings:
        return []
    found = [f"- centre of {name}: {centre_us:g} us" for name, centre_us in findings.centre_us.items()]
    found += [f"- motor sign of {name}: the other one" for name in findings.turned_round]
    found += [f"- servo sign of {name}: the other one" for name in findings.mirrored]
    where = f"Written to {record.written}." if record.written else "Not written to any file."
    return ["Found:", "", *found, "", where, ""]
