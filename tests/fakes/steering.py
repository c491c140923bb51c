"""Four fake corners that turn at 0.3 rad/s towards what they were told."""

from __future__ import annotations

from hal.api.clock import NS_PER_S, Clock
from hal.api.errors import DeviceError
from hal.api.values import SteeringReadings


class FakeSteering:
    """`step` moves the corners on to the clock's time; `stuck` ones stay."""

    def __init__(self, clock: Clock, rate_rad_s: float = 0.3) -> None:
        self._clock = clock
        self._rate_rad_s = rate_rad_s
        self._last_ns = clock.now_ns()
        self._until_ns = 0
        self._target: tuple[float, ...] = (0.0,) * 4
        self.angle_rad = [0.0] * 4
        self.stuck: set[int] = set()
        self.silent: set[int] = set()
        self.error: DeviceError | None = None
        self.commands: list[tuple[float, ...]] = []

    def step(self) -> None:
        """Turn up to now."""
        now_ns = self._clock.now_ns()
        reach = self._rate_rad_s * (now_ns - self._last_ns) / NS_PER_S
        self._last_ns = now_ns
        if now_ns > self._until_ns:
            return
        for corner, target in enumerate(self._target):
            if corner not in self.stuck:
                gap = target - self.angle_rad[corner]
                self.angle_rad[corner] += max(-reach, min(reach, gap))

    def command(self, angle_rad: tuple[float, ...], hold_ns: int) -> None:
        if self.error is not None:
            raise self.error
        assert len(angle_rad) == 4
        self._target = angle_rad
        self._until_ns = self._clock.now_ns() + hold_ns
        self.commands.append(angle_rad)

    def read(self) -> SteeringReadings:
        if self.error is not None:
            raise self.error
        return SteeringReadings(
            time_ns=self._clock.now_ns(),
            angle_rad=tuple(None if n in self.silent else angle for n, angle in enumerate(self.angle_rad)),
        )

    def make_safe(self) -> None:
        if self.error is not None:
            raise self.error
        self._target = tuple(self.angle_rad)
        self._until_ns = 0
