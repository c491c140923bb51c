"""Radio links: rate, delay, windows, gaps, bit errors, and the receive buffer's end."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from hal.api.clock import NS_PER_S
from sim_hal.channel import LOCAL, RELAY, Channel, RadioSpec
from sim_hal.clock import SimClock
from sim_hal.link import Link
from sim_hal.noise import Noise


class Ends:
    """A link with what its ground end received."""

    def __init__(self, spec: RadioSpec, bit_error_rate: float = 0.0) -> None:
        self.clock = SimClock()
        self.channel = Channel(Noise(1, "channel"), bit_error_rate)
        self.powered = True
        self.link = Link(self.clock, spec, self.channel, lambda name: self.powered)
        self.link.computer_listens = True
        self.ground: list[tuple[int, bytes]] = []
        self.link.on_downlink(lambda time_ns, data: self.ground.append((time_ns, data)))

    def transmit(self, rate_bit_s: float, hold_s: float = 60.0) -> None:
        self.link.held_rate.set(rate_bit_s, self.clock.now_ns(), int(hold_s * NS_PER_S))
        self.link.pump()

    def heard(self) -> bytes:
        return b"".join(data for _, data in self.ground)


def test_downlink_arrives_behind_its_last_bit_and_the_light_time() -> None:
    """1,000 bytes at 140 kbit/s take 57 ms, then 1.3 s of light and a second on the ground."""
    ends = Ends(RELAY)
    ends.channel.light_ns = 1_300_000_000
    ends.transmit(140_000.0)
    ends.link.queue(bytes(1000))
    ends.clock.sleep_until_ns(10 * NS_PER_S)

    (arrival,) = ends.ground
    assert arrival[0] == pytest.approx(8000 / 140_000 * 1e9 + 2.3e9, abs=2)


@given(st.lists(st.binary(min_size=1, max_size=900), max_size=30), st.sampled_from(RELAY.downlink_bit_s))
def test_downlink_keeps_order_and_never_beats_its_rate(chunks: list[bytes], rate: float) -> None:
    """Whatever is queued comes out in order, and no faster than the rate allows."""
    ends = Ends(RELAY)
    ends.transmit(rate, 60.0)
    sent = b""
    for chunk in chunks:
        sent += chunk[: ends.link.queue(chunk)]
    for _ in range(40):
        ends.transmit(rate, 60.0)
        ends.clock.sleep_until_ns(ends.clock.now_ns() + 10 * NS_PER_S)
    delay_ns = RELAY.ground_delay_ns
    total = 0
    for time_ns, data in ends.ground:
        total += len(data)
        assert time_ns - delay_ns >= total * 8 / rate * 1e9 - len(ends.ground) - 1

    assert ends.heard() == sent[: len(ends.heard())]
    assert len(ends.heard()) >= min(len(sent), int(395 * rate / 8))


def test_nothing_is_sent_without_a_transmitter_and_all_of_it_afterwards() -> None:
    """A full buffer takes no more and waits for the transmitter."""
    ends = Ends(LOCAL)
    assert ends.link.queue(bytes(LOCAL.tx_buffer_bytes + 10)) == LOCAL.tx_buffer_bytes
    ends.clock.sleep_until_ns(NS_PER_S)
    assert ends.ground == []
    assert ends.link.tx_free_bytes == 0

    ends.transmit(1e6)
    ends.clock.sleep_until_ns(10 * NS_PER_S)
    assert len(ends.heard()) == LOCAL.tx_buffer_bytes


def test_a_transmitter_not_refreshed_falls_silent() -> None:
    """The hold time of the transmitter ends its transmission, whatever is queued."""
    ends = Ends(RELAY)
    ends.transmit(700.0, hold_s=1.0)
    ends.link.queue(bytes(1000))
    ends.clock.sleep_until_ns(60 * NS_PER_S)
    assert len(ends.heard()) <= 700 / 8 + 64


def test_bytes_sent_into_a_gap_are_lost() -> None:
    """No carrier, no bytes; the transmitter cannot know."""
    ends = Ends(LOCAL)
    ends.transmit(1e6)
    ends.channel.gaps = 1
    ends.link.queue(b"lost")
    ends.clock.sleep_until_ns(NS_PER_S)
    ends.channel.gaps = 0
    ends.link.queue(b"kept")
    ends.clock.sleep_until_ns(2 * NS_PER_S)

    assert ends.heard() == b"kept"
    assert ends.link.lost_down_bytes == 4


def test_uplink_overflow_is_dropped_and_counted() -> None:
    """A receive buffer of 64 kB holds the first 64 kB; every byte of the rest is counted."""
    ends = Ends(LOCAL)
    flood = bytes(range(256)) * 1000
    ends.link.uplink(flood)
    ends.clock.sleep_until_ns(10 * NS_PER_S)

    assert bytes(ends.link.rx) == flood[: LOCAL.rx_fifo_bytes]
    assert ends.link.rx_overflow_bytes == len(flood) - LOCAL.rx_fifo_bytes


def test_uplink_takes_its_time_on_the_relay() -> None:
    """A command of 30 bytes at 1 kbit/s is 240 ms on the air."""
    ends = Ends(RELAY)
    ends.channel.light_ns = 1_300_000_000
    ends.link.uplink(bytes(30))
    ends.clock.sleep_until_ns(2_539_999_999)
    assert not ends.link.rx
    ends.clock.sleep_until_ns(2_540_000_000)
    assert len(ends.link.rx) == 30


def test_uplink_reaches_nobody_without_receiver_or_carrier() -> None:
    """An unpowered receiver and a hidden antenna hear nothing."""
    ends = Ends(LOCAL)
    ends.powered = False
    ends.link.uplink(b"abc")
    ends.clock.sleep_until_ns(NS_PER_S)
    ends.powered = True
    ends.channel.visible = False
    ends.link.uplink(b"defg")
    ends.clock.sleep_until_ns(2 * NS_PER_S)

    assert not ends.link.rx
    assert ends.link.lost_up_bytes == 7


def test_a_dead_computer_sends_nothing_more() -> None:
    """Bytes still in the buffer when the power goes never leave, and the next life's bytes are its own."""
    ends = Ends(RELAY)
    ends.transmit(140_000.0)
    ends.link.queue(b"old" * 500)
    ends.clock.sleep_until_ns(1_000_000)
    ends.link.power_off()
    ends.transmit(140_000.0)
    ends.link.queue(b"new")
    ends.clock.sleep_until_ns(10 * NS_PER_S)
    assert ends.heard() == b"new"


@given(st.sampled_from([1e-3, 1e-2]), st.integers(1, 5))
def test_bit_errors_come_at_their_rate(rate: float, seed: int) -> None:
    """Over many bits the share of wrong ones is the channel's rate, however the bytes are cut up."""
    channel = Channel(Noise(seed, "x"), rate)
    wrong = 0
    total = 400_000
    for _ in range(total // 800):
        wrong += sum(byte.bit_count() for byte in channel.corrupt(bytes(100)))
    assert wrong == pytest.approx(total * rate, rel=0.25)


def test_an_error_free_channel_changes_nothing() -> None:
    """Rate zero is exact."""
    channel = Channel(Noise(1, "x"), 0.0)
    data = bytes(range(256))
    assert all(channel.corrupt(data) == data for _ in range(1000))
