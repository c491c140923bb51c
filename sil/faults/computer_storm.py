"""A solar particle event: upsets of memory and disk, functional interrupts, latch-ups, at published rates.

Rates on a quiet day, of which a particle event makes a hundred times as many: 1e-8 upsets a bit and day of unhardened
memory (between 1e-9 and 1e-7 in what is published), a functional interrupt in 30 days, a latch-up in 180 (estimates
for a commercial processor).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Final

from msgspec import Meta

from hal.api.clock import NS_PER_S, seconds
from hal.api.config import Section
from hal.api.values import ResetCause
from sil.faults.kinds import Bench, Fault, Layer, SetLevel
from sil.faults.memory import BITS, CELLS, flipped, parameter, store
from sim_hal.clock import Rank, Timer
from sim_hal.noise import Noise

UPSETS_PER_BIT_DAY: Final = 1e-8
INTERRUPTS_PER_DAY: Final = 1.0 / 30.0
LATCH_UPS_PER_DAY: Final = 1.0 / 180.0
DAY_S: Final = 86_400.0
LATCH_OFF_S: Final = 10.0
"""Until the current limit has cut the latched part and given it power again (estimate)."""
FILES: Final = ("state.a", "state.b", "schedule.a", "schedule.b", "monitors.a", "monitors.b")


class Storm(Section, frozen=True, kw_only=True):
    """How strong, on how much memory, and how fast it goes by."""

    flux: Annotated[float, Meta(ge=1.0, le=10_000.0)] = 100.0
    """Times the quiet Sun's."""
    memory_mbit: Annotated[float, Meta(ge=0.001, le=1000.0)] = 8.0
    """Memory in which an upset matters."""
    speed: Annotated[float, Meta(ge=1.0, le=100_000.0)] = 500.0
    """Seconds of the storm in a second of the run, so that a short run shows a long storm."""


class _Storm:
    """Throws its dice once a second."""

    def __init__(self, bench: Bench, params: Storm) -> None:
        self._bench = bench
        self._noise = Noise(bench.simulation.seed, f"seu_storm {bench.clock.now_ns()}")
        days = params.speed * params.flux / DAY_S
        self._chances: tuple[tuple[float, Callable[[], None]], ...] = (
            (UPSETS_PER_BIT_DAY * params.memory_mbit * 1e6 * days, self._upset),
            (INTERRUPTS_PER_DAY * days, bench.simulation.hang),
            (LATCH_UPS_PER_DAY * days, self._latch_up),
        )
        self._level = 0.0
        self._timer: Timer | None = None

    def set_level(self, level: float) -> None:
        """0 ends it."""
        self._level = level
        if self._timer is None and level > 0.0:
            self._timer = self._bench.clock.every(NS_PER_S, self._second, Rank.FAULT)
        elif self._timer is not None and level <= 0.0:
            self._timer.cancel()
            self._timer = None

    def _second(self) -> None:
        for chance, act in self._chances:
            if self._noise.uniform() < chance * self._level:
                act()

    def _upset(self) -> None:
        """One bit, of a parameter, of the state or of a file."""
        dice, bit = self._noise.uniform, int(self._noise.uniform() * BITS)
        where, which = int(dice() * 3.0), dice()
        flight = self._bench.flight
        if where == 2 or flight is None:
            name = FILES[int(which * len(FILES))]
            self._bench.simulation.disk.flip(name, int(dice() * 1e5))
            return
        names = tuple(CELLS)
        cell = parameter(flight, int(which * 1000)) if where else CELLS[names[int(which * len(names))]](flight)
        store(cell, lambda value: flipped(value, bit))

    def _latch_up(self) -> None:
        self._bench.simulation.stop(ResetCause.POWER_CUT, off_ns=seconds(LATCH_OFF_S))


def _make(bench: Bench, params: Storm) -> SetLevel:
    return _Storm(bench, params).set_level


FAULTS: Final[Mapping[tuple[str, str], Fault]] = {
    ("computer", "seu_storm"): Fault(
        layer=Layer.COMPUTER,
        meaning="a solar particle event: upsets, functional interrupts and latch-ups at published rates",
        response="boots as often as it must, drops what it can no longer believe, waits for ground",
        make=_make,
        params=Storm,
        ramps=True,
        single_point="resets may outrun ground's calls, and an upset may change what flight knows of itself",
    ),
}
