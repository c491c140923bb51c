"""BNO055 emulator, byte by byte: protocol, statuses, modes and their times, and that nothing upsets it for good."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings, strategies as st

from hal.api.clock import NS_PER_MS
from sim_hal.emulators.bno055 import Bno055Chip
from tests.hal.drivers.bno055_rig import Truth
from tests.wire_bench import WireBench


class Host:
    """Speaks to the chip as a careful host does, or not."""

    def __init__(self) -> None:
        self.bench = WireBench()
        self.truth = Truth()
        self.chip = Bno055Chip(self.truth)
        self.line, self.port = self.bench.serial(self.chip)

    def ask(self, text: str, pause_ms: float = 2.5, wait_ms: float = 10.0) -> str:
        """Send two bytes at a time; what comes back, as hex."""
        request = bytes.fromhex(text)
        for start in range(0, len(request), 2):
            self.port.write(request[start : start + 2])
            self.bench.pass_s(2 * self.port.byte_ns / 1e9 + pause_ms / 1e3)
        return self.port.read(200, self.bench.plug.now_ns() + round(wait_ms * NS_PER_MS)).hex()

    def run(self) -> None:
        """Our units, IMU mode."""
        assert self.ask("aa003b0102") == "ee01"
        assert self.ask("aa003d0108") == "ee01"
        self.bench.pass_s(0.02)


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.mark.parametrize(
    ("request_hex", "reply_hex"),
    [
        ("aa010001", "bb01a0"),
        ("aa010004", "bb04a0fb320f"),
        ("aa010701", "bb0100"),
        ("aa014102", "bb022400"),
        ("aa003b0102", "ee01"),
        ("ab", "ee06"),
        ("aa02", "ee06"),
        ("aa010000", "ee09"),
        ("aa010081", "ee08"),
        ("aa017f02", "ee04"),
        ("aa00000101", "ee03"),
        ("aa003d010f", "ee03"),
        ("aa003f0120", ""),
    ],
)
def test_requests_and_their_answers(host: Host, request_hex: str, reply_hex: str) -> None:
    """Frames of data sheet 4.7, each status for its own reason."""
    assert host.ask(request_hex) == reply_hex


def test_fusion_runs_seven_ms_after_the_mode(host: Host) -> None:
    """Meanwhile the chip is silent; then data in our units, status 5."""
    host.ask("aa003b0102")
    assert host.ask("aa003d0108", wait_ms=1.5) == "ee01"
    assert host.ask("aa013901", wait_ms=1.0) == ""
    host.bench.pass_s(0.04)
    assert host.ask("aa013902") == "bb020500"
    data = bytes.fromhex(host.ask("aa010820"))
    values = struct.unpack("<16h", data[2:])
    assert [value / 100.0 for value in values[:3]] == pytest.approx(host.truth.accel, abs=0.03)
    assert values[3:6] == (0, 0, 0)
    assert [value / 900.0 for value in values[6:9]] == pytest.approx(host.truth.gyro, abs=0.004)
    assert values[12:] == (16384, 0, 0, 0)


def test_units_follow_the_unit_register(host: Host) -> None:
    """Milli g and degrees a second, as after a reset of half the data sheet's tables."""
    host.ask("aa003b0101")
    host.ask("aa003d0108")
    host.bench.pass_s(0.02)
    values = struct.unpack("<16h", bytes.fromhex(host.ask("aa010820"))[2:])
    assert values[2] == pytest.approx(1.5 / 9.80665e-3, abs=3)
    assert values[8] == pytest.approx(0.3 * 57.2958 * 16, abs=3)


def test_samples_change_a_hundred_times_a_second(host: Host) -> None:
    """Two reads within one period are the same, in the next they differ."""
    host.run()
    chip = host.chip.registers
    now_ns = 1_000 * 10 * NS_PER_MS
    first = chip.read(0x08, 32, now_ns)
    assert chip.read(0x08, 32, now_ns + 9 * NS_PER_MS) == first
    assert chip.read(0x08, 32, now_ns + 10 * NS_PER_MS) != first


def test_configuration_is_closed_while_fusion_runs(host: Host) -> None:
    """Units cannot be changed under way; another mode only by way of CONFIG, which takes 19 ms."""
    host.run()
    assert host.ask("aa003b0100") == "ee05"
    assert host.ask("aa003d010c") == "ee03"
    assert host.ask("aa003d0100", wait_ms=1.5) == "ee01"
    assert host.ask("aa013d01", wait_ms=5.0) == ""
    host.bench.pass_s(0.05)
    assert host.ask("aa013d01") == "bb0100"


def test_three_bytes_at_once_overrun_it(host: Host) -> None:
    """EE 07, then deaf for 200 ms; slow enough it is fine again."""
    host.port.write(bytes.fromhex("aa010001"))
    host.bench.pass_s(0.005)
    assert host.port.read(10, host.bench.plug.now_ns()) == b"\xee\x07"
    assert host.ask("aa010001") == ""
    host.bench.pass_s(0.2)
    assert host.ask("aa010001") == "bb01a0"
    assert host.ask("aa010001", pause_ms=0.5) == "ee07"


def test_half_a_request_is_forgotten_after_30_ms(host: Host) -> None:
    """The rest of it is then a wrong start."""
    host.port.write(b"\xaa\x01")
    host.bench.pass_s(0.035)
    assert host.ask("aa010001") == "bb01a0"


def test_reset_and_power_take_650_ms_of_silence(host: Host) -> None:
    """And everything is as before the set-up."""
    host.run()
    host.ask("aa003f0120")
    host.bench.pass_s(0.55)
    assert host.ask("aa010001") == ""
    host.bench.pass_s(0.15)
    assert host.ask("aa013d01") == "bb0100"
    host.chip.power(False, host.bench.plug.now_ns())
    assert host.ask("aa010001") == ""
    host.chip.power(True, host.bench.plug.now_ns())
    host.bench.pass_s(0.5)
    assert host.ask("aa010001") == ""
    host.bench.pass_s(0.2)
    assert host.ask("aa010001") == "bb01a0"


def test_heading_turns_clockwise(host: Host) -> None:
    """A quarter turn to the left is a heading of 270 degrees."""
    host.truth.attitude = (0.5**0.5, 0.0, 0.0, 0.5**0.5)
    host.run()
    values = struct.unpack("<16h", bytes.fromhex(host.ask("aa010820"))[2:])
    assert values[9] == pytest.approx(270 * 16, abs=2)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.binary(min_size=1, max_size=6), st.floats(0.0, 0.05)), max_size=12))
def test_noise_never_upsets_it_for_good(pieces: list[tuple[bytes, float]]) -> None:
    """After any bytes at any pace it answers a careful host within two seconds."""
    host = Host()
    for data, pause_s in pieces:
        host.port.write(data)
        host.bench.pass_s(pause_s)
    host.bench.pass_s(1.0)
    host.port.drop_input()
    host.ask("aa00070100")
    assert host.ask("aa010001") == "bb01a0"


def test_a_motion_beyond_the_range_stops_at_its_end(host: Host) -> None:
    """As a converter does."""
    host.truth.gyro = (100.0, 0.0, -100.0)
    host.run()
    values = struct.unpack("<16h", bytes.fromhex(host.ask("aa010820"))[2:])
    assert (values[6], values[8]) == (32767, -32768)
