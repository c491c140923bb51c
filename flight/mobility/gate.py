"""The one way to the wheels: nothing turns that the mode does not allow.

Everything that commands wheel drives or steering goes through a `WheelGate`, which asks the mode itself at that
moment, so that no mistake elsewhere in mobility can turn a wheel in the wrong mode.
"""

from __future__ import annotations

import contextlib
from typing import Final

from flight.context import EventSink, Modes
from hal.api.clock import NS_PER_MS
from hal.api.devices import Steering, WheelDrives
from hal.api.errors import DeviceError
from telemetry_defs.areas import mobility_events as events
from telemetry_defs.definitions import Mode

HOLD_NS: Final = 500 * NS_PER_MS
"""The drives stop by themselves this long after the last command."""
STILL: Final = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
TEST_SPEED_RAD_S: Final = 0.2
TEST_NS: Final = 2_000 * NS_PER_MS
TEST_ANGLE_RAD: Final = 0.5
STEER_TEST_NS: Final = 11_000 * NS_PER_MS
"""Long enough for a corner that may stand anywhere to arrive, and then for holding it."""


class WheelGate:
    """Passes commands on in DRIVE and EGRESS; in SERVICE one armed slow wheel, or armed corners while wheels stand."""

    __slots__ = (
        "_blocked", "_events", "_failed", "_max_rad_s", "_modes", "_steer_until_ns", "_steering", "_test_until_ns",
        "_test_wheel", "_wheels", "commanded", "masked", "stop_pending",
    )  # fmt: skip

    def __init__(
        self, wheels: WheelDrives, steering: Steering, *, max_rad_s: float, modes: Modes, sink: EventSink
    ) -> None:
        self._wheels = wheels
        self._steering = steering
        self._max_rad_s = max_rad_s
        self._modes = modes
        self._events = sink
        self._test_wheel = -1
        self._test_until_ns = 0
        self._steer_until_ns = 0
        self._failed = False
        self._blocked = False
        self.masked = [False] * 6
        self.commanded: tuple[float, ...] = STILL
        """What the wheels were last told, rad/s."""
        self.stop_pending = False
        """A zero command has not reached the wheels yet; `retry_stop` tries again."""

    def arm_test(self, wheel: int, now_ns: int) -> None:
        """Let one wheel turn in SERVICE, slowly, for two seconds."""
        self._disarm()
        self._test_wheel = wheel
        self._test_until_ns = now_ns + TEST_NS

    def arm_steering(self, now_ns: int) -> None:
        """Let the corners turn in SERVICE, a little, for eleven seconds; no wheel may turn meanwhile."""
        self._test_wheel = -1
        self._steer_until_ns = now_ns + STEER_TEST_NS

    def command(self, speeds_rad_s: tuple[float, ...], now_ns: int) -> bool:
        """Turn the wheels for one hold time; False if the mode forbade it or the drives did not take it."""
        allowed = self._allowed(speeds_rad_s, now_ns)
        if allowed is None:
            if not self._blocked:
                self._blocked = True
                self._events.emit(events.GATE_CLOSED)
            self.stop()
            return False
        self._blocked = False
        try:
            self._wheels.command(allowed, HOLD_NS)
        except DeviceError:
            self._report_failure()
            return False
        self._failed = False
        self.stop_pending = False
        self.commanded = allowed
        return True

    def steer(self, angles_rad: tuple[float, ...]) -> bool:
        """Turn the corners; in DRIVE and EGRESS only."""
        mode = self._modes.mode
        return (mode is Mode.DRIVE or mode is Mode.EGRESS) and self._steer(angles_rad)

    def steer_test(self, angles_rad: tuple[float, ...], now_ns: int) -> bool:
        """Turn the corners in SERVICE: armed, by half a radian at most, wheels standing; False if that is not so."""
        standing = self._test_wheel < 0 and self.commanded == STILL
        if self._modes.mode is not Mode.SERVICE or now_ns >= self._steer_until_ns or not standing:
            return False
        limit = TEST_ANGLE_RAD
        return self._steer(tuple(max(-limit, min(limit, angle)) for angle in angles_rad))

    def _steer(self, angles_rad: tuple[float, ...]) -> bool:
        try:
            self._steering.command(angles_rad, HOLD_NS)
        except DeviceError:
            return False  # the missing angle is what stops the motion
        return True

    def stop(self) -> None:
        """Wheels to zero at once, corners held; if the drives do not take it, it is tried again each tick."""
        self._disarm()
        self.commanded = STILL
        self.stop_pending = True
        self.retry_stop()
        with contextlib.suppress(DeviceError):  # a corner that turns on is bound by its end stops and hold time
            self._steering.make_safe()

    def retry_stop(self) -> None:
        """Try again to bring a pending zero command to the wheels."""
        if not self.stop_pending:
            return
        try:
            self._wheels.make_safe()
        except DeviceError:
            self._report_failure()
        else:
            self.stop_pending = False
            self._failed = False

    def make_safe(self) -> None:
        """Zero and hold, both tried; raises the first `DeviceError`."""
        self._disarm()
        self.commanded = STILL
        try:
            self._wheels.make_safe()
        finally:
            self._steering.make_safe()

    def _disarm(self) -> None:
        self._test_wheel = -1
        self._steer_until_ns = 0

    def _report_failure(self) -> None:
        if not self._failed:
            self._failed = True
            self._events.emit(events.OUTPUT_FAILED)

    def _allowed(self, speeds: tuple[float, ...], now_ns: int) -> tuple[float, ...] | None:
        """What may go to the wheels now; None if something else than standing was asked for and nothing may move."""
        mode = self._modes.mode
        top = self._max_rad_s
        if mode is Mode.DRIVE or mode is Mode.EGRESS:
            if True in self.masked or max(speeds) > top or min(speeds) < -top:
                masked = self.masked
                return tuple(0.0 if masked[n] else max(-top, min(top, speed)) for n, speed in enumerate(speeds))
            return speeds
        if not any(speeds):
            return STILL
        if mode is Mode.SERVICE and now_ns < self._test_until_ns and self._test_wheel >= 0:
            wheel = self._test_wheel
            limit = TEST_SPEED_RAD_S
            if not any(speed for n, speed in enumerate(speeds) if n != wheel):
                return tuple(max(-limit, min(limit, speed)) for speed in speeds)
        return None
