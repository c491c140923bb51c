"""Fake visual odometry: a fix every two seconds while enabled, of what a test says the ground has passed."""

from __future__ import annotations

from hal.api.clock import NS_PER_S, Clock
from hal.api.errors import DeviceError, NotReady
from hal.api.values import GroundMotionFix

INTERVAL_NS = 2 * NS_PER_S


class FakeGroundMotion:
    """`moved` adds ground travel; fixes come out delayed by `delay_ns`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last_ns: int | None = None
        self._forward_m = 0.0
        self._left_m = 0.0
        self._sequence = 0
        self._pending: list[tuple[int, GroundMotionFix]] = []
        self._fix: GroundMotionFix | None = None
        self.enabled = False
        self.valid = True
        self.delay_ns = 0
        self.scale = 1.0
        """Error of the next fixes."""
        self.error: DeviceError | None = None

    def moved(self, forward_m: float, left_m: float = 0.0) -> None:
        """Ground travel up to now; makes a fix when an interval is over."""
        now_ns = self._clock.now_ns()
        self._forward_m += forward_m
        self._left_m += left_m
        if not self.enabled:
            self._last_ns = None
        elif self._last_ns is None:
            self._last_ns, self._forward_m, self._left_m = now_ns, 0.0, 0.0
        elif now_ns - self._last_ns >= INTERVAL_NS:
            self._take(now_ns, self._last_ns)
        while self._pending and self._pending[0][0] <= now_ns:
            self._fix = self._pending.pop(0)[1]

    def enable(self, on: bool) -> None:
        if self.error is not None:
            raise self.error
        self.enabled = on

    def read(self) -> GroundMotionFix:
        if self.error is not None:
            raise self.error
        if self._fix is None:
            raise NotReady("ground_motion", "no fix yet")
        return self._fix

    def _take(self, now_ns: int, last_ns: int) -> None:
        self._sequence += 1
        fix = GroundMotionFix(
            time_ns=now_ns,
            sequence=self._sequence,
            valid=self.valid,
            forward_m=self._forward_m * self.scale if self.valid else 0.0,
            left_m=self._left_m * self.scale if self.valid else 0.0,
            interval_s=(now_ns - last_ns) / NS_PER_S,
        )
        self._pending.append((now_ns + self.delay_ns, fix))
        self._last_ns, self._forward_m, self._left_m = now_ns, 0.0, 0.0
