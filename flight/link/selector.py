"""Which radio carries the downlink, and at which rate."""

from __future__ import annotations

from flight.context import EventSink
from flight.link.ground import GroundChoices
from flight.link.rates import choose_rate
from flight.link.transceiver import Transceiver
from telemetry_defs.areas import comms as area
from telemetry_defs.areas.comms import CommsTarget, RadioChoice


class DownlinkSelector:
    """Ground's choice while that link is open, else the local link, else the relay, else none.

    A link is open while its carrier is received; the relay's also inside a window that ground announced.
    """

    def __init__(self, relay: Transceiver, local: Transceiver, ground: GroundChoices, events: EventSink) -> None:
        self._relay = relay
        self._local = local
        self._ground = ground
        self._events = events
        self.chosen: Transceiver | None = None
        self.rate_bit_s = 0.0

    def choose(self, now_ns: int, target: CommsTarget, in_window: bool) -> None:
        """Choose anew; a change is an event."""
        chosen = self._open_link(now_ns, in_window)
        rate_bit_s = 0.0 if chosen is None else self._rate(chosen, target)
        if chosen is not self.chosen or rate_bit_s != self.rate_bit_s:
            self.chosen, self.rate_bit_s = chosen, rate_bit_s
            name = None if chosen is None else chosen.name
            self._events.emit(area.DOWNLINK_MOVED, area.DownlinkMoved(radio=name, rate_bit_s=rate_bit_s))

    def _open_link(self, now_ns: int, in_window: bool) -> Transceiver | None:
        relay_open = self._relay.usable(now_ns) and (self._relay.locked or in_window)
        local_open = self._local.usable(now_ns) and self._local.locked
        if local_open and not (relay_open and self._ground.radio is RadioChoice.RELAY):
            return self._local
        return self._relay if relay_open else None

    def _rate(self, chosen: Transceiver, target: CommsTarget) -> float:
        status = chosen.status
        rssi_dbm = status.rssi_dbm if status is not None and status.locked else None
        now_bit_s = self.rate_bit_s if chosen is self.chosen else 0.0
        return choose_rate(chosen.config, target, self._ground.rates[chosen.name], rssi_dbm, now_bit_s)
