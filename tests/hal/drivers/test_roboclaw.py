"""One RoboClaw over its line: frames to the byte, and what becomes of every way in which an answer can fail."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st

from hal.api.clock import NS_PER_MS
from hal.api.errors import BadReading, DeviceError, DeviceTimeout, NotReady
from hal.crc import xmodem
from hal.drivers.roboclaw import RoboClaw, with_crc
from hal.drivers.roboclaw_line import LineBusy
from hal.drivers.roboclaw_status import decode_status
from sim_hal.buses.reply_faults import followed_by
from tests.hal.drivers.roboclaw_bench import Lone

BYTE_NS = 86_805


def hexed(text: str) -> bytes:
    return bytes.fromhex(text)


def answer(command: int, data: bytes) -> bytes:
    """What unit 0x80 would send."""
    return data + xmodem(data, xmodem(bytes((0x80, command)))).to_bytes(2, "big")


@pytest.mark.parametrize(
    ("call", "request_hex", "answer_hex", "value"),
    [
        (RoboClaw.read_main_v, "8018", "00A80318", 16.8),
        (RoboClaw.read_temperature_c, "8052", "012C3B49", 30.0),
        (RoboClaw.read_currents, "8031", "003200195A42", (0.5, 0.25)),
        (lambda unit: unit.read_count(0), "8010", "12345678007A22", 0x12345678),
        (lambda unit: unit.read_status().word, "805A", "20003000B567", 0x20003000),
        (lambda unit: unit.write_duty(0, 0), "802200000000", "FF", None),
        (lambda unit: unit.write_timeout(5), "800E0548F0", "FF", None),
        (lambda unit: unit.write_speed(3000, 1000, -1000), "802800000BB8000003E8FFFFFC185E13", "FF", None),
    ],
)
def test_golden_frames(call: Callable[[RoboClaw], object], request_hex: str, answer_hex: str, value: object) -> None:
    """Requests and answers as computed apart from this code."""
    lone = Lone(hexed(answer_hex))
    assert call(lone.unit) == value
    request = hexed(request_hex)
    assert lone.chip.heard[0][0] == (request if len(request) != 6 else with_crc(request))


@pytest.mark.parametrize("frame", ["802000005BFE", "8020C0004DAA", "80344000000066659255", "8014492D"])
def test_write_packets_carry_the_vendors_crc(frame: str) -> None:
    """Frames of commands that only other tools send."""
    data = hexed(frame)
    assert with_crc(data[:-2]) == data


def test_numbers_are_read_with_their_signs() -> None:
    """Speeds and currents are signed, counts are not; the direction byte settles the sign of a lone speed."""
    lone = Lone(
        answer(79, hexed("FFFFFFFF00000002")),
        answer(78, hexed("FFFFFFFF00000002")),
        answer(49, hexed("FFCE0019")),
        answer(18, hexed("0000000501")),
        answer(19, hexed("FFFFFFFB01")),
        answer(19, hexed("0000000500")),
        answer(15, b"\x05"),
    )
    unit = lone.unit
    assert unit.read_speeds() == (-1, 2)
    assert unit.read_counts() == (0xFFFFFFFF, 2)
    assert unit.read_currents() == (-0.5, 0.25)
    assert (unit.read_speed(0), unit.read_speed(1), unit.read_speed(1)) == (-5, -5, 5)
    assert unit.read_timeout() == 5


def test_a_direction_that_is_none_is_refused() -> None:
    """Only 0 and 1 are directions."""
    with pytest.raises(BadReading, match=r"unit 0x80 on uart: speed M1: direction 2"):
        Lone(answer(18, hexed("0000000502"))).unit.read_speed(0)


@pytest.mark.parametrize(
    "text", ["USB Roboclaw 2x7a v4.2.8", "USB Roboclaw 2x7a v4.1.34", "RoboClaw", "R" * 39 + "oboclaw"]
)
def test_a_version_of_any_length_is_read_without_waiting(text: str) -> None:
    """The end of the text shows where the CRC is; nothing waits for bytes that never come."""
    lone = Lone(answer(21, text.encode() + b"\n\0"))
    assert lone.unit.read_version() == text
    assert lone.now_ns == (2 + len(text) + 4) * BYTE_NS + NS_PER_MS


def test_another_device_is_refused() -> None:
    """A well-formed answer that names no RoboClaw, one that never ends, one that is not text."""
    with pytest.raises(BadReading, match=r"unit 0x80 on uart: expected a RoboClaw, not 'MCP266 v1'"):
        Lone(answer(21, b"MCP266 v1\n\0")).unit.read_version()
    with pytest.raises(BadReading, match="no end of text"):
        Lone(b"x" * 80).unit.read_version()
    with pytest.raises(BadReading, match="expected a RoboClaw"):
        Lone(answer(21, b"\x80\xfe\n\0")).unit.read_version()


def test_status_bits_in_both_layouts() -> None:
    """The same bit means different things."""
    start = decode_status(0x2000_3000, wide=True)
    assert start.errors == ("M1 current error", "M2 current error")
    assert start.warnings == ("started",)
    assert start.started
    assert not start.outputs_off
    assert start.faults == ()
    assert decode_status(0x3000, wide=True).faults == ("M1 current error", "M2 current error")
    assert decode_status(1, wide=True).errors == ("emergency stop",)
    assert decode_status(1, wide=True).outputs_off
    assert decode_status(1, wide=False).warnings == ("M1 over-current",)
    assert not decode_status(1, wide=False).outputs_off
    assert decode_status(4, wide=False).errors == ("emergency stop",)
    assert decode_status(4, wide=False).outputs_off
    assert decode_status(1 << 14, wide=True).errors == ("main battery low",)
    assert decode_status(1 << 14, wide=False).warnings == ("M1 home",)


@pytest.mark.parametrize(("wide", "bits"), [(True, 32), (False, 16)])
def test_every_status_bit_has_a_name_of_its_own(wide: bool, bits: int) -> None:
    """Each bit alone gives exactly one text."""
    texts = [status.errors + status.warnings for status in (decode_status(1 << b, wide=wide) for b in range(bits))]
    assert all(len(text) == 1 for text in texts)
    assert len(set(texts)) == bits


def test_status_layout_follows_the_length_of_the_first_answer() -> None:
    """Old firmware answers with 16 bits; the second time nothing waits for more."""
    lone = Lone(answer(90, hexed("0004")), answer(90, hexed("0008")))
    assert lone.unit.read_status().errors == ("emergency stop",)
    start_ns = lone.now_ns
    assert lone.unit.read_status().errors == ("temperature error",)
    assert lone.now_ns - start_ns == 6 * BYTE_NS + NS_PER_MS


def test_sixteen_bits_from_firmware_that_gives_more_are_refused() -> None:
    """Length and version must agree."""
    lone = Lone(answer(21, b"USB Roboclaw 2x7a v4.2.8\n\0"), answer(90, hexed("0004")))
    lone.unit.read_version()
    with pytest.raises(BadReading, match=r"16 bits of status from firmware 4\.2\.8, expected 32"):
        lone.unit.read_status()
    assert lone.unit.wide is None


def test_silence_ends_at_the_deadline_and_names_the_unit() -> None:
    """Request, answer and 8 ms; the next request keeps 10 ms of silence after the last byte."""
    lone = Lone(b"", answer(24, hexed("00A8")))
    with pytest.raises(DeviceTimeout, match=r"wheels: unit 0x80 on uart: encoders: no answer"):
        lone.unit.read_counts()
    assert lone.now_ns == 12 * BYTE_NS + 8 * NS_PER_MS
    assert lone.unit.read_main_v() == 16.8
    first, second = (start_ns for _, start_ns in lone.chip.heard)
    assert second == first + 2 * BYTE_NS + 10 * NS_PER_MS


@pytest.mark.parametrize(
    ("reply", "error", "text"),
    [
        (hexed("00A803"), DeviceTimeout, "main battery: 3 of 4 bytes came"),
        (hexed("00A80319"), BadReading, "main battery: wrong CRC"),
        (hexed("00A90318"), BadReading, "main battery: wrong CRC"),
        (answer(25, hexed("00A8")), BadReading, "main battery: wrong CRC"),
    ],
)
def test_a_spoilt_answer_is_an_error_and_the_next_one_is_good(
    reply: bytes, error: type[DeviceError], text: str
) -> None:
    """Cut off, changed, or an answer to another command; then ten quiet milliseconds, and all is well."""
    lone = Lone(reply, hexed("00A80318"))
    with pytest.raises(error, match=text):
        lone.unit.read_main_v()
    failed_ns = lone.now_ns
    assert lone.unit.read_main_v() == 16.8
    assert lone.chip.heard[1][1] == failed_ns + 10 * NS_PER_MS


def test_another_byte_is_no_acknowledgement() -> None:
    """Only 0xFF is."""
    with pytest.raises(BadReading, match=r"unit 0x80 on uart: duty: 0xfe instead of 0xFF"):
        Lone(b"\xfe").unit.write_duty(0, 0)


def test_bytes_that_came_before_the_request_are_dropped_and_counted() -> None:
    """An old acknowledgement in the buffer confirms nothing."""
    lone = Lone(b"")
    lone.wires.babble(b"\xff")
    lone.bench.pass_s(0.001)
    with pytest.raises(DeviceTimeout):
        lone.unit.write_duty(0, 0)
    assert lone.line.stale_bytes == 1


def test_bytes_that_come_while_the_request_goes_out_are_not_its_answer() -> None:
    """An acknowledgement too many would otherwise confirm what nobody did."""
    lone = Lone(b"", hexed("00A80318"))
    lone.wires.babble(b"\xff")
    with pytest.raises(DeviceTimeout):
        lone.unit.write_duty(0, 0)
    assert lone.line.stale_bytes == 1
    lone.wires.babble(b"\xff")
    assert lone.unit.read_main_v() == 16.8


def test_an_acknowledgement_too_many_spoils_at_most_one_answer() -> None:
    """Once a stray byte was seen the line is watched while requests go out."""
    lone = Lone(*(hexed("00A80318") for _ in range(6)))
    lone.wires.fault = followed_by(b"\xff")
    values = []
    for _ in range(6):
        try:
            values.append(lone.unit.read_main_v())
        except DeviceError:
            values.append(-1.0)
    assert values.count(16.8) == 5
    assert set(values) == {16.8, -1.0}
    assert lone.line.stale_bytes >= 4


def test_bus_time_that_runs_out_is_not_the_units_fault() -> None:
    """The wait is cut short, the error says so, and the late answer is not taken for another one."""
    lone = Lone(hexed("00A80318"), hexed("00A90239"), budget_ms=1.0)
    with pytest.raises(LineBusy, match="no time left on the bus"):
        lone.unit.read_main_v()
    with pytest.raises(LineBusy):
        lone.unit.read_main_v()
    lone.bench.pass_s(0.2)
    assert len(lone.chip.heard) == 1
    lone = Lone(hexed("00A80318"), budget_ms=30.0)
    assert lone.unit.read_main_v() == 16.8


def test_a_port_that_is_gone_is_not_ready() -> None:
    """Pulled out and put back."""
    lone = Lone(hexed("00A80318"))
    lone.wires.unplugged = True
    with pytest.raises(NotReady, match=r"unit 0x80 on uart: main battery: unplugged"):
        lone.unit.read_main_v()
    lone.wires.unplugged = False
    lone.bench.pass_s(0.1)
    assert lone.unit.read_main_v() == 16.8


READERS: tuple[tuple[Callable[[RoboClaw], object], bytes], ...] = (
    (RoboClaw.read_counts, answer(78, hexed("123456780000FFFF"))),
    (RoboClaw.read_speeds, answer(79, hexed("FFFFFC18000003E8"))),
    (RoboClaw.read_currents, answer(49, hexed("00320019"))),
    (lambda unit: unit.read_count(1), answer(17, hexed("0000000107"))),
    (lambda unit: unit.read_speed(0), answer(18, hexed("0000000501"))),
    (lambda unit: unit.read_status().word, answer(90, hexed("20003000"))),
    (lambda unit: unit.read_status().word, answer(90, hexed("0004"))),
    (RoboClaw.read_version, answer(21, b"USB Roboclaw 2x7a v4.2.8\n\0")),
    (RoboClaw.read_timeout, answer(15, b"\x05")),
)


@given(st.sampled_from(READERS), st.integers(0, 255), st.integers(1, 255))
def test_no_changed_byte_gives_a_changed_reading(
    reader: tuple[Callable[[RoboClaw], object], bytes], index: int, mask: int
) -> None:
    """Any byte of any answer, changed in any way: an error, never another value."""
    call, good = reader
    truth = call(Lone(good).unit)
    spoilt = bytearray(good)
    spoilt[index % len(good)] ^= mask
    lone = Lone(bytes(spoilt), good)
    with pytest.raises(DeviceError):
        call(lone.unit)
    assert lone.now_ns <= 80 * NS_PER_MS
    assert call(lone.unit) == truth


@given(st.sampled_from(READERS), st.binary(max_size=64))
def test_noise_instead_of_an_answer_never_stalls(
    reader: tuple[Callable[[RoboClaw], object], bytes], noise: bytes
) -> None:
    """Whatever comes, the call ends by its deadline and the next one is good."""
    call, good = reader
    truth = call(Lone(good).unit)
    lone = Lone(noise, good)
    try:
        assert call(lone.unit) == truth
    except DeviceError:
        assert lone.now_ns <= 70 * BYTE_NS + 10 * NS_PER_MS
        lone.bench.pass_s(0.02)
        assert call(lone.unit) == truth
