"""Tables and diagrams in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines of a table, an empty one after it."""
    yield f"| {' | '.join(header)} |"
    yield f"|{' --- |' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def mermaid(lines: Iterable[str]) -> Iterator[str]:
    """Lines of a diagram, an empty one after it."""
    yield "```mermaid"
    yield from lines
    yield "```"
    yield ""


def first_line(docstring: str | None) -> str:
    """What a docstring says first, as a phrase."""
    text = (docstring or "").strip().partition("\n")[0].rstrip(".")
    return text[:1].lower() + text[1:]
