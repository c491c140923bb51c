"""How far a campaign is, on standard error: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from typing import Final, Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sil.campaign.rows import ERROR, FAILED, PASSED

LINE_S: Final = 10.0


class Shown:
    """Counts what arrives."""

    def __init__(self, stream: TextIO, total: int, counts: dict[str, int]) -> None:
        """`counts`: by verdict, of the runs that are there already."""
        self._stream = stream
        self._total = total
        self._counts = dict.fromkeys((PASSED, FAILED, ERROR), 0) | counts
        self._first = self.done
        self._began_s = self._told_s = time.monotonic()
        self._bar: Progress | None = None
        if stream.isatty():
            columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
            self._bar = Progress(*columns, console=Console(file=stream))
            self._task = self._bar.add_task(self._text, total=total, completed=self._first)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        if self._first:
            self.note(f"{self._first} of {self._total} runs are there already")
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
        else:
            self._line()

    @property
    def done(self) -> int:
        """Runs that are there."""
        return sum(self._counts.values())

    def count(self, verdict: str) -> None:
        """One more."""
        self._counts[verdict] += 1
        if self._bar is not None:
            self._bar.update(self._task, completed=self.done, description=self._text)

    def tick(self) -> None:
        """A line, if it is time."""
        if self._bar is None and time.monotonic() - self._told_s >= LINE_S:
            self._line()

    def note(self, text: str) -> None:
        """Something that happened."""
        if self._bar is not None:
            self._bar.console.print(text, markup=False, highlight=False)
        else:
            print(text, file=self._stream, flush=True)

    @property
    def _text(self) -> str:
        return ", ".join(f"{count} {verdict}" for verdict, count in self._counts.items())

    def _line(self) -> None:
        self._told_s = time.monotonic()
        seconds = self._told_s - self._began_s
        rate = (self.done - self._first) / max(seconds, 1e-3)
        self.note(f"{seconds:5.0f} s  {self.done} of {self._total} runs ({rate:.2f} a second): {self._text}")
