"""The way down: what comms chooses, or a small fixed choice while comms is not running."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flight.telemetry.transmit import Downlink
from hal.api.clock import NS_PER_S, Clock
from hal.api.devices import Radio
from hal.api.errors import DeviceError

FALLBACK_RATE_BIT_S: Final = 700.0
"""Both radios carry the beacon rate, so it is the one that needs no choice (Zhang 2021: 0.7 kbit/s return link)."""
HOLD_NS: Final = 10 * NS_PER_S


class Route:
    """A `Downlink` that outlives the comms row."""

    def __init__(self, *, comms: Callable[[], Downlink | None], radios: tuple[Radio, ...], clock: Clock) -> None:
        self._comms = comms
        self._radios = radios
        self._clock = clock
        self._refreshed_ns: int | None = None
        self._allowance_bytes = 0.0
        self._counted_ns = 0
        self._radio: Radio | None = None

    def downlink(self) -> tuple[Radio, int] | None:
        """Comms' choice; without comms the first radio that is locked, at the beacon rate."""
        comms = self._comms()
        if comms is not None:
            self._refreshed_ns = None
            return comms.downlink()
        return self._fallback(self._clock.now_ns())

    def sent(self, byte_count: int) -> None:
        """Account for what was sent."""
        comms = self._comms()
        if comms is not None:
            comms.sent(byte_count)
        else:
            self._allowance_bytes -= byte_count

    def send_failed(self) -> None:
        """Passed on; the fallback chooses anew by itself."""
        comms = self._comms()
        if comms is not None:
            comms.send_failed()
        self._refreshed_ns = None

    def _fallback(self, now_ns: int) -> tuple[Radio, int] | None:
        if self._refreshed_ns is None or now_ns - self._refreshed_ns >= HOLD_NS // 2:
            self._counted_ns = self._counted_ns if self._refreshed_ns else now_ns
            self._refreshed_ns = now_ns
            self._radio = self._choose()
        self._allowance_bytes += (now_ns - self._counted_ns) * FALLBACK_RATE_BIT_S / 8 / NS_PER_S
        self._allowance_bytes = min(self._allowance_bytes, 2_048.0)
        self._counted_ns = now_ns
        return None if self._radio is None else (self._radio, int(self._allowance_bytes))

    def _choose(self) -> Radio | None:
        for radio in self._radios:
            try:
                if radio.status().locked:
                    radio.set_transmitter(True, FALLBACK_RATE_BIT_S, HOLD_NS)
                    return radio
            except DeviceError:
                continue
        return None
