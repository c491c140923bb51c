"""An array monitor whose faces a test lights and breaks."""

from __future__ import annotations

from hal.api.clock import Clock
from hal.api.errors import DeviceError
from hal.api.values import FACES, ArrayReading, FaceReading

LIT_V = 34.0


class FakeArray:
    """Implements `hal.api.devices.ArrayMonitor`; a lit face holds 34 V however little the bus draws."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.power_w: dict[str, float | None] = dict.fromkeys(FACES, 0.0)
        """What each face could give; None: its monitor does not answer."""
        self.drawn = 1.0
        """Share of it that the bus draws."""
        self.lost: list[str] = []
        self.error: DeviceError | None = None

    def read(self) -> ArrayReading:
        if self.error is not None:
            raise self.error
        return ArrayReading(time_ns=self._clock.now_ns(), faces=tuple(self._face(name) for name in FACES))

    def _face(self, name: str) -> FaceReading | None:
        power_w = self.power_w[name]
        if power_w is None:
            return None
        if name in self.lost or power_w <= 0.0:
            return FaceReading(voltage_v=0.0, current_a=0.0)
        return FaceReading(voltage_v=LIT_V, current_a=power_w * self.drawn / LIT_V)
