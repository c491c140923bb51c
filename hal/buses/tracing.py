"""Every transaction of every bus into a file, for `rahi trace`: who said what to which chip, and what went wrong.

A wrapper costs its caller one small record in memory.  A thread writes them in JSON lines, so that flight never waits
for the medium; a file that is full, or a medium that fails, ends the trace and nothing else.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from threading import Condition, Thread
from typing import Final, Literal, TypeVar

import msgspec

from hal.api.clock import Clock
from hal.buses.api import BusError, GpioBus, I2cBus, SerialBus
from hal.buses.opening import Openers
from hal.buses.url import BusUrl

B = TypeVar("B")

LIMIT_BYTES: Final = 64_000_000
"""A file is no longer than this: about an hour of a rover with everything on."""
MOST_WAITING: Final = 100_000
"""Records that may wait for the medium; more are dropped and counted."""
PERIOD_S: Final = 0.5
"""How often the thread looks."""
CLOSE_S: Final = 5.0

Kind = Literal["write", "read", "drop", "transfer", "claim", "set", "get", "end"]


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One transaction.  `sent` and `got` are bytes; of a GPIO line one byte, 0 or 1."""

    t_ns: int
    bus: str
    kind: Kind
    took_ns: int = 0
    place: int | None = None
    """I2C address or GPIO line."""
    sent: bytes = b""
    got: bytes = b""
    error: str = ""
    dropped: int = 0
    """Bytes of a `drop`, records of the `end`."""


Sink = Callable[[Record], None]


class TraceFile:
    """Takes records from any thread and never makes it wait for the medium."""

    def __init__(self, path: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        """Begin a new file.  Raises OSError."""
        self.failure = ""
        """Why the trace ended early."""
        self._file = path.open("wb")
        self._left_bytes = limit_bytes
        self._changed = Condition()
        self._waiting: deque[Record] = deque()
        self._dropped = 0
        self._last_ns = 0
        self._closing = False
        self._writer = Thread(target=self._write_behind, name="trace", daemon=True)
        self._writer.start()

    def add(self, record: Record) -> None:
        """Note one transaction."""
        if len(self._waiting) >= MOST_WAITING or self.failure:
            self._dropped += 1
        else:
            self._waiting.append(record)

    def close(self) -> None:
        """Write what waits, and how many were dropped."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._writer.join(CLOSE_S)

    def _write_behind(self) -> None:
        closing = False
        while not closing:
            with self._changed:
                closing = self._closing or self._changed.wait_for(lambda: self._closing, PERIOD_S)
            self._write_waiting()
        try:
            end = Record(t_ns=self._last_ns, bus="", kind="end", error=self.failure, dropped=self._dropped)
            self._file.write(_line(end))
            self._file.close()
        except OSError as error:
            self.failure = self.failure or str(error.strerror or error)

    def _write_waiting(self) -> None:
        waiting = self._waiting
        try:
            while waiting:
                record = waiting.popleft()
                line = _line(record)
                if self.failure or self._left_bytes < len(line):
                    self.failure = self.failure or "the file has reached its limit"
                    self._dropped += 1
                    continue
                self._left_bytes -= len(line)
                self._last_ns = record.t_ns
                self._file.write(line)
            self._file.flush()
        except OSError as error:
            self.failure = self.failure or str(error.strerror or error)


def _line(record: Record) -> bytes:
    return msgspec.json.encode(record) + b"\n"


class TracingSerial:
    """Implements `hal.buses.api.SerialBus` over another one."""

    def __init__(self, bus: SerialBus, sink: Sink, clock: Clock) -> None:
        self._bus = bus
        self._sink = sink
        self._clock = clock
        self.name = bus.name
        self.byte_ns = bus.byte_ns

    def write(self, data: bytes) -> None:
        """Noted as sent even when it fails: a part may have gone out."""
        now_ns, error = self._clock.now_ns(), ""
        try:
            self._bus.write(data)
        except BusError as failure:
            error = failure.detail
            raise
        finally:
            self._sink(Record(t_ns=now_ns, bus=self.name, kind="write", sent=data, error=error))

    def read(self, size: int, deadline_ns: int) -> bytes:
        """A look that finds nothing is not worth a record; a wait in vain is."""
        now_ns, data, error = self._clock.now_ns(), b"", ""
        try:
            data = self._bus.read(size, deadline_ns)
        except BusError as failure:
            error = failure.detail
            raise
        finally:
            if data or error or deadline_ns > now_ns:
                took_ns = self._clock.now_ns() - now_ns
                self._sink(Record(t_ns=now_ns, bus=self.name, kind="read", took_ns=took_ns, got=data, error=error))
        return data

    def drop_input(self) -> int:
        """Noted when there was something."""
        dropped = self._bus.drop_input()
        if dropped:
            self._sink(Record(t_ns=self._clock.now_ns(), bus=self.name, kind="drop", dropped=dropped))
        return dropped


class TracingI2c:
    """Implements `hal.buses.api.I2cBus` over another one."""

    def __init__(self, bus: I2cBus, sink: Sink, clock: Clock) -> None:
        self._bus = bus
        self._sink = sink
        self._clock = clock
        self.name = bus.name

    def transfer(self, address: int, written: bytes, read_size: int) -> bytes:
        """Noted with what was read or why not."""
        now_ns, data, error = self._clock.now_ns(), b"", ""
        try:
            data = self._bus.transfer(address, written, read_size)
        except BusError as failure:
            error = failure.detail
            raise
        finally:
            took_ns = self._clock.now_ns() - now_ns
            self._sink(
                Record(
                    t_ns=now_ns, bus=self.name, kind="transfer", took_ns=took_ns, place=address, sent=written, got=data,
                    error=error,
                )
            )  # fmt: skip
        return data


class TracingGpio:
    """Implements `hal.buses.api.GpioBus` over another one."""

    def __init__(self, bus: GpioBus, sink: Sink, clock: Clock) -> None:
        self._bus = bus
        self._sink = sink
        self._clock = clock
        self.name = bus.name

    def claim(self, line: int, value: bool, *, active_low: bool = False) -> None:
        """Noted with its first level."""
        self._noted("claim", line, value, lambda: self._bus.claim(line, value, active_low=active_low))

    def set(self, line: int, value: bool) -> None:
        """Noted with its level."""
        self._noted("set", line, value, lambda: self._bus.set(line, value))

    def get(self, line: int) -> bool:
        """Noted with what was read."""
        return self._noted("get", line, None, lambda: self._bus.get(line))

    def _noted(self, kind: Kind, line: int, value: bool | None, call: Callable[[], B]) -> B:
        now_ns, sent = self._clock.now_ns(), b"" if value is None else bytes((value,))
        try:
            result = call()
        except BusError as failure:
            self._sink(Record(t_ns=now_ns, bus=self.name, kind=kind, place=line, sent=sent, error=failure.detail))
            raise
        got = bytes((result,)) if isinstance(result, bool) else b""
        self._sink(Record(t_ns=now_ns, bus=self.name, kind=kind, place=line, sent=sent, got=got))
        return result


def traced(openers: Openers, sink: Sink) -> Openers:
    """Openers whose buses write down what they do; a budget around them sees what it saw before."""
    return Openers(
        serial={scheme: _through(opener, TracingSerial, sink) for scheme, opener in openers.serial.items()},
        i2c={scheme: _through(opener, TracingI2c, sink) for scheme, opener in openers.i2c.items()},
        gpio={scheme: _through(opener, TracingGpio, sink) for scheme, opener in openers.gpio.items()},
    )


def _through(
    opener: Callable[[str, BusUrl, Clock], B], wrap: Callable[[B, Sink, Clock], B], sink: Sink
) -> Callable[[str, BusUrl, Clock], B]:
    return lambda name, url, clock: wrap(opener(name, url, clock), sink, clock)
