"""One radio link with both its ends: queues, rates, delay, and the rover's receive buffer.

A transmission is one timed chunk, not single bytes: everything queued when the line falls free, up to a tenth of a
second of it, travels together and arrives behind its last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from hal.api.clock import NS_PER_S
from hal.api.hold import Held
from sim_hal.channel import Channel, RadioSpec
from sim_hal.clock import Rank, SimClock, Timer
from sim_hal.demand import Demand
from sim_hal.faults.air import Air
from sim_hal.noise import Noise

MAX_TRANSMITTER_HOLD_NS = 60 * NS_PER_S
_CHUNK_S = 0.1
_MIN_CHUNK_BYTES = 64

Received = Callable[[int, bytes], None]
Sent = Callable[[bytes], None]


class Modem(Protocol):
    """A modem between the link and the computer, with buffers and a transmitter of its own."""

    @property
    def transmitting(self) -> bool:
        """Whether it is on the air now."""
        ...

    def take(self, data: bytes) -> None:
        """Bytes that its receiver heard."""
        ...


def _chunk_bytes(rate_bit_s: float) -> int:
    return max(_MIN_CHUNK_BYTES, int(rate_bit_s * _CHUNK_S / 8))


class Link:
    """The lasting part of a radio: what is on the air and in buffers; flight holds a `RadioFrontEnd`."""

    def __init__(
        self,
        clock: SimClock,
        spec: RadioSpec,
        channel: Channel,
        listening: Callable[[str], bool],
        noise: Callable[[str], Noise] = lambda way: Noise(0, f"air_{way}"),
    ) -> None:
        """`listening(name)`: is the rover's receiver on; `noise` of "up" or "down": dice of faults on the way."""
        self._clock = clock
        self.spec = spec
        self.channel = channel
        self._listening = listening
        self.receiver_on = True
        self.held_rate = Held(0.0, MAX_TRANSMITTER_HOLD_NS)
        self.rate: Demand[float] = self.held_rate
        """Transmitter rate, bit/s; 0 is off."""
        self.modem: Modem | None = None
        """Who takes received bytes in place of the receive buffer."""
        self.rx = bytearray()
        self.rx_overflow_bytes = 0
        self.lost_up_bytes = 0
        """Uplink bytes that reached nobody."""
        self.lost_down_bytes = 0
        self.computer_listens = False
        """False while the flight computer is off: bytes are noticed, not kept."""
        self.up_air, self.down_air = Air(noise("up")), Air(noise("down"))
        """What faults do to each direction."""
        self.fade_db = 0.0
        """Signal that the rover misses."""
        self.overheard: list[Sent] = []
        """Told of every uplink chunk as it leaves the ground's antenna."""
        self._noticed: list[Callable[[], None]] = []
        self._on_downlink: list[Received] = []
        self._on_sent: list[Sent] = []
        self._up = bytearray()
        self._up_busy = False
        self._down = bytearray()
        self._on_air: Timer | None = None

    # The ground end.

    def uplink(self, data: bytes) -> None:
        """Transmit from the ground, after whatever is still queued there."""
        self._up += data
        if not self._up_busy:
            self._uplink_chunk()

    @property
    def uplink_queued_bytes(self) -> int:
        """What the ground transmitter has not sent yet; a live front end stops reading its clients on it."""
        return len(self._up)

    def on_downlink(self, callback: Received) -> None:
        """Give every received chunk to `callback(time_ns, bytes)`, at the ground's time of reception."""
        self._on_downlink.append(callback)

    def on_sent(self, callback: Sent) -> None:
        """Give every byte that flight hands to the radio to `callback`, as sent, before the channel."""
        self._on_sent.append(callback)

    def on_noticed(self, callback: Callable[[], None]) -> None:
        """Call back when uplink bytes reach a receiver whose computer is off."""
        self._noticed.append(callback)

    # The rover's end, for the front end and the world.

    @property
    def tx_free_bytes(self) -> int:
        """Room in the transmit buffer."""
        return self.spec.tx_buffer_bytes - len(self._down)

    def transmitting(self, now_ns: int) -> bool:
        """Whether the transmitter is on."""
        return self.rate.at(now_ns) > 0.0 if self.modem is None else self.modem.transmitting

    def locked(self) -> bool:
        """Whether the rover hears a carrier now."""
        return self.channel.is_open and not self.up_air.dead and self._listening(self.spec.name)

    @property
    def rssi_dbm(self) -> float:
        """Strength of the carrier that the rover receives while it is locked."""
        return self.spec.rssi_dbm - self.fade_db

    def queue(self, data: bytes) -> int:
        """Take what fits into the transmit buffer."""
        taken = data[: self.tx_free_bytes]
        if taken:
            self._down += taken
            for callback in self._on_sent:
                callback(taken)
            self.pump()
        return len(taken)

    def pump(self) -> None:
        """Begin to transmit if there is something to send, a transmitter, and nothing on the air."""
        rate = self.rate.at(self._clock.now_ns())
        if self._on_air is not None or not self._down or rate <= 0.0:
            return
        size = min(len(self._down), _chunk_bytes(rate))
        end_ns = self._clock.now_ns() + int(size * 8 * NS_PER_S / rate)
        self._on_air = self._clock.at(end_ns, Rank.BYTES, lambda: self._downlink_done(size))

    def power_off(self) -> None:
        """The computer is gone: transmitter off, buffers empty, receiver on as is its safe value."""
        self.rate.release()
        self.receiver_on = True
        self.rx.clear()
        self._down.clear()
        if self._on_air is not None:
            self._on_air.cancel()
            self._on_air = None

    # On the air.

    def _downlink_done(self, size: int) -> None:
        """The last bit of a chunk left the antenna."""
        self._on_air = None
        chunk = bytes(self._down[:size])
        del self._down[:size]
        now_ns = self._clock.now_ns()
        rate = self.rate.at(now_ns - 1)
        if chunk and rate > 0.0 and self.channel.is_open and self.down_air.carries(rate):
            arrival_ns = now_ns + self._delay_ns()
            for late_ns in self.down_air.arrivals():
                self._clock.at(arrival_ns + late_ns, Rank.BYTES, lambda: self._downlink_arrives(chunk))
        else:
            self.lost_down_bytes += len(chunk)
        self.pump()

    def _downlink_arrives(self, chunk: bytes) -> None:
        self.ground_hears(self.channel.corrupt(self.down_air.thinned(chunk)))

    def ground_hears(self, data: bytes) -> None:
        """Bytes at the ground's receiver, whoever sent them."""
        now_ns = self._clock.now_ns()
        for callback in self._on_downlink:
            callback(now_ns, data)

    def _uplink_chunk(self) -> None:
        """Put the next chunk on the air, or fall idle."""
        self._up_busy = bool(self._up)
        if not self._up:
            return
        rate = self.spec.uplink_bit_s
        size = min(len(self._up), _chunk_bytes(rate))
        chunk = bytes(self._up[:size])
        del self._up[:size]
        end_ns = self._clock.now_ns() + int(size * 8 * NS_PER_S / rate)
        for late_ns in self.up_air.arrivals():
            self._clock.at(end_ns + self._delay_ns() + late_ns, Rank.BYTES, lambda: self._uplink_arrives(chunk))
        for callback in self.overheard:
            callback(chunk)
        self._clock.at(end_ns, Rank.BYTES, self._uplink_chunk)

    def _uplink_arrives(self, chunk: bytes) -> None:
        if not self.locked():
            self.lost_up_bytes += len(chunk)
            return
        self._received(self.channel.corrupt(self.up_air.thinned(chunk)))

    def rover_hears(self, data: bytes) -> None:
        """Bytes from somebody near, who needs no line of sight to the ground: a foreign transmitter, or noise."""
        if self._listening(self.spec.name):
            self._received(data)

    def _received(self, data: bytes) -> None:
        if not self.computer_listens:
            self.lost_up_bytes += len(data)
            for callback in self._noticed:
                callback()
            return
        if self.modem is not None:
            self.modem.take(data)
            return
        room = self.spec.rx_fifo_bytes - len(self.rx)
        self.rx += data[:room]
        self.rx_overflow_bytes += max(0, len(data) - room)

    def _delay_ns(self) -> int:
        return self.channel.light_ns + self.spec.ground_delay_ns
