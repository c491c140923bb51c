"""Is the heater doing what it was told?  Judged by the heat that its node gained and lost over a quarter of an hour.

Seen heat = heat capacity x rise + loss to the surroundings.  A heater that is on must show up in it, one that is off
must not.  Being a balance and not a rate, it does not mistake a node in equilibrium for a dead heater.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from flight.subsystems.thermal_config import HeaterBelief
from hal.api.clock import NS_PER_S

SETTLE_NS: Final = 120 * NS_PER_S
"""After a change of the heater its node is left alone first."""
NO_EFFECT: Final = 0.25
STUCK_ON: Final = 0.6
"""Of the heater's power: less seen heat while on is no effect, more while off is stuck on.  Sunlight on a motor (0.4 W
of 2 W) and the battery's own heat (4 W of 12 W) stay below the second."""


class Verdict(Enum):
    """The outcome of one window."""

    GOOD = "good"
    NO_EFFECT = "no effect"
    STUCK_ON = "stuck on"


class HeatBalance:
    """One heater's running balance."""

    __slots__ = ("_belief", "_last_ns", "_lost_j", "_on", "_start_c", "_start_ns", "seen_w")

    def __init__(self, belief: HeaterBelief) -> None:
        self._belief = belief
        self._on = False
        self._start_ns: int | None = None
        self._start_c = 0.0
        self._last_ns = 0
        self._lost_j = 0.0
        self.seen_w: float | None = None
        """Heat seen in the last complete window, W."""

    def restart(self) -> None:
        """Drop the window: something else heats or the temperatures are not known."""
        self._start_ns = None

    def update(
        self, now_ns: int, on: bool, node_c: float | None, surroundings_c: float | None, window_ns: int
    ) -> Verdict | None:
        """Feed the state and temperatures now; gives a verdict at the end of each window."""
        if node_c is None or surroundings_c is None:
            self.restart()
            return None
        if on is not self._on or self._start_ns is None:
            self._on = on
            self._begin(now_ns + SETTLE_NS, node_c)
            return None
        if now_ns <= self._start_ns:
            self._begin(self._start_ns, node_c)
            return None
        since_ns = max(self._last_ns, self._start_ns)
        self._lost_j += self._belief.loss_w_k * (node_c - surroundings_c) * (now_ns - since_ns) / NS_PER_S
        self._last_ns = now_ns
        over = now_ns - self._start_ns >= window_ns
        if not over and self._on:  # once the window's least heat is in, there is nothing to wait for
            over = self._seen_j(node_c) * NS_PER_S > NO_EFFECT * self._belief.power_w * window_ns
        return self._conclude(now_ns, node_c) if over else None

    def _begin(self, start_ns: int, node_c: float) -> None:
        self._start_ns = start_ns
        self._start_c = node_c
        self._last_ns = start_ns
        self._lost_j = 0.0

    def _seen_j(self, node_c: float) -> float:
        """Heat gained and lost since the window began."""
        return self._belief.heat_capacity_j_k * (node_c - self._start_c) + self._lost_j

    def _conclude(self, now_ns: int, node_c: float) -> Verdict:
        assert self._start_ns is not None  # set by _begin, checked by the caller
        belief = self._belief
        self.seen_w = self._seen_j(node_c) * NS_PER_S / (now_ns - self._start_ns)
        self._begin(now_ns, node_c)
        if self._on:
            return Verdict.NO_EFFECT if self.seen_w < NO_EFFECT * belief.power_w else Verdict.GOOD
        return Verdict.STUCK_ON if self.seen_w > STUCK_ON * belief.power_w else Verdict.GOOD
