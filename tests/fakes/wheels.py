"""Six fake wheel drives: they turn as commanded while the hold lasts, unless a test jams, silences or breaks them."""

from __future__ import annotations

from hal.api.clock import NS_PER_S, Clock
from hal.api.errors import DeviceError, DeviceTimeout
from hal.api.values import WheelReadings

STILL = (0.0,) * 6


class FakeWheels:
    """Encoders integrate the commanded speed; `step` moves them on to the clock's time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last_ns = clock.now_ns()
        self._until_ns = 0
        self._command: tuple[float, ...] = STILL
        self.angle_rad = [0.0] * 6
        self.running_a = 0.05
        self.extra_a = [0.0] * 6
        self.jammed: set[int] = set()
        """Told to turn, standing, at stall current."""
        self.still: set[int] = set()
        """Told to turn, standing, at running current: a broken shaft or encoder."""
        self.silent: set[int] = set()
        """Controller does not answer."""
        self.runaway_rad_s: dict[int, float] = {}
        self.read_error: DeviceError | None = None
        self.command_error: DeviceError | None = None
        self.safe_error: DeviceError | None = None
        self.commands: list[tuple[float, ...]] = []
        self.made_safe = 0
        self.reads = 0

    @property
    def turning(self) -> tuple[float, ...]:
        """Speeds in force now, rad/s."""
        return self._command if self._clock.now_ns() < self._until_ns else STILL

    def step(self) -> tuple[float, ...]:
        """Turn up to now; returns the angle that each wheel has turned since the last step, rad."""
        now_ns = self._clock.now_ns()
        dt_s = (min(now_ns, max(self._until_ns, self._last_ns)) - self._last_ns) / NS_PER_S
        whole_s = (now_ns - self._last_ns) / NS_PER_S
        self._last_ns = now_ns
        turned = []
        for wheel, speed in enumerate(self._command):
            stuck = wheel in self.jammed or wheel in self.still
            step = 0.0 if stuck else speed * dt_s
            step += self.runaway_rad_s.get(wheel, 0.0) * whole_s
            self.angle_rad[wheel] += step
            turned.append(step)
        return tuple(turned)

    def command(self, speed_rad_s: tuple[float, ...], hold_ns: int) -> None:
        if self.command_error is not None:
            raise self.command_error
        assert len(speed_rad_s) == 6
        self._command = speed_rad_s
        self._until_ns = self._clock.now_ns() + hold_ns
        self.commands.append(speed_rad_s)

    def read(self) -> WheelReadings:
        self.reads += 1
        if self.read_error is not None:
            raise self.read_error
        turning = self.turning
        return WheelReadings(
            time_ns=self._clock.now_ns(),
            angle_rad=tuple(None if n in self.silent else angle for n, angle in enumerate(self.angle_rad)),
            speed_rad_s=tuple(None if n in self.silent else speed for n, speed in enumerate(turning)),
            current_a=tuple(None if n in self.silent else self._current(n, speed) for n, speed in enumerate(turning)),
        )

    def make_safe(self) -> None:
        if self.safe_error is not None:
            raise self.safe_error
        self._command = STILL
        self._until_ns = 0
        self.made_safe += 1

    def _current(self, wheel: int, speed: float) -> float:
        if speed == 0.0:
            return 0.0
        return (0.5 if wheel in self.jammed else self.running_a) + self.extra_a[wheel]


def silence() -> DeviceTimeout:
    """The error of a dead drive."""
    return DeviceTimeout("wheels", "no answer")
