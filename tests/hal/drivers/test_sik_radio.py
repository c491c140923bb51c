"""SiK driver on its emulator: a pipe that is never overfed, never falls into command mode by itself, fails honestly."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from hal.api.clock import NS_PER_MS
from hal.api.errors import BadReading, DeviceTimeout, NotReady
from hal.drivers.sik_probe import ModemReport
from tests.hal.drivers.sik_rig import RadioRig


@pytest.fixture
def rig() -> RadioRig:
    return RadioRig()


def test_bytes_pass_in_order_both_ways(rig: RadioRig) -> None:
    """What is sent leaves the antenna, what comes in is received, while the transmitter is on."""
    rig.transmit()
    data = bytes(range(256)) * 8
    assert rig.radio.send(data) == len(data)
    rig.modem.from_air(b"hello ")
    rig.run(1.0)
    rig.modem.from_air(b"rover")
    rig.run(0.5)
    assert bytes(rig.air) == data
    assert bytes(rig.received) == b"hello rover"
    assert rig.modem.lost_bytes == 0


def test_nothing_reaches_the_modem_while_the_transmitter_is_off(rig: RadioRig) -> None:
    """The gate is in the driver; what waits goes out once it opens, and stops when its hold is over."""
    rig.radio.send(b"x" * 12_000)
    rig.run(2.0)
    assert not rig.air
    rig.transmit(hold_s=1.0)
    rig.run(3.0)
    sent = len(rig.air)
    assert 4_000 < sent < 9_000
    assert rig.radio.status().tx_rate_bit_s == 0.0
    assert rig.radio.status().tx_free_bytes == 24_576 - 12_000 + sent


@pytest.mark.parametrize(("rate_bit_s", "baud"), [(64_000.0, 57_600), (24_000.0, 115_200), (4_000.0, 57_600)])
def test_the_modem_s_buffer_stays_short(rate_bit_s: float, baud: int) -> None:
    """Fed at the lesser of both rates, its 2 kB never overflow, and it is never idle."""
    rig = RadioRig(rate_bit_s, baud)
    rig.transmit()
    byte_s = min(rate_bit_s / 8, baud / 10)
    size = round(byte_s * 2.0)
    rig.radio.send(bytes(size))
    rig.run(1.0)
    assert len(rig.air) >= 0.6 * byte_s
    rig.run(2.5)
    assert len(rig.air) == size
    assert rig.modem.lost_bytes == 0


def test_only_its_own_rate_is_a_rate(rig: RadioRig) -> None:
    """Another one is refused and changes nothing."""
    with pytest.raises(BadReading, match="only 64000"):
        rig.radio.set_transmitter(True, 1e6, 1_000)
    assert rig.radio.status().tx_rate_bit_s == 0.0


def test_locked_for_a_while_after_the_last_byte(rig: RadioRig) -> None:
    """A modem does not tell of a carrier: bytes within `lock_s` stand for it."""
    assert not rig.radio.status().locked
    rig.modem.from_air(b"x")
    rig.run(1.0)
    assert rig.radio.status().locked
    assert rig.radio.status().rssi_dbm is None
    rig.run(15.0)
    assert not rig.radio.status().locked


def test_a_receiver_that_is_off_drops_what_comes(rig: RadioRig) -> None:
    """And hears nothing of what came before."""
    rig.modem.from_air(b"before")
    rig.run(0.1)
    rig.radio.set_receiver(False)
    rig.modem.from_air(b"lost")
    rig.run(0.5)
    rig.radio.set_receiver(True)
    rig.received.clear()
    rig.run(0.5)
    assert not rig.received
    assert not rig.radio.status().locked


def test_what_finds_no_room_is_counted(rig: RadioRig) -> None:
    """A receive buffer that nobody empties overflows into a number."""
    for _ in range(340):
        rig.modem.from_air(bytes(200))
        rig.bench.pass_s(0.05)
        rig.radio.status()
    assert rig.radio.status().rx_overflow_bytes == 340 * 200 - 65_536


def test_unpowered_is_not_ready_and_forgets(rig: RadioRig) -> None:
    """Buffers are empty and the transmitter is off when it comes back."""
    rig.transmit()
    rig.radio.send(bytes(10_000))
    rig.power(False)
    for call in (rig.radio.status, lambda: rig.radio.send(b"x"), lambda: rig.radio.receive(1), rig.radio.start_probe):
        with pytest.raises(NotReady, match="unpowered"):
            call()
    rig.radio.make_safe()
    rig.power(True)
    status = rig.radio.status()
    assert (status.tx_free_bytes, status.tx_rate_bit_s) == (24_576, 0.0)


def test_a_lost_port_is_a_timeout_and_keeps_the_queue(rig: RadioRig) -> None:
    """Told by bus name; what was queued goes out afterwards."""
    rig.transmit()
    rig.radio.send(b"first")
    rig.line.unplugged = True
    with pytest.raises(DeviceTimeout, match="radio_uart: unplugged"):
        rig.radio.send(b"refused")
    rig.line.unplugged = False
    rig.radio.send(b"second")
    rig.run(0.5)
    assert bytes(rig.air).endswith(b"second")
    assert b"refused" not in rig.air


def test_a_used_up_budget_only_delays(rig: RadioRig) -> None:
    """What the bus refused in this cycle goes out in the next."""
    rig.transmit()
    rig.bus.read(1, rig.bench.plug.now_ns() + 20 * NS_PER_MS)
    assert rig.radio.send(b"frame") == 5
    rig.bench.pass_s(0.01)
    assert not rig.air
    rig.run(0.3)
    assert bytes(rig.air) == b"frame"


def test_nothing_has_come_is_no_error_whatever_the_budget(rig: RadioRig) -> None:
    """A look costs no time."""
    rig.bus.read(1, rig.bench.plug.now_ns() + 20 * NS_PER_MS)
    assert rig.radio.receive(100) == b""
    assert rig.radio.status().tx_free_bytes == 24_576


# The escape sequence.


@settings(max_examples=60, deadline=None)
@given(
    pieces=st.lists(
        st.tuples(
            st.sampled_from([b"+", b"++", b"+++", b"+++++", b"a+++", b"+++a", b"frame"]),
            st.floats(0.0, 2.5),
            st.booleans(),
        ),
        max_size=8,
    ),
    rate=st.sampled_from([400.0, 64_000.0]),
)
def test_no_data_ever_opens_the_command_mode(pieces: list[tuple[bytes, float, bool]], rate: float) -> None:
    """Whatever is sent, in whatever pauses, with the transmitter going on and off: the modem stays a pipe."""
    rig = RadioRig(rate)
    rig.modem.commands.stored[2] = 64
    sent = b""
    for data, pause_s, on in pieces:
        rig.transmit(on)
        rig.radio.send(data)
        sent += data
        rig.run(pause_s)
        assert not rig.modem.in_command_mode
    rig.transmit()
    rig.radio.send(b".")
    rig.run(4.0)
    assert not rig.modem.in_command_mode
    assert bytes(rig.air) == sent + b"."


def test_a_lone_escape_would_open_it() -> None:
    """The danger is real: the same bytes written past the driver stop the pipe."""
    rig = RadioRig()
    rig.port.write(b"+++")
    rig.bench.pass_s(1.5)
    assert rig.modem.in_command_mode


# The check-out's question.


def probe(rig: RadioRig) -> ModemReport:
    rig.radio.start_probe()
    for _ in range(60):
        rig.run(0.1)
        report = rig.radio.poll_probe()
        if report is not None:
            return report
    raise AssertionError("no end")


def test_a_probe_tells_banner_and_strength_and_gives_the_pipe_back(rig: RadioRig) -> None:
    """Within 4 s; the strength is told for a minute; only "+++" goes on the air, and no echo is taken for ground."""
    rig.modem.rssi_dbm = -81.0
    start_ns = rig.bench.plug.now_ns()
    report = probe(rig)
    assert rig.bench.plug.now_ns() - start_ns < 4e9
    assert report.banner == "SiK 2.2 on HM-TRP"
    assert report.rssi_dbm == pytest.approx(-81.0, abs=0.6)
    assert not rig.modem.in_command_mode
    assert rig.radio.status().rssi_dbm == report.rssi_dbm
    rig.transmit()
    rig.radio.send(b"down")
    rig.modem.from_air(b"up")
    rig.run(1.0)
    assert (bytes(rig.air), bytes(rig.received)) == (b"+++down", b"up")
    rig.run(60.0)
    assert rig.radio.status().rssi_dbm is None


def test_what_is_sent_during_a_probe_waits_for_its_end(rig: RadioRig) -> None:
    """No frame falls into the command mode, none into the guard time."""
    rig.transmit()
    rig.radio.start_probe()
    rig.radio.send(b"frame")
    for _ in range(40):
        rig.run(0.1)
        if rig.radio.poll_probe() is not None:
            break
    rig.run(0.5)
    assert bytes(rig.air) == b"+++frame"


def test_bytes_from_the_ground_before_the_command_mode_are_kept(rig: RadioRig) -> None:
    """The guard times are still a pipe, even for bytes that look like the begin of an answer."""
    rig.radio.start_probe()
    sent, entered = 0, False
    for _ in range(40):
        rig.run(0.1)
        if rig.radio.poll_probe() is not None:
            break
        entered = entered or rig.modem.in_command_mode
        if not entered:
            rig.modem.from_air(b"O")
            sent += 1
    rig.run(0.2)
    assert bytes(rig.received) == b"O" * sent
    assert sent > 10


def test_no_probe_into_traffic(rig: RadioRig) -> None:
    """It would cut it off."""
    rig.transmit()
    rig.radio.send(bytes(5_000))
    with pytest.raises(NotReady, match="busy"):
        rig.radio.start_probe()
    rig.run(2.0)
    rig.radio.start_probe()
    with pytest.raises(NotReady, match="already"):
        rig.radio.start_probe()


def test_a_modem_of_another_kind_costs_a_timeout_and_nothing_else(rig: RadioRig) -> None:
    """No answer to "+++": told as such, and the pipe goes on."""
    rig.line.fault = lambda _data, _delay: []
    with pytest.raises(DeviceTimeout, match="is it a SiK modem"):
        probe(rig)
    rig.line.fault = None
    rig.run(0.1)
    assert not rig.modem.in_command_mode
    rig.modem.from_air(b"up")
    rig.run(0.5)
    assert bytes(rig.received).endswith(b"up")
    with pytest.raises(NotReady, match="not asked"):
        rig.radio.poll_probe()
