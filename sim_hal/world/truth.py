"""The truth that is recorded beside the telemetry, for expectations and plots; flight never sees it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping

from hal.api.clock import NS_PER_S
from sim_hal.clock import SimClock, Timer


class TruthRecorder:
    """Named values of the world, sampled on a grid into one flat array; column 0 is `time_s`."""

    def __init__(self, clock: SimClock, sources: Mapping[str, Callable[[], float]]) -> None:
        self._clock = clock
        self._sources = dict(sources)
        self.columns: tuple[str, ...] = ("time_s", *self._sources)
        self._data = array("d")
        self._timer: Timer | None = None

    def value(self, name: str) -> float:
        """The value now.

        Raises:
            KeyError: there is no such value; the message lists those there are.
        """
        source = self._sources.get(name)
        if source is None:
            raise KeyError(f"no world value {name!r}; there are {', '.join(self._sources)}")
        return source()

    def every(self, period_s: float) -> None:
        """Sample on multiples of `period_s` from now on."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._clock.every(round(period_s * NS_PER_S), self.sample)

    def sample(self) -> None:
        """Take one row now."""
        row = self._data
        row.append(self._clock.now_ns() / NS_PER_S)
        for source in self._sources.values():
            row.append(source())

    def __len__(self) -> int:
        """How many rows were taken."""
        return len(self._data) // len(self.columns)

    def rows(self) -> Iterator[tuple[float, ...]]:
        """All rows in order of time, in the order of `columns`."""
        width = len(self.columns)
        data = self._data
        for start in range(0, len(data), width):
            yield tuple(data[start : start + width])

    def column(self, name: str) -> list[float]:
        """One column over all rows."""
        return list(self._data[self.columns.index(name) :: len(self.columns)])
