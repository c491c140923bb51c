"""A camera whose image is ready two seconds after its exposure, if it has power."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from hal.api.clock import NS_PER_S, Clock, seconds
from hal.api.errors import DeviceTimeout, NotReady
from hal.api.values import Image

NOISE = hashlib.shake_256(b"image").digest(320 * 240)
"""Pixels that do not compress at all."""


class FakeCamera:
    """Implements `hal.api.devices.Camera`."""

    def __init__(self, clock: Clock, powered: Callable[[], bool]) -> None:
        self._clock = clock
        self._powered = powered
        self.pixels = NOISE.translate(bytes(value % 16 for value in range(256)))  # compresses to half, as images do
        self._done_ns: int | None = None
        self.stuck = False
        """Never gives its image."""
        self.silent = False

    def start(self, exposure_s: float) -> None:
        self._answer()
        if self._done_ns is not None:
            raise NotReady("camera", "busy")
        self._done_ns = self._clock.now_ns() + seconds(exposure_s) + 2 * NS_PER_S

    def poll(self) -> Image | None:
        self._answer()
        if self.stuck or self._done_ns is None or self._clock.now_ns() < self._done_ns:
            return None
        self._done_ns = None
        return Image(time_ns=self._clock.now_ns(), width_px=320, height_px=240, pixels=self.pixels)

    def _answer(self) -> None:
        if not self._powered():
            self._done_ns = None
            raise NotReady("camera", "unpowered")
        if self.silent:
            raise DeviceTimeout("camera", "no answer")
