"""SiK emulator: pipe, buffers, rate, command mode as the firmware has it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings, strategies as st

from sim_hal.emulators.sik import SikModem
from tests.wire_bench import WireBench


class Host:
    """The computer's end of the line."""

    def __init__(self) -> None:
        self.bench = WireBench()
        self.air = bytearray()
        self.modem = SikModem(self.bench.clock, self.air.extend)
        self.line, self.port = self.bench.serial(self.modem, 57_600)
        self.bench.pass_s(1.5)

    def say(self, data: bytes, wait_s: float = 0.2) -> bytes:
        self.port.write(data)
        self.bench.pass_s(wait_s)
        return self.port.read(4096, 0)

    def enter(self) -> None:
        assert self.say(b"+++", 1.2) == b"OK\r\n"


@pytest.fixture
def host() -> Host:
    return Host()


def test_a_pipe_at_the_rate_of_the_air(host: Host) -> None:
    """500 bytes take half a second on the air at 8 kbit/s, however fast the wire brings them."""
    host.modem.commands.stored[2] = 8
    host.port.write(bytes(500))
    host.bench.pass_s(0.4)
    assert 0 < len(host.air) <= 400
    host.bench.pass_s(0.3)
    assert len(host.air) == 500


def test_a_buffer_that_is_full_loses(host: Host) -> None:
    """Both ways 2 kB, counted."""
    host.modem.commands.stored[2] = 2
    host.port.write(bytes(4000))
    host.bench.pass_s(1.0)
    down = host.modem.lost_bytes
    assert 1000 < down < 2000
    host.modem.from_air(bytes(3000))
    assert host.modem.lost_bytes - down == 3000 - 2048


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (b"ATI\r", b"ATI\r\nSiK 2.2 on HM-TRP\r\n"),
        (b"at\r", b"AT\r\nOK\r\n"),
        (b"ATS3?\r", b"ATS3?\r\n25\r\n"),
        (b"ATS3=7\r", b"ATS3=7\r\nOK\r\n"),
        (b"ATS0=1\r", b"ATS0=1\r\nERROR\r\n"),
        (b"ATS99?\r", b"ATS99?\r\nERROR\r\n"),
        (b"ATX\r", b"ATX\r\nERROR\r\n"),
        (b"hm\r", b"HM\r\n"),
    ],
)
def test_commands_are_echoed_and_answered(host: Host, command: bytes, answer: bytes) -> None:
    """Lines end with CR LF."""
    host.enter()
    assert host.say(command) == answer


def test_the_list_and_the_signal_report(host: Host) -> None:
    """ATI5 has every setting, ATI7 raw strengths: (dBm + 127) x 1.9."""
    host.enter()
    assert b"S2:AIR_SPEED=64\r\n" in host.say(b"ATI5\r")
    host.modem.rssi_dbm = -27.0
    assert b"L/R RSSI: 190/190" in host.say(b"ATI7\r")


def test_settings_live_after_a_save_only(host: Host) -> None:
    """ATZ brings back what was stored."""
    host.enter()
    host.say(b"ATS2=24\r")
    host.say(b"ATZ\r", 1.5)
    assert host.modem.commands.air_bit_s == 64_000
    host.enter()
    host.say(b"ATS2=24\r")
    host.say(b"AT&W\r")
    host.say(b"ATZ\r", 1.5)
    assert host.modem.commands.air_bit_s == 24_000


def test_the_escape_needs_silence_on_both_sides(host: Host) -> None:
    """And nothing but plus signs between."""
    assert host.say(b"a+++", 1.5) == b""
    host.say(b"x", 0.5)
    assert host.say(b"+++", 1.5) == b""
    host.say(b"+++", 0.8)
    assert host.say(b"y", 1.5) == b""
    assert not host.modem.in_command_mode
    assert host.say(b"++", 0.4) == b""
    assert host.say(b"+", 1.2) == b"OK\r\n"


def test_command_mode_is_deaf_and_left_by_ato_or_by_garbage(host: Host) -> None:
    """ATO answers nothing but its echo; more than 16 characters are no command."""
    host.enter()
    host.modem.from_air(b"lost")
    assert host.say(b"ATO\r") == b"ATO\r\n"
    host.modem.from_air(b"heard")
    assert host.say(b"", 0.1) == b"heard"
    host.bench.pass_s(1.2)
    host.enter()
    host.say(b"a frame that is longer than a command")
    assert not host.modem.in_command_mode


def test_power_off_loses_what_is_under_way(host: Host) -> None:
    """Silent until it has booted."""
    host.say(bytes(500), 0.001)
    host.modem.power(False, host.bench.plug.now_ns())
    host.bench.pass_s(1.0)
    assert len(host.air) < 500
    gone = len(host.air)
    host.modem.power(True, host.bench.plug.now_ns())
    host.say(b"too early", 0.01)
    host.bench.pass_s(0.5)
    host.say(b"now")
    assert bytes(host.air[gone:]) == b"now"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.binary(min_size=1, max_size=30), st.floats(0.0, 1.5)), max_size=10))
def test_noise_leaves_a_pipe_that_recovers(pieces: list[tuple[bytes, float]]) -> None:
    """After any bytes, a long line of text brings the pipe back."""
    host = Host()
    for data, pause_s in pieces:
        host.say(data, pause_s)
    host.bench.pass_s(1.0)
    host.say(b"." * 40, 1.0)
    del host.air[:]
    host.say(b"frame", 0.5)
    assert bytes(host.air) == b"frame"
