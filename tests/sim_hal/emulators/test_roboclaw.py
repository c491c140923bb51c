"""The emulated RoboClaw, byte by byte: golden frames, framing, power, stops, faults, and what it keeps."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, strategies as st

from hal.api.clock import NS_PER_MS, NS_PER_S
from hal.crc import xmodem
from hal.drivers.roboclaw import with_crc
from sim_hal.buses.reply_faults import Only, silence
from sim_hal.emulators.roboclaw import RoboclawBus
from sim_hal.emulators.roboclaw_commands import READS, WRITES
from sim_hal.emulators.roboclaw_motor import FREE_LAG_S, Demand, FreeMotor
from sim_hal.emulators.roboclaw_unit import PIN_FREE, RoboclawUnit

BYTE_NS = 86_805
STOPPED = Demand("duty")
OFF = Demand("off")


class Bench:
    """A line to some units, with a clock of its own."""

    def __init__(self, *units: RoboclawUnit) -> None:
        self.units = units or (RoboclawUnit(0x80),)
        self.unit = self.units[0]
        self.bus = RoboclawBus(self.units)
        self.bus.connect(lambda data, delay_ns: self.replies.append((data, delay_ns)))
        self.replies: list[tuple[bytes, int]] = []
        self.now_ns = NS_PER_S

    def send(self, data: bytes, gap_ns: int = 0) -> bytes:
        """What comes back for these bytes, sent after a pause."""
        self.replies.clear()
        start_ns = self.now_ns + gap_ns
        self.now_ns = start_ns + len(data) * BYTE_NS
        self.bus.receive(data, start_ns, self.now_ns)
        return b"".join(reply for reply, _ in self.replies)

    def ask(self, command: int, address: int = 0x80) -> bytes:
        """Data of a read, its CRC checked and taken off."""
        request = bytes((address, command))
        reply = self.send(request)
        assert xmodem(reply, xmodem(request)) == 0
        return reply[:-2]

    def tell(self, command: int, data: bytes = b"", address: int = 0x80) -> bool:
        """Whether a write is acknowledged."""
        reply = self.send(with_crc(bytes((address, command)) + data))
        assert reply in {b"", b"\xff"}
        return reply == b"\xff"

    def demand(self, channel: int = 0) -> Demand:
        return self.unit.demand(channel, self.now_ns)


class Still:
    """A motor that stands where it was put."""

    def __init__(self, counts: int = 0, amps: float = 0.0) -> None:
        self.at, self.rate, self.amps = counts, 0.0, amps

    def counts(self) -> int:
        return self.at

    def counts_s(self) -> float:
        return self.rate

    def current_a(self) -> float:
        return self.amps


@pytest.fixture
def bench() -> Bench:
    return Bench()


def hexed(text: str) -> bytes:
    return bytes.fromhex(text)


@pytest.mark.parametrize(
    "frame",
    [
        "802000005BFE",
        "8020C0004DAA",
        "80344000000066659255",
        "802800000BB8000003E8FFFFFC185E13",
        "800E0548F0",
        "8014492D",
    ],
)
def test_golden_writes_are_acknowledged(bench: Bench, frame: str) -> None:
    """Frames computed apart from this code, each met with one 0xFF after a millisecond."""
    assert bench.send(hexed(frame)) == b"\xff"
    assert bench.replies == [(b"\xff", NS_PER_MS)]


def test_golden_reads_give_the_golden_answers() -> None:
    """Battery, temperature, currents, status, encoder."""
    motors = (Still(0, 0.5), Still(0, 0.25))
    bench = Bench(RoboclawUnit(0x80, motors))
    bench.unit.supply.main_v = 16.8
    bench.unit.supply.temperature_c = 30.0
    assert bench.send(hexed("8018")) == hexed("00A80318")
    assert bench.send(hexed("8052")) == hexed("012C3B49")
    assert bench.send(hexed("8031")) == hexed("003200195A42")
    assert bench.send(hexed("805A")) == hexed("20003000B567")
    motors[0].at += 0x12345678
    assert bench.send(hexed("8010")) == hexed("12345678007A22")


def test_golden_writes_have_their_effect(bench: Bench) -> None:
    """Duty with and without ramp, speeds with one ramp for both, the timeout."""
    bench.send(hexed("80344000000066659255"))
    assert bench.demand(0) == Demand("duty", 16_384 / 32_767)
    bench.send(hexed("8020C0004DAA"))
    assert bench.demand(0) == Demand("duty", -16_384 / 32_767)
    bench.send(hexed("802800000BB8000003E8FFFFFC185E13"))
    assert (bench.demand(0), bench.demand(1)) == (Demand("speed", 1000.0, 3000.0), Demand("speed", -1000.0, 3000.0))
    bench.send(hexed("800E0548F0"))
    assert bench.ask(15) == b"\x05"


def test_packets_in_pieces_are_one_packet_without_a_long_gap(bench: Bench) -> None:
    """Ten milliseconds between bytes are allowed, more make the beginning forgotten."""
    frame = hexed("800E0548F0")
    for byte in frame[:-1]:
        assert bench.send(bytes((byte,)), gap_ns=9 * NS_PER_MS) == b""
    assert bench.send(frame[-1:]) == b"\xff"
    assert bench.send(frame[:3]) == b""
    assert bench.send(frame[3:], gap_ns=11 * NS_PER_MS) == b""
    assert bench.send(frame, gap_ns=11 * NS_PER_MS) == b"\xff"


def test_several_packets_at_once_are_done_in_their_order(bench: Bench) -> None:
    """Two writes and the beginning of a read."""
    assert bench.send(hexed("800E0548F0") + hexed("8014492D") + b"\x80") == b"\xff\xff"
    assert bench.send(b"\x0f")[:1] == b"\x05"


def test_silence_meets_what_is_wrong(bench: Bench) -> None:
    """A bad CRC, another address, an unknown command; packets for others are stepped over, not taken for ours."""
    assert bench.send(hexed("800E0548F1")) == b""
    assert bench.ask(15) == b"\x00"
    other = with_crc(bytes((0x81, 40)) + hexed("80180000") * 3)
    assert bench.send(other) == b""
    assert len(bench.ask(24)) == 2
    assert bench.send(bytes((0x80, 250))) == b""
    assert bench.send(hexed("8018")) == b""
    assert bench.send(hexed("8018"), gap_ns=11 * NS_PER_MS) != b""
    assert bench.send(b"\x12\x34\x00" + hexed("8018"), gap_ns=11 * NS_PER_MS) != b""


@given(st.lists(st.tuples(st.binary(max_size=40), st.integers(0, 15 * NS_PER_MS)), max_size=12))
def test_no_bytes_crash_it_and_a_gap_brings_it_back(chunks: list[tuple[bytes, int]]) -> None:
    """Noise of any kind at any rate; after a gap it answers as ever."""
    bench = Bench(RoboclawUnit(0x80), RoboclawUnit(0x81, wide=False, together=False))
    for data, gap_ns in chunks:
        if data:
            bench.send(data, gap_ns)
    for address in (0x80, 0x81):
        reply = bench.send(bytes((address, 16)), gap_ns=11 * NS_PER_MS)
        assert len(reply) == 7
        assert xmodem(reply, xmodem(bytes((address, 16)))) == 0


@given(st.sampled_from(sorted(WRITES)), st.binary(min_size=20, max_size=20))
def test_any_data_of_any_write_is_taken_or_refused(command: int, data: bytes) -> None:
    """Never anything between; and everything can be read afterwards."""
    bench = Bench()
    bench.tell(command, data[: WRITES[command].data.size])
    for number in READS:
        assert bench.ask(number)
    assert bench.demand(0).kind != "off" or command == 57  # battery limits may shut it down


def test_encoders_wrap_and_say_so() -> None:
    """Up over the top and down through zero; the two flags clear when read, the direction does not."""
    motor = Still()
    bench = Bench(RoboclawUnit(0x80, (motor, Still())))
    motor.at, motor.rate = -1, -5.0
    assert bench.ask(16) == hexed("FFFFFFFF03")
    assert bench.ask(16) == hexed("FFFFFFFF02")
    motor.at, motor.rate = 3, 5.0
    assert bench.ask(16) == hexed("0000000304")
    assert bench.ask(16) == hexed("0000000300")
    assert bench.tell(22, struct.pack(">I", 2**32 - 2))
    motor.at += 3
    assert bench.ask(78) == hexed("0000000100000000")
    assert bench.tell(20)
    assert bench.ask(78) == bytes(8)


def test_speeds_are_limited_by_the_loop(bench: Bench) -> None:
    """QPPS is the fastest; gains are read back in another order than they are written."""
    assert bench.tell(29, struct.pack(">IIII", 1, 2, 3, 2_000))
    assert bench.ask(56) == struct.pack(">IIII", 2, 3, 1, 2_000)
    assert bench.tell(37, struct.pack(">ii", 5_000, -5_000))
    assert (bench.demand(0).value, bench.demand(1).value) == (5_000.0, -2_000.0)


def test_old_units_have_narrow_status_and_no_common_reads() -> None:
    """They are silent to 78 and 79, which disturbs nothing."""
    bench = Bench(RoboclawUnit(0x80, wide=False, together=False))
    assert bench.ask(90) == b"\x00\x00"
    assert bench.send(hexed("804E")) == b""
    assert bench.send(hexed("804F")) == b""
    bench.unit.press_stop(True, bench.now_ns)
    assert bench.ask(90) == b"\x00\x04"


def test_the_serial_timeout_stops_the_motors_for_good(bench: Bench) -> None:
    """Any byte for anybody defers it; once it has struck only a new command turns them."""
    assert bench.unit.lapses_ns is None
    assert bench.tell(14, b"\x05")
    assert bench.tell(37, struct.pack(">ii", 100, 100))
    for _ in range(5):
        bench.send(hexed("8718"), gap_ns=450 * NS_PER_MS)
        assert bench.demand().kind == "speed"
    assert bench.unit.lapses_ns == bench.now_ns + 500 * NS_PER_MS
    assert bench.unit.demand(0, bench.now_ns + 500 * NS_PER_MS).kind == "speed"
    assert bench.unit.demand(0, bench.now_ns + 500 * NS_PER_MS + 1) == STOPPED
    assert bench.ask(15) == b"\x05"
    bench.send(hexed("8018"), gap_ns=600 * NS_PER_MS)
    assert bench.demand() == STOPPED
    assert bench.tell(37, struct.pack(">ii", 100, 100))
    assert bench.demand().kind == "speed"


def test_a_free_motor_turns_until_the_timeout_struck_and_no_further(bench: Bench) -> None:
    """However late somebody looks."""
    assert bench.tell(14, b"\x05")
    assert bench.tell(37, struct.pack(">ii", 1_000, 0))
    bench.now_ns += 60 * NS_PER_S
    count, _ = struct.unpack(">II", bench.ask(78))
    assert count == pytest.approx(500, abs=3)


def test_the_emergency_stop_latches(bench: Bench) -> None:
    """Outputs off; released it stays; the reset or a new start ends it; nothing turns by itself."""
    bench.tell(37, struct.pack(">ii", 100, 100))
    bench.unit.press_stop(True, bench.now_ns)
    assert bench.demand() == OFF
    assert bench.ask(90)[3] & 1
    assert bench.tell(37, struct.pack(">ii", 100, 100))
    assert bench.tell(200)
    assert bench.demand() == OFF
    bench.unit.press_stop(False, bench.now_ns)
    assert bench.demand() == OFF
    assert bench.tell(200)
    assert bench.demand() == STOPPED
    assert bench.ask(90)[3] & 1 == 0


def test_an_emergency_stop_set_not_to_latch_ends_with_the_button(bench: Bench) -> None:
    """Pin function 2."""
    assert bench.tell(74, bytes((PIN_FREE, 0, 0)))
    assert bench.ask(75) == bytes((PIN_FREE, 0, 0))
    bench.tell(37, struct.pack(">ii", 100, 100))
    bench.unit.press_stop(True, bench.now_ns)
    bench.unit.press_stop(False, bench.now_ns)
    assert bench.demand() == STOPPED


@pytest.mark.parametrize(
    ("attribute", "value", "bit"),
    [("main_v", 35.0, 3), ("main_v", 5.0, 14), ("temperature_c", 101.0, 1), ("temperature2_c", 101.0, 2)],
)
def test_errors_in_the_supply_keep_the_outputs_off(bench: Bench, attribute: str, value: float, bit: int) -> None:
    """And show in status."""
    bench.tell(37, struct.pack(">ii", 100, 100))
    setattr(bench.unit.supply, attribute, value)
    assert bench.demand() == OFF
    assert int.from_bytes(bench.ask(90), "big") >> bit & 1


def test_warnings_show_and_keep_nothing_off() -> None:
    """Warm boards and currents over their limit."""
    motors = (Still(0, 2.0), Still())
    bench = Bench(RoboclawUnit(0x80, motors))
    bench.tell(133, struct.pack(">II", 150, 0))
    bench.tell(37, struct.pack(">ii", 100, 100))
    bench.unit.supply.temperature_c = 90.0
    assert int.from_bytes(bench.ask(90), "big") == 1 << 16 | 1 << 20
    assert bench.demand().kind == "speed"
    assert bench.ask(135) == struct.pack(">II", 150, 0)


def test_a_start_brings_back_what_was_stored(bench: Bench) -> None:
    """Without command 94 and its key settings are lost with the supply; encoders begin at zero, status says boot."""
    unit = bench.unit
    bench.tell(14, b"\x05")
    assert not bench.tell(94, struct.pack(">I", 0xE22EAB7B))
    unit.power(False, bench.now_ns)
    assert bench.send(hexed("800F")) == b""
    assert bench.demand() == OFF
    unit.power(True, bench.now_ns)
    assert bench.ask(15) == b"\x00"
    bench.tell(14, b"\x05")
    assert bench.tell(94, struct.pack(">I", 0xE22EAB7A))
    bench.tell(14, b"\x07")
    bench.tell(37, struct.pack(">ii", 1_000, 0))
    assert bench.ask(90) == bytes(4)
    bench.now_ns += 300 * NS_PER_MS
    assert bench.ask(78) != bytes(8)
    unit.power(False, bench.now_ns)
    bench.now_ns += NS_PER_S
    unit.power(True, bench.now_ns)
    assert bench.ask(15) == b"\x05"
    assert bench.ask(78) == bytes(8)
    assert bench.ask(90) == hexed("20003000")
    assert bench.demand() == STOPPED


def test_changes_of_a_demand_are_told() -> None:
    """The world need not look all the time."""
    calls: list[int] = []
    unit = RoboclawUnit(0x80, (Still(), Still()), changed=lambda: calls.append(len(calls)))
    bench = Bench(unit)
    for happening in (
        lambda: bench.tell(37, struct.pack(">ii", 1, 1)),
        lambda: unit.press_stop(True, bench.now_ns),
        lambda: unit.power(False, bench.now_ns),
        lambda: unit.power(True, bench.now_ns),
    ):
        before = len(calls)
        happening()
        assert len(calls) > before
    before = len(calls)
    bench.ask(24)
    assert len(calls) == before


def test_a_stuck_encoder_makes_the_loop_push(bench: Bench) -> None:
    """It stands and shows no speed, so the loop gives all it has; a dead or faulty bridge gives nothing."""
    one, two = bench.unit.channels
    bench.tell(37, struct.pack(">ii", 100, -100))
    one.stuck_at = 77
    assert bench.demand(0) == Demand("duty", 1.0)
    assert struct.unpack(">I", bench.ask(78)[:4]) == (77,)
    assert bench.ask(79)[:4] == bytes(4)
    two.dead = True
    assert (bench.demand(0).kind, bench.demand(1)) == ("duty", OFF)
    two.driver_fault = True
    assert bench.demand(0) == OFF
    assert bench.ask(90)[3] == 0x80


def test_two_units_at_one_address_spoil_each_others_answers() -> None:
    """Both talk at once; a bit is high only where both are."""
    bench = Bench(RoboclawUnit(0x80), RoboclawUnit(0x80, wide=False))
    bench.units[1].supply.main_v = 7.7
    request = hexed("8018")
    reply = bench.send(request)
    assert len(reply) == 4
    assert xmodem(reply, xmodem(request)) != 0
    assert bench.send(hexed("8014492D")) == b"\xff"


def test_a_fault_of_one_unit_leaves_the_others_alone() -> None:
    """Two replies lost, then all is well."""
    bench = Bench(RoboclawUnit(0x80), RoboclawUnit(0x81))
    bench.unit.fault = Only(silence, count=2, after=1)
    assert [bool(bench.send(hexed("8018"))) for _ in range(5)] == [True, False, False, True, True]
    assert bench.send(hexed("8118")) != b""


def test_duties_in_force_can_be_read(bench: Bench) -> None:
    """Command 48, full at 32767."""
    bench.tell(34, struct.pack(">hh", 32_767, -16_384))
    assert bench.ask(48) == struct.pack(">hh", 32_767, -16_384)


def test_ramps_of_duty_have_their_range(bench: Bench) -> None:
    """0 to 655359; beyond it the packet is not accepted."""
    assert bench.tell(54, struct.pack(">hIhI", 100, 655_359, 100, 0))
    assert not bench.tell(54, struct.pack(">hIhI", 100, 655_360, 100, 0))
    assert not bench.tell(53, struct.pack(">hI", 100, 655_360))


@given(st.lists(st.integers(1, 400 * NS_PER_MS), min_size=1, max_size=20), st.floats(-4_000.0, 4_000.0))
def test_a_free_motor_does_not_care_how_often_it_is_looked_at(steps: list[int], speed: float) -> None:
    """The way is the same in one step and in many, and never ahead of the command."""
    often, once = FreeMotor(), FreeMotor()
    for motor in (often, once):
        motor.follow(Demand("speed", speed), 0)
    now_ns = 0
    for step_ns in steps:
        now_ns += step_ns
        often.advance(now_ns)
    once.advance(now_ns)
    assert often.counts() == pytest.approx(once.counts(), abs=2)
    assert often.counts_s() == pytest.approx(once.counts_s(), abs=1.0)
    assert abs(once.counts()) <= abs(speed) * now_ns / NS_PER_S + 1.0
    assert abs(once.counts()) >= abs(speed) * (now_ns / NS_PER_S - FREE_LAG_S) - 1.0
