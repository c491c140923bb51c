"""What lies between two antennas: whether they see each other, how long bytes take, which bits arrive wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim_hal.noise import Noise


@dataclass(frozen=True, kw_only=True)
class RadioSpec:
    """One radio and its ground end."""

    name: str
    downlink_bit_s: tuple[float, ...]
    uplink_bit_s: float
    tx_buffer_bytes: int
    rx_fifo_bytes: int
    ground_delay_ns: int
    """Between the far antenna and mission control, one way."""
    bit_error_rate: float
    rssi_dbm: float
    transmit_w: float
    """Taken from the bus besides the receiver, which is the radio's load switch."""


RELAY = RadioSpec(
    name="relay",
    downlink_bit_s=(700.0, 140_000.0, 285_000.0),  # Zhang 2021: the return rates of Queqiao for Yutu-2
    uplink_bit_s=1_000.0,
    tx_buffer_bytes=32_768,
    rx_fifo_bytes=65_536,
    ground_delay_ns=1_000_000_000,
    bit_error_rate=1e-6,  # after coding
    rssi_dbm=-112.0,
    transmit_w=15.0,
)

LOCAL = RadioSpec(
    name="local",
    downlink_bit_s=(1_000_000.0,),
    uplink_bit_s=1_000_000.0,
    tx_buffer_bytes=131_072,
    rx_fifo_bytes=65_536,
    ground_delay_ns=5_000_000,
    bit_error_rate=1e-8,
    rssi_dbm=-71.0,
    transmit_w=4.0,
)


class Channel:
    """The path of one radio; the world writes `visible` and `light_ns`, scenarios open gaps, faults raise errors."""

    __slots__ = ("_bits_to_error", "_noise", "bit_error_rate", "gaps", "light_ns", "visible")

    def __init__(self, noise: Noise, bit_error_rate: float) -> None:
        self._noise = noise
        self.visible = True
        self.gaps = 0
        """How many outages are in force now."""
        self.light_ns = 0
        self.bit_error_rate = bit_error_rate
        self._bits_to_error = self._draw()

    @property
    def is_open(self) -> bool:
        """Whether a carrier gets through now."""
        return self.visible and self.gaps == 0

    def set_bit_error_rate(self, rate: float) -> None:
        """Wrong bits at another rate from now on, 0 to below 1; the distance to the next one is drawn anew."""
        self.bit_error_rate = rate
        self._bits_to_error = self._draw()

    def corrupt(self, data: bytes) -> bytes:
        """`data` as it arrives, single bits flipped at the channel's rate."""
        bits = len(data) * 8
        if bits <= self._bits_to_error:
            self._bits_to_error -= bits
            return data
        damaged = bytearray(data)
        position = self._bits_to_error
        while position < bits:
            damaged[position >> 3] ^= 0x80 >> (position & 7)
            position += 1 + self._draw()
        self._bits_to_error = position - bits
        return bytes(damaged)

    def _draw(self) -> int:
        """Good bits before the next wrong one: geometric, so an error-free path costs nothing."""
        rate = self.bit_error_rate
        if rate <= 0.0:
            return 1 << 62
        return int(math.log(1.0 - self._noise.uniform()) / math.log1p(-rate))
