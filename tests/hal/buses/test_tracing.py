"""Bus traces: every transaction is written down with its outcome, and nothing waits for the medium."""

from __future__ import annotations

from pathlib import Path

import pytest

from hal.api.clock import NS_PER_MS, Clock
from hal.buses.api import BusError, BusLost, BusNak, SerialBus
from hal.buses.opening import Openers
from hal.buses.tracing import Record, TraceFile, TracingGpio, TracingI2c, TracingSerial, traced
from hal.buses.url import BusUrl, parse_url
from sil.bus_trace.reading import read_trace
from tests.wire_bench import WireBench


class Echo:
    """A serial chip that says everything back, and an I2C chip that counts."""

    def connect(self, emit: object) -> None:
        self._emit = emit

    def receive(self, data: bytes, start_ns: int, end_ns: int) -> None:
        self._emit(data, NS_PER_MS)  # type: ignore[operator]  # the line's way back

    def transfer(self, written: bytes, read_size: int, now_ns: int) -> bytes | None:
        return bytes(range(read_size))


@pytest.fixture
def bench() -> WireBench:
    return WireBench()


@pytest.fixture
def records() -> list[Record]:
    return []


def test_serial_transactions_are_noted_with_times(bench: WireBench, records: list[Record]) -> None:
    """What was sent, what came and how long it took; a look that finds nothing is no record, a vain wait is."""
    line, port = bench.serial(Echo())
    bus: SerialBus = TracingSerial(port, records.append, bench.plug)
    assert (bus.name, bus.byte_ns) == ("uart", port.byte_ns)
    bus.write(b"ab")
    assert bus.read(2, bench.plug.now_ns() + 10 * NS_PER_MS) == b"ab"
    assert bus.read(2, 0) == b""
    assert bus.read(1, bench.plug.now_ns() + 2 * NS_PER_MS) == b""
    line.babble(b"noise")
    bench.pass_s(0.01)
    assert bus.drop_input() == 5
    assert bus.drop_input() == 0
    assert [record.kind for record in records] == ["write", "read", "read", "drop"]
    assert [(record.sent, record.got) for record in records[:3]] == [(b"ab", b""), (b"", b"ab"), (b"", b"")]
    assert records[2].took_ns == 2 * NS_PER_MS
    assert records[3].dropped == 5


def test_errors_are_noted_and_raised(bench: WireBench, records: list[Record]) -> None:
    """The wrapper changes nothing for its caller."""
    line, port = bench.serial(Echo())
    _, i2c = bench.i2c({0x40: Echo()})
    pins, gpio = bench.gpio()
    line.unplugged = pins.unplugged = True
    serial = TracingSerial(port, records.append, bench.plug)
    with pytest.raises(BusLost, match="unplugged"):
        serial.write(b"x")
    with pytest.raises(BusLost):
        serial.read(1, 0)
    with pytest.raises(BusNak):
        TracingI2c(i2c, records.append, bench.plug).transfer(0x41, b"\x00", 2)
    with pytest.raises(BusError):
        TracingGpio(gpio, records.append, bench.plug).set(4, True)
    assert [record.error for record in records] == [
        "unplugged",
        "unplugged",
        "no answer at 0x41",
        "line 4 is not there",
    ]


def test_transfers_and_lines_are_noted(bench: WireBench, records: list[Record]) -> None:
    """With address or line number."""
    _, i2c = bench.i2c({0x40: Echo()})
    _, gpio = bench.gpio()
    assert TracingI2c(i2c, records.append, bench.plug).transfer(0x40, b"\x06", 3) == b"\x00\x01\x02"
    lines = TracingGpio(gpio, records.append, bench.plug)
    lines.claim(5, True, active_low=True)
    lines.set(5, False)
    assert lines.get(5) is False
    assert [(record.kind, record.place, record.sent, record.got) for record in records] == [
        ("transfer", 0x40, b"\x06", b"\x00\x01\x02"),
        ("claim", 5, b"\x01", b""),
        ("set", 5, b"\x00", b""),
        ("get", 5, b"", b"\x00"),
    ]


def test_openers_are_traced(bench: WireBench, records: list[Record]) -> None:
    """Whatever opens a bus, the bus that flight gets writes down what it does."""

    def open_uart(name: str, url: BusUrl, clock: Clock) -> SerialBus:
        return bench.serial(Echo(), name=name)[1]

    openers = traced(Openers(serial={"test": open_uart}), records.append)
    openers.serial["test"]("radio_uart", parse_url("test:///x"), bench.plug).write(b"x")
    assert records[0].bus == "radio_uart"


def test_a_file_holds_what_was_noted(tmp_path: Path) -> None:
    """Every record, in order, then the end."""
    trace = TraceFile(tmp_path / "trace")
    written = [Record(t_ns=number, bus="uart", kind="write", sent=bytes((number % 256,))) for number in range(5_000)]
    for record in written:
        trace.add(record)
    trace.close()
    assert trace.failure == ""
    *read, end = read_trace(tmp_path / "trace")
    assert read == written
    assert (end.kind, end.dropped, end.error) == ("end", 0, "")


def test_a_file_has_a_limit(tmp_path: Path) -> None:
    """Then it ends, and says how many records it has not."""
    trace = TraceFile(tmp_path / "trace", limit_bytes=2_000)
    for number in range(1_000):
        trace.add(Record(t_ns=number, bus="uart", kind="write", sent=b"x"))
    trace.close()
    *read, end = read_trace(tmp_path / "trace")
    assert end.error == "the file has reached its limit"
    assert end.dropped == 1_000 - len(read)
    assert 10 < len(read) < 100
    assert (tmp_path / "trace").stat().st_size < 2_200


def test_a_medium_that_fails_ends_the_trace_and_nothing_else(tmp_path: Path) -> None:
    """`/dev/full` has no room: the reason is kept, `add` goes on taking."""
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    trace = TraceFile(full)
    trace.add(Record(t_ns=1, bus="uart", kind="write", sent=b"x"))
    trace.close()
    assert "No space left" in trace.failure
    trace.add(Record(t_ns=2, bus="uart", kind="write"))
