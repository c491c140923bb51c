"""`rahi trace`: a trace as text, each chip's bytes with their meaning."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, strategies as st

from hal.api.errors import DeviceError
from hal.api.wiring import ImuWiring
from hal.buses.tracing import Kind, Record, TraceFile, TracingSerial
from hal.drivers.bno055 import Bno055
from sil.bus_trace.i2c_chips import ina260, pca9685, tmp117
from sil.bus_trace.serial_chips import RoboClawMeaning, Unknown
from sil.bus_trace.text import TraceText
from sil.cli.app import run
from tests.hal.drivers.bno055_rig import ImuRig

ROVER = """
name = "desk"
[hardware.buses.left_uart]
kind = "serial"
url = "serial:///dev/ttyAMA1"
[hardware.buses.main]
kind = "i2c"
url = "i2c:///dev/i2c-1"
[hardware.buses.pins]
kind = "gpio"
url = "gpio:///dev/gpiochip0"
[hardware.imu]
bus = "left_uart"
[[hardware.temperatures]]
bus = "main"
address = 0x48
measures = ["web"]
[hardware.heaters]
bus = "pins"
max_hold_s = 60.0
lines = { battery = { line = 17 } }
"""


def trace_of(path: Path, *records: Record) -> str:
    trace = TraceFile(path)
    for record in records:
        trace.add(record)
    trace.close()
    return str(path)


def test_a_bno055_at_work_can_be_read_like_a_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From the reset to the first readings, chip guessed by its first byte."""
    rig = ImuRig()
    trace = TraceFile(tmp_path / "trace")
    imu = Bno055(TracingSerial(rig.port, trace.add, rig.bench.plug), ImuWiring(bus="x"), rig.bench.plug, lambda: True)
    readings = 0
    while readings < 3:
        try:
            imu.read()
            readings += 1
        except DeviceError:
            pass
        rig.bench.pass_s(0.1)
    trace.close()
    assert run(["trace", str(tmp_path / "trace")]) == 0
    text = capsys.readouterr().out
    for part in (
        "write SYS_TRIGGER = 20",
        "read CHIP_ID, 1 bytes",
        "CHIP_ID <- a0",
        "write OPR_MODE = 08",
        "status 0x01, ok",
        "read data, 32 bytes",
        "accel 0.5",
        "quaternion of length 1.0000",
        "end, 0 records dropped",
    ):
        assert part in text


def test_bus_and_times_choose_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Times count from the first record."""
    second = 1_000_000_000
    file = trace_of(
        tmp_path / "trace",
        *(Record(t_ns=(100 + n) * second, bus="ab"[n % 2], kind="write", sent=bytes((n,))) for n in range(8)),
    )
    assert run(["trace", file, "--bus", "b", "--from", "2.5", "--to", "5"]) == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["3.000000", "b", ">", "03"],
        ["5.000000", "b", ">", "05"],
    ]


def test_a_rover_file_names_the_chips(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Sensors, heaters and lines by the names of the rover."""
    (tmp_path / "desk.toml").write_text(ROVER)
    file = trace_of(
        tmp_path / "trace",
        Record(t_ns=0, bus="main", kind="transfer", place=0x48, sent=b"\x00", got=b"\x0c\x80"),
        Record(t_ns=0, bus="main", kind="transfer", place=0x49, sent=b"\x00", got=b"\x0c\x80"),
        Record(t_ns=0, bus="pins", kind="set", place=17, sent=b"\x01"),
        Record(t_ns=0, bus="left_uart", kind="read", took_ns=2_500_000),
        Record(t_ns=0, bus="left_uart", kind="write", sent=b"\xaa\x01", error="unplugged"),
    )
    assert run(["trace", file, "--rover", str(tmp_path / "desk.toml")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert " ".join(lines[0].split()) == "0.000000 main = 0x48 00 -> 0c 80 web: temperature <- 25.0000 C"
    assert lines[1].endswith("0x49 00 -> 0c 80")
    assert lines[2].endswith("battery")
    assert "nothing for 2.5 ms" in lines[3]
    assert lines[4].endswith("ERROR unplugged")


@pytest.mark.parametrize(
    ("arguments", "content", "text"),
    [
        (["--bus", "nose"], b'{"t_ns":1,"bus":"main","kind":"read"}\n', "--bus = nose: .* has main"),
        ([], b'{"t_ns":1,"bus":"main","kind":"read"}\nhello\n', "line 2: no record"),
        ([], b"\x00\x01", "line 1: no record"),
        (["--from", "2", "--to", "1"], b"", "--from = 2 is after --to = 1"),
        (["--from", "soon"], b"", "--from = soon: expected a number"),
        (["--rover", "no.toml"], b"", "no.toml: no such file"),
    ],
)
def test_bad_input_is_told_in_one_line(
    tmp_path: Path, arguments: list[str], content: bytes, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2."""
    (tmp_path / "trace").write_bytes(content)
    assert run(["trace", str(tmp_path / "trace"), *arguments]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert re.search(text, told)


def test_a_torn_last_line_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A power cut while it was written."""
    (tmp_path / "trace").write_bytes(b'{"t_ns":1,"bus":"main","kind":"read","took_ns":5}\n{"t_ns":2,"bu')
    assert run(["trace", str(tmp_path / "trace")]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert run(["trace", str(tmp_path / "none")]) == 2


@pytest.mark.parametrize(
    ("request_hex", "reply_hex", "asked", "told"),
    [
        ("80 20 00 00 5B FE", "FF", "0x80 duty M1 = 0.00 %", "taken"),
        ("80 20 C0 00 4D AA", "FF", "0x80 duty M1 = -50.00 %", "taken"),
        (
            "80 28 00 00 0B B8 00 00 03 E8 FF FF FC 18 5E 13",
            "FF",
            "0x80 acceleration, speed M1, M2 = 3000, 1000, -1000 counts/s2, counts/s",
            "taken",
        ),
        ("80 0E 05 48 F0", "FF", "0x80 set serial timeout = 0.50 s", "taken"),
        ("80 18", "00 A8 03 18", "0x80 main battery?", "16.80 V"),
        ("80 52", "01 2C 3B 49", "0x80 temperature?", "30.00 C"),
        ("80 31", "00 32 00 19 5A 42", "0x80 currents M1, M2?", "0.50, 0.25 A"),
        ("80 31", "00 32 00 19 5A 43", "0x80 currents M1, M2?", "0.50, 0.25 A (wrong CRC)"),
        ("80 5A", "20 00 30 00 B5 67", "0x80 status?", "0x20003000"),
        ("80 10", "12 34 56 78 00 7A 22", "0x80 encoder M1?", "305419896, 0 counts, status"),
    ],
)
def test_roboclaw_frames_have_a_meaning(request_hex: str, reply_hex: str, asked: str, told: str) -> None:
    """Golden frames of packet serial, CRC-16 XMODEM over address, command and data."""
    meaning = RoboClawMeaning()
    assert meaning.sent(bytes.fromhex(request_hex)) == asked
    assert meaning.got(bytes.fromhex(reply_hex)) == told


def test_a_reply_in_pieces_is_put_together() -> None:
    """As drivers read them."""
    meaning = RoboClawMeaning()
    meaning.sent(bytes.fromhex("8031"))
    assert meaning.got(bytes.fromhex("0032")) == ""
    assert meaning.got(bytes.fromhex("00195a42")) == "0.50, 0.25 A"


@pytest.mark.parametrize(
    ("meaning", "sent_hex", "got_hex", "text"),
    [
        (pca9685, "fe79", "", "PRE_SCALE = 79"),
        (pca9685, "00", "11", "MODE1 <- 11"),
        (pca9685, "0600003301", "", "= channel 0 on 0 off 307"),
        (pca9685, "0a0000001000000010", "", "= channel 1 off, channel 2 off"),
        (ina260, "02", "3480", "bus voltage <- 16.8000 V"),
        (ina260, "01", "fce0", "current <- -1.0000 A"),
        (ina260, "006127", "", "config = 0x6127"),
        (tmp117, "00", "8000", "temperature <- not converted yet"),
        (tmp117, "00", "f380", "temperature <- -25.0000 C"),
        (tmp117, "0f", "0117", "device id <- 0x0117"),
    ],
)
def test_i2c_registers_have_names_and_units(meaning: object, sent_hex: str, got_hex: str, text: str) -> None:
    """Data sheets' scales."""
    assert meaning(bytes.fromhex(sent_hex), bytes.fromhex(got_hex)) == text  # type: ignore[operator]  # one of the three


def test_text_is_shown_as_text() -> None:
    """A modem's command mode can be read."""
    assert Unknown().got(b"OK\r\n") == r"'OK\r\n'"
    assert Unknown().sent(b"\x00\x01") == ""


@given(
    st.lists(
        st.builds(
            Record,
            t_ns=st.integers(0, 2**60),
            bus=st.sampled_from(["a", "b"]) | st.text(max_size=5),
            kind=st.sampled_from(["write", "read", "drop", "transfer", "claim", "set", "get", "end"]),
            place=st.none() | st.integers(0, 0x7F),
            sent=st.binary(max_size=40) | st.binary(min_size=1, max_size=20).map(lambda data: b"\x80" + data),
            got=st.binary(max_size=40),
            error=st.sampled_from(["", "unplugged"]) | st.text(max_size=5),
        ),
        max_size=20,
    )
)
def test_any_bytes_have_a_line(records: list[Record]) -> None:
    """A babbling bus is when a trace is needed: whatever was on it, each transaction is one printable line."""
    text = TraceText()
    for record in records:
        line = text.line(record, 0)
        assert line.isprintable()
        assert record.bus in line or not record.bus.isprintable()


def test_every_mark_is_explained() -> None:
    """A reader of a trace finds each in the guide."""
    guide = (Path(__file__).parents[2] / "docs" / "test-rover.md").read_text(encoding="utf-8")
    marks = {TraceText().line(Record(t_ns=0, bus="b", kind=kind), 0).split()[2] for kind in get_args(Kind)}
    assert all(f"| `{mark}` |" in guide for mark in marks)


def test_a_trace_from_elsewhere_cannot_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Escape codes in names and errors are written out, in the refusal of a bus too."""
    file = trace_of(tmp_path / "trace", Record(t_ns=0, bus="\x1b[2J", kind="read", error="\x1b]0;mine\x07\r"))
    assert run(["trace", file]) == 0
    assert run(["trace", file, "--bus", "x"]) == 2
    out, err = capsys.readouterr()
    assert r"\x1b[2J" in out
    assert r"ERROR \x1b]0;mine\x07\r" in out
    assert r"has \x1b[2J" in err
    assert not {"\x1b", "\x07", "\r"} & {*out, *err}
