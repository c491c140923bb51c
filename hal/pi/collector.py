"""Garbage collection in the slack between two cycles, never within one.

What was built before the first cycle is taken out of collection, so that a pass looks only at what came later.  A pass
is made when enough objects have gathered and it fits: its generation's longest pass so far, twice, must be less than
the time that is left.
"""

from __future__ import annotations

import gc
import time
from typing import Final

from hal.api.clock import NS_PER_MS

GATHERED: Final = 700
"""Container objects made and not freed since the last pass, as CPython's own default."""
PASSES_TO_MIDDLE: Final = 10
PASSES_TO_ALL: Final = 100
FIRST_GUESS_NS: Final = (1 * NS_PER_MS, 5 * NS_PER_MS, 20 * NS_PER_MS)
"""For generations 0, 1 and 2, until they have been measured."""
FREEZE_NS: Final = 10 * NS_PER_MS
"""A full pass that took longer has too many lasting objects to look at: they are taken out as well."""


class Collector:
    """Between `begin` and `end` it is the only one that collects."""

    def __init__(self) -> None:
        self._longest_ns = [0, 0, 0]
        self.passes = 0
        self.put_off = 0
        """Passes that did not fit into their slack."""

    def begin(self) -> None:
        """Collect once, take the survivors out, and switch automatic collection off."""
        gc.collect()
        gc.freeze()
        gc.disable()

    def end(self) -> None:
        """Hand collection back to the interpreter."""
        gc.unfreeze()
        gc.enable()

    @property
    def longest_ns(self) -> int:
        """The longest pass since `begin`."""
        return max(self._longest_ns)

    def run(self, slack_ns: int) -> None:
        """Make a pass if one is due and fits."""
        if gc.get_count()[0] < GATHERED:
            return
        generation = self._generation()
        guess_ns = self._longest_ns[generation] or FIRST_GUESS_NS[generation]
        if 2 * guess_ns > slack_ns:
            self.put_off += 1
            self._longest_ns[generation] = guess_ns * 9 // 10  # one slow pass must not put all others off for ever
            return
        started_ns = time.monotonic_ns()
        gc.collect(generation)
        took_ns = time.monotonic_ns() - started_ns
        self.passes += 1
        self._longest_ns[generation] = max(self._longest_ns[generation], took_ns)
        if generation == 2 and took_ns > FREEZE_NS:
            gc.freeze()

    def _generation(self) -> int:
        number = self.passes + 1
        return 2 if number % PASSES_TO_ALL == 0 else 1 if number % PASSES_TO_MIDDLE == 0 else 0
