"""Everything that is wrong with a scenario, told at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hal.api.config import ConfigError

MOST_LINES: Final = 5


class ScenarioProblems(ConfigError):
    """One or more problems of one scenario; as text they are one line, `lines` gives each its own."""

    def __init__(self, source: str, problems: Sequence[str]) -> None:
        """Keep at most five of `problems`, and how many more there are."""
        more = len(problems) - MOST_LINES
        shown = (*problems[:MOST_LINES], *([f"and {more} more"] if more > 0 else ()))
        super().__init__(source, "; ".join(shown))
        self._shown = shown

    def lines(self) -> list[str]:
        """One line a problem, each led by the scenario's name."""
        return [str(ConfigError(self.source, problem)) for problem in self._shown]
