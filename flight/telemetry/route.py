"""The way down: what comms chooses, or the first open link at its lowest rate while comms is not running."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flight.telemetry.transmit import Downlink
from hal.api.clock import NS_PER_S, Clock
from hal.api.devices import Radio
from hal.api.errors import DeviceError

HOLD_NS: Final = 10 * NS_PER_S


class Route:
    """A `Downlink` that outlives the comms row."""

    def __init__(
        self, *, comms: Callable[[], Downlink | None], radios: tuple[tuple[Radio, float], ...], clock: Clock
    ) -> None:
        """`radios`: each with its lowest rate, bit/s, in order of preference."""
        self._comms = comms
        self._radios = radios
        self._clock = clock
        self._refreshed_ns: int | None = None
        self._allowance_bytes = 0.0
        self._counted_ns = 0
        self._radio: Radio | None = None
        self._rate_bit_s = 0.0

    def downlink(self) -> tuple[Radio, int] | None:
        """Comms' choice; without comms the first radio that is locked, at its lowest rate."""
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
        self._allowance_bytes += (now_ns - self._counted_ns) * self._rate_bit_s / 8 / NS_PER_S
        self._allowance_bytes = min(self._allowance_bytes, 2_048.0)
        self._counted_ns = now_ns
        return None if self._radio is None else (self._radio, int(self._allowance_bytes))

    def _choose(self) -> Radio | None:
        for radio, rate_bit_s in self._radios:
            try:
                if radio.status().locked:
                    radio.set_transmitter(True, rate_bit_s, HOLD_NS)
                    self._rate_bit_s = rate_bit_s
                    return radio
            except DeviceError:
                continue
        return None
