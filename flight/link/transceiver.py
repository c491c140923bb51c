"""One radio under the care of comms: receiver kept on, transmitter keyed and refreshed, errors met with back-off.

Also how many bytes it may be given: a credit that grows with the rate, so that the radio's own buffer stays short and
an urgent report never waits behind more than a fifth of a second of others.
"""

from __future__ import annotations

from typing import Final

from flight.context import EventSink
from flight.loads import LoadRequests
from flight.persistence import Backoff
from flight.subsystems.comms_config import RadioConfig
from hal.api.absent import Absent
from hal.api.clock import NS_PER_S
from hal.api.devices import Radio
from hal.api.errors import DeviceError
from hal.api.values import RadioStatus
from telemetry_defs.areas import comms as area
from telemetry_defs.areas.comms import RadioFault, RadioName

TX_HOLD_NS: Final = 30 * NS_PER_S
TX_REFRESH_NS: Final = 10 * NS_PER_S
RX_REFRESH_NS: Final = 10 * NS_PER_S
CREDIT_S: Final = 0.2
LEAST_CREDIT_BYTES: Final = 1_100
"""Room for the longest frame, however low the rate."""
FIRST_RETRY_NS: Final = NS_PER_S
LONGEST_RETRY_NS: Final = 300 * NS_PER_S


class Transceiver:
    """One radio.  Meets its errors itself, save those of `make_safe`."""

    def __init__(
        self, *, name: RadioName, radio: Radio, config: RadioConfig, loads: LoadRequests, events: EventSink
    ) -> None:
        self.name = name
        self.radio = radio
        self._fitted = not isinstance(radio, Absent)
        self.config = config
        self.rate_bit_s = 0.0
        """Rate the transmitter was last set to, 0 for off."""
        self.status: RadioStatus | None = None
        """None while the radio does not answer."""
        self._loads = loads
        self._events = events
        self._retry_status = Backoff(FIRST_RETRY_NS, LONGEST_RETRY_NS)
        self._retry_transmitter = Backoff(FIRST_RETRY_NS, LONGEST_RETRY_NS)
        self._reported_fault = False
        self._reported_off = False
        self._refresh_rx_ns = self._refresh_tx_ns = 0
        self._known_off = False
        self._credit_bytes = 0.0
        self._credit_ns = 0
        self._room_bytes = 0

    @property
    def locked(self) -> bool:
        """Whether a carrier is received; a radio that does not answer has none."""
        return self.status is not None and self.status.locked

    @property
    def failing(self) -> bool:
        """Status or transmitter failed at the last try."""
        return self._retry_status.failures > 0 or self._retry_transmitter.failures > 0

    def usable(self, now_ns: int) -> bool:
        """Whether it may carry the downlink now; a failed transmitter is tried again when its back-off has run."""
        return self.status is not None and self._retry_transmitter.due(now_ns)

    def drained(self) -> bool:
        """Whether the transmit buffer is empty; the emptiest ever seen counts as empty."""
        return self.status is None or self.status.tx_free_bytes >= self._room_bytes

    def look(self, now_ns: int) -> None:
        """Once a second: keep the receiver on and read the status."""
        if not self._fitted:
            return
        self._keep_powered()
        if not self._retry_status.due(now_ns):
            return
        try:
            if now_ns >= self._refresh_rx_ns:
                self.radio.set_receiver(True)
                self._refresh_rx_ns = now_ns + RX_REFRESH_NS
            status = self.radio.status()
        except DeviceError:
            self.status = None
            self._failed(self._retry_status, now_ns, RadioFault.NO_STATUS)
            return
        self._retry_status.succeeded()
        self.status = status
        self._room_bytes = max(self._room_bytes, status.tx_free_bytes)
        self._credit_bytes = float(min(self.budget(now_ns), status.tx_free_bytes))
        self._report_recovery()

    def _keep_powered(self) -> None:
        """The receiver is the rover's only ear: its load is never off for long, whoever switched it."""
        switch = self.config.switch
        if self._loads.is_on(switch):
            self._reported_off = False
            return
        self._loads.request(switch, True)
        self._refresh_rx_ns = 0  # a radio that lost power has forgotten its settings
        if not self._reported_off:
            self._reported_off = True
            self._events.emit(area.RECEIVER_OFF, area.WhichRadio(radio=self.name))

    def key(self, now_ns: int, rate_bit_s: float) -> None:
        """Transmitter on at `rate_bit_s`, or off for 0; cheap when nothing changes."""
        if rate_bit_s == self.rate_bit_s and (now_ns < self._refresh_tx_ns if rate_bit_s else self._known_off):
            return
        if rate_bit_s != self.rate_bit_s:
            self._credit_bytes, self._credit_ns = 0.0, now_ns
        self.rate_bit_s = rate_bit_s
        if rate_bit_s == 0.0 and self.status is None:  # it does not listen, and goes off by its own hold time
            self._known_off = False
            return
        try:
            self.radio.set_transmitter(rate_bit_s > 0.0, rate_bit_s, TX_HOLD_NS)
        except DeviceError:
            self.rate_bit_s, self._known_off = 0.0, False
            if rate_bit_s:
                self._failed(self._retry_transmitter, now_ns, RadioFault.NO_TRANSMITTER)
            return
        self._known_off = rate_bit_s == 0.0
        self._refresh_tx_ns = now_ns + TX_REFRESH_NS

    def make_safe(self) -> None:
        """Transmitter off, receiver on.  The one method that raises `DeviceError`."""
        self.rate_bit_s, self._known_off = 0.0, False
        self.radio.make_safe()

    def budget(self, now_ns: int) -> int:
        """Bytes it may be given now."""
        rate_byte_s = self.rate_bit_s / 8.0
        most = max(LEAST_CREDIT_BYTES, rate_byte_s * CREDIT_S)
        grown = self._credit_bytes + rate_byte_s * (now_ns - self._credit_ns) / NS_PER_S
        self._credit_bytes, self._credit_ns = min(most, grown), now_ns
        return max(0, int(self._credit_bytes))

    def spent(self, byte_count: int) -> None:
        """Bytes were taken by the radio, so its transmitter works."""
        self._credit_bytes -= byte_count
        if self._retry_transmitter.failures:
            self._retry_transmitter.succeeded()
            self._report_recovery()

    def send_failed(self, now_ns: int) -> None:
        """The radio would not take a frame."""
        self._failed(self._retry_transmitter, now_ns, RadioFault.NO_SEND)

    def send(self, now_ns: int, frame: bytes) -> bool:
        """Send one frame past the credit (the beacon); whether the radio took it."""
        try:
            taken = self.radio.send(frame)
        except DeviceError:
            self.send_failed(now_ns)
            return False
        self.spent(taken)
        return taken == len(frame)

    def _failed(self, retry: Backoff, now_ns: int, fault: RadioFault) -> None:
        retry.failed(now_ns)
        if not self._reported_fault:
            self._reported_fault = True
            self._events.emit(area.RADIO_FAULT, area.RadioTrouble(radio=self.name, fault=fault))

    def _report_recovery(self) -> None:
        if self._reported_fault and not self.failing:
            self._reported_fault = False
            self._events.emit(area.RADIO_RECOVERED, area.WhichRadio(radio=self.name))
