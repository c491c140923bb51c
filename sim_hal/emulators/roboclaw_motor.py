"""What an emulated motor controller asks of a motor, what it sees of it, and a motor that needs no world."""

from __future__ import annotations

import math
from typing import Final, Literal, NamedTuple, Protocol

from hal.api.clock import NS_PER_S

FREE_LAG_S: Final = 0.06
"""Time constant of a small gear motor under its speed loop."""
FREE_FRICTION_A: Final = 0.15
FREE_LOAD_A: Final = 0.45
"""More current at full speed than at a crawl."""


class Demand(NamedTuple):
    """What a channel does to its motor."""

    kind: Literal["off", "duty", "speed"]
    """off: bridge without current; duty: part of the supply, -1..1; speed: encoder counts/s, held by the loop."""
    value: float = 0.0
    accel: float = 0.0
    """Ramp towards a speed, counts/s2; 0: none."""


OFF: Final = Demand("off")
STOPPED: Final = Demand("duty")


class MotorTruth(Protocol):
    """A motor and its encoder, now."""

    def counts(self) -> int:
        """Quadrature counts since any fixed time, forward positive, of any size."""
        ...

    def counts_s(self) -> float:
        """Speed, counts/s."""
        ...

    def current_a(self) -> float:
        """Motor current, A."""
        ...


class FreeMotor:
    """A motor with nothing to drive: it follows its demand with one lag, reckoned when somebody looks."""

    __slots__ = ("_counts", "_demand", "_full_counts_s", "_now_ns", "_speed")

    def __init__(self, full_counts_s: float = 4_000.0) -> None:
        self._full_counts_s = full_counts_s
        """Speed at full duty."""
        self._counts = 0.0
        self._speed = 0.0
        self._now_ns = 0
        self._demand = OFF

    def counts(self) -> int:
        return math.floor(self._counts)

    def counts_s(self) -> float:
        return self._speed

    def current_a(self) -> float:
        full = abs(self._speed) / self._full_counts_s
        return FREE_FRICTION_A + FREE_LOAD_A * full if full > 1e-3 else 0.0

    def advance(self, now_ns: int) -> None:
        """Turn until `now_ns` under the demand in force."""
        elapsed_s = (now_ns - self._now_ns) / NS_PER_S
        if elapsed_s <= 0.0:
            return
        self._now_ns = now_ns
        target = self._target()
        if self._speed == target:
            self._counts += target * elapsed_s
            return
        left = math.exp(-elapsed_s / FREE_LAG_S)
        excess = self._speed - target
        self._counts += target * elapsed_s + excess * FREE_LAG_S * (1.0 - left)
        self._speed = target + excess * left
        if abs(self._speed - target) < 0.5:
            self._speed = target

    def follow(self, demand: Demand, now_ns: int) -> None:
        """From `now_ns` on, do this."""
        self.advance(now_ns)
        self._demand = demand

    def _target(self) -> float:
        """Counts/s that the demand leads to."""
        kind, value, _ = self._demand
        full = self._full_counts_s
        if kind == "duty":
            return value * full
        return max(-full, min(full, value)) if kind == "speed" else 0.0
