"""Puts the chapters together: docs/validation.md and its pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from sil.validation import ground, heat, light, power, relay, sky, soil
from sil.validation.chapter import Chapter

CHAPTERS: Final[tuple[Callable[[], Chapter], ...]] = (
    sky.chapter,
    light.chapter,
    relay.chapter,
    heat.chapter,
    soil.chapter,
    power.chapter,
    ground.chapter,
)
_HEAD: Final = """# Is the simulated world right?

Each part of the world against numbers that somebody else published or that another program computed, with the
difference. "Separate run" means a computation made before and apart from this code, with the source named; it catches
mistakes of programming, not of physics. Each part ends with what its comparison does not show.

Written by `python -m sil.validation docs` (about half a minute, no network); `tests/sil/test_validation.py` holds the
limits. Do not edit by hand.
"""


def write_page(folder: Path) -> None:
    """`validation.md` and `validation/*.png` in a folder.  Raises `OSError` if it cannot be written."""
    pictures = folder / "validation"
    pictures.mkdir(parents=True, exist_ok=True)
    parts = [_HEAD]
    for make in CHAPTERS:
        chapter = make()
        _picture(chapter, pictures / f"{chapter.name}.png")
        parts.append(markdown(chapter))
    (folder / "validation.md").write_text("\n".join(parts), encoding="utf-8")


def markdown(chapter: Chapter) -> str:
    """One chapter as Markdown."""
    table = ["| quantity | reference | source | ours | error |", "|---|---|---|---|---|"]
    table += [f"| {r.what} | {r.published} | {r.source} | {r.ours} | {r.error} |" for r in chapter.rows]
    image = f"![{chapter.title}](validation/{chapter.name}.png)"
    return "\n".join(
        [f"## {chapter.title}", "", chapter.says, "", *table, "", image, "", f"Not shown: {chapter.honest}", ""]
    )


def _picture(chapter: Chapter, path: Path) -> None:
    """Drawn without pyplot, which keeps state of its own; no date in the file: it changes only with its content."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=chapter.size_in, dpi=90, layout="constrained")
    FigureCanvasAgg(figure)
    chapter.draw(figure)
    for axes in figure.axes:
        axes.grid(alpha=0.3)
    figure.savefig(path, metadata={"Software": None})
