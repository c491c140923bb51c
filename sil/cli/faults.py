"""`rahi faults`: what a scenario or `rahi inject` can break."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:  # loads the simulation, which `--help` does not need
    from sil.faults.families import Family

GAP: Final = "  "


@click.command("faults", short_help="List the faults that a scenario can inject.")
@click.argument("words", nargs=-1, metavar="[WORD]...")
@click.option("--full", is_flag=True, help="Each device of its own, with parameters, events and what flight should do.")
def command(words: tuple[str, ...], full: bool) -> int:
    """List the faults that a [[fault]] of a scenario or `rahi inject` can start: device, kind, layer, meaning.

    Devices that fail alike share a line; with WORDs only lines that hold them all are shown.

    Exit code 0; 2: no fault has these words.
    """
    from sil.faults.families import families

    wanted = [family for family in families() if _holds(family, words)]
    if not wanted:
        raise click.UsageError(f"no fault has the words {' '.join(words)!r}; without any, all are listed")
    for line in _details(wanted) if full else _table(wanted):
        click.echo(line)
    return 0


def _holds(family: Family, words: Sequence[str]) -> bool:
    text = " ".join((family.name, *family.devices, family.kind, family.fault.layer.value, family.fault.meaning)).lower()
    return all(part in text for word in words for part in word.lower().split("/"))


def _table(wanted: Sequence[Family]) -> Iterator[str]:
    rows = [(family.name, family.kind, family.fault.layer.value, family.fault.meaning) for family in wanted]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for *head, meaning in rows:
        cells = (f"{cell:<{width}}" for cell, width in zip(head, widths, strict=True))
        yield f"{GAP.join(cells)}{GAP}{meaning}"


def _details(wanted: Sequence[Family]) -> Iterator[str]:
    from sil.faults.parameter_text import parameter_texts

    for family in wanted:
        fault = family.fault
        yield f"{family.kind} of {', '.join(family.devices)}"
        yield f"  {fault.layer.value}: {fault.meaning}"
        yield f"  flight: {fault.response}"
        if fault.events:
            yield f"  events: {', '.join(fault.events)}"
        yield f"  {'; '.join(_timing(family))}"
        for text in parameter_texts(fault.params):
            yield f"  {text}"
        if fault.single_point:
            yield f"  single point of failure: {fault.single_point}"
        yield ""


def _timing(family: Family) -> Iterator[str]:
    fault = family.fault
    yield "lasts until it is ended" if fault.lasting else "happens at an instant"
    if fault.ramps:
        yield "may ramp"
    if fault.depth is not None:
        yield f"at {fault.depth} depth only"
