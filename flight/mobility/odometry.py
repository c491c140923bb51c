"""What wheels and corners report, turned into increments of motion."""

from __future__ import annotations

from typing import Final

from flight.context import EventSink
from flight.mobility.kinematics import STRAIGHT, Kinematics
from flight.mobility.lasting import RETRY_MOST_NS, RETRY_NS, Lasting
from flight.persistence import Backoff
from hal.api.clock import NS_PER_MS
from hal.api.devices import Steering, WheelDrives
from hal.api.errors import DeviceError
from hal.api.values import WheelReadings
from telemetry_defs.areas import mobility_events as events

LOST_NS: Final = 500 * NS_PER_MS
JUMP_RAD: Final = 2.0
"""No wheel turns this far between two readings: the encoder or its link jumped, or was counted anew."""
CORNER_MOST_RAD: Final = 3.2
"""A steering angle beyond this is no reading."""


class Odometry:
    """Wheel and corner readings of one rover."""

    __slots__ = (
        "_backoff", "_corner_backoff", "_events", "_kinematics", "_last_rad", "_lost", "_masked", "_steering",
        "_wheels", "corners_rad", "corners_seen", "readings",
    )  # fmt: skip

    def __init__(
        self, wheels: WheelDrives, steering: Steering, kinematics: Kinematics, masked: list[bool], sink: EventSink
    ) -> None:
        self._wheels = wheels
        self._steering = steering
        self._kinematics = kinematics
        self._masked = masked
        self._events = sink
        self._backoff = Backoff(RETRY_NS, RETRY_MOST_NS)
        self._corner_backoff = Backoff(RETRY_NS, RETRY_MOST_NS)
        self._lost = Lasting()
        self._last_rad: list[float | None] = [None] * 6
        self.readings: WheelReadings | None = None
        """The newest, None while the drives do not answer."""
        self.corners_rad: tuple[float | None, ...] | None = None
        """The newest measured angles, None while steering does not answer."""
        self.corners_seen: tuple[float, ...] = STRAIGHT
        """The last complete set, for odometry."""

    @property
    def lost(self) -> bool:
        """The drives have not answered for a while."""
        return self._lost.raised

    def restart(self) -> None:
        """A motion begins: what the encoders counted while nobody looked is not motion."""
        self._last_rad = [None] * 6
        self._backoff.succeeded()
        self._corner_backoff.succeeded()
        self._lost.reset()

    def answers(self, now_ns: int) -> bool:
        """Whether the drives can be read yet; they need a moment after their power comes on.  A motion begins after."""
        self.restart()
        self.read_wheels(now_ns)
        self.restart()
        return self.readings is not None

    def glance(self) -> bool:
        """Read the wheels for somebody who can do without; nobody is told if they do not answer."""
        try:
            self.readings = self._wheels.read()
        except DeviceError:
            self.readings = None
        return self.readings is not None

    def read_wheels(self, now_ns: int) -> None:
        """Read the six wheels once; tells of losing and regaining them."""
        readings = None
        if self._backoff.due(now_ns):
            try:
                readings = self._wheels.read()
                self._backoff.succeeded()
            except DeviceError:
                self._backoff.failed(now_ns)
        self.readings = readings
        if readings is None:
            if self._lost.lasted(True, now_ns, LOST_NS):
                self._events.emit(events.WHEELS_LOST)
        else:
            if self._lost.raised:
                self._events.emit(events.WHEELS_RECOVERED)
            self._lost.reset()

    def read_corners(self, now_ns: int) -> None:
        """Read the four corners once."""
        self.corners_rad = None
        if not self._corner_backoff.due(now_ns):
            return
        try:
            angles = self._steering.read().angle_rad
        except DeviceError:
            self._corner_backoff.failed(now_ns)
            return
        self._corner_backoff.succeeded()
        # No corner turns so far; NaN, which would stay in the pose for good, fails the comparison too.
        angles = tuple([a if a is not None and -CORNER_MOST_RAD < a < CORNER_MOST_RAD else None for a in angles])
        self.corners_rad = angles
        known = tuple(angle for angle in angles if angle is not None)
        if len(known) == len(angles):
            self.corners_seen = known

    def corners_off(self, wanted_rad: tuple[float, ...]) -> float | None:
        """How far the worst corner is from its angle, rad; None if one of them is not known."""
        seen = self.corners_rad
        if seen is None:
            return None
        worst = 0.0
        for angle, wanted in zip(seen, wanted_rad, strict=True):
            if angle is None:
                return None
            worst = max(worst, abs(angle - wanted))
        return worst

    def increment(self) -> tuple[float, float, float]:
        """Body motion (forward m, left m, yaw rad) since the last call, from the newest readings."""
        if self.readings is None:
            return 0.0, 0.0, 0.0
        rolled: list[float | None] = []
        last = self._last_rad
        masked = self._masked
        for wheel, angle in enumerate(self.readings.angle_rad):
            if angle is None or angle != angle:  # noqa: PLR0124 - NaN is the only value unequal to itself
                rolled.append(None)
                continue
            before = last[wheel]
            last[wheel] = angle
            step = None if before is None or masked[wheel] else angle - before
            rolled.append(step if step is not None and -JUMP_RAD < step < JUMP_RAD else None)
        motion = self._kinematics.forward(rolled, self.corners_seen)
        return motion if motion is not None else (0.0, 0.0, 0.0)
