"""A simulated serial line: bytes take their time on the wire, a reply is one timed chunk.

The line and its chip outlive a reset of the computer; `SerialPort` is what one life of flight holds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from hal.api.clock import NS_PER_S
from hal.buses.api import BusLost
from sim_hal.clock import Rank, SimClock
from sim_hal.plug import Plug

BITS_A_BYTE: Final = 10
"""Start bit, 8 data bits, stop bit."""
FIFO_BYTES: Final = 4096
"""What a kernel's receive buffer holds; later bytes are lost."""

PIECE_BYTES: Final = 128
MOST_WAITING: Final = FIFO_BYTES
"""Answers of a chip on their way: a program that asks faster than the line answers loses the latest ones."""

Emit = Callable[[bytes, int], None]
"""Sends bytes to the host, the first bit after so many ns."""
ReplyFault = Callable[[bytes, int], list[tuple[bytes, int]]]
"""Turns one reply and its delay into what really goes out: nothing, less, something else, later."""

Garble = Callable[[bytes], bytes]
"""What reaches the chip of what the host has sent; as many bytes."""


class SerialChip(Protocol):
    """A chip, or several that share the line, at the far end of a serial line."""

    def connect(self, emit: Emit) -> None:
        """Take the way back to the host; called once, before anything else."""
        ...

    def receive(self, data: bytes, start_ns: int, end_ns: int) -> None:
        """Bytes from the host, without a gap between them; the first began at `start_ns`, the last is over now."""
        ...


class SerialLine:
    """The wires and what is on them."""

    __slots__ = (
        "_arriving", "_chip", "_clock", "_heard_ns", "_on_demand", "_rx_free_ns", "_sending", "_tx_free_ns", "baud",
        "byte_ns", "dropped_bytes", "fault", "garbled", "name", "requests", "rx", "unplugged",
    )  # fmt: skip

    def __init__(self, clock: SimClock, name: str, baud: int, chip: SerialChip) -> None:
        self._clock = clock
        self._chip = chip
        self.name = name
        self.baud = baud
        self.byte_ns = BITS_A_BYTE * NS_PER_S // baud
        self.rx = bytearray()
        self.dropped_bytes = 0
        """Lost because nobody read, or asked for too much at once."""
        self.requests = 0
        """How often the host has sent something."""
        self.fault: ReplyFault | None = None
        self.garbled: tuple[Garble, ...] = ()
        """Faults of what the host sends."""
        self.unplugged = False
        self._tx_free_ns = self._rx_free_ns = 0
        self._heard_ns = -1
        """While the chip takes something: when that ended, which `settle` may find out late."""
        self._sending: deque[tuple[int, int, bytes]] = deque()
        """End, start and bytes of each piece."""
        self._arriving: deque[tuple[int, bytes]] = deque()
        self._on_demand = getattr(chip, "ANSWERS_ONLY", False)
        """The chip speaks only when asked and whoever asks waits: it need not be woken, `settle` is soon enough."""
        chip.connect(self._emit)

    def send(self, data: bytes) -> None:
        """The host transmits; what is long reaches the chip piece by piece, as its buffer would see it."""
        self.requests += 1
        if len(data) <= PIECE_BYTES:
            self._send(data)
            return
        for begin in range(0, len(data), PIECE_BYTES):
            self._send(data[begin : begin + PIECE_BYTES])

    def _send(self, data: bytes) -> None:
        start_ns, now_ns = self._tx_free_ns, self._clock.time_ns
        start_ns = max(start_ns, now_ns)
        self._tx_free_ns = end_ns = start_ns + len(data) * self.byte_ns
        self._sending.append((end_ns, start_ns, data))
        if not self._on_demand:
            self._clock.at(end_ns, Rank.BYTES, self._sent)

    @property
    def unsent_bytes(self) -> int:
        """What the host has handed over and the wire has not yet taken."""
        return max(0, self._tx_free_ns - self._clock.time_ns) // self.byte_ns

    def next_ns(self) -> int | None:
        """When something is due to happen on the line, None if nothing is known to be."""
        if self._sending:
            return self._sending[0][0]
        return self._arriving[0][0] if self._arriving else None

    def settle(self, now_ns: int) -> None:
        """Bring the line up to `now_ns`: the chip has what was sent by then, the receive buffer what has arrived."""
        if self._on_demand:
            sending = self._sending
            while sending and sending[0][0] <= now_ns:
                self._sent()
        arriving = self._arriving
        while arriving and arriving[0][0] <= now_ns:
            _, data = arriving.popleft()
            room = FIFO_BYTES - len(self.rx)
            self.rx += data[:room]
            self.dropped_bytes += max(0, len(data) - room)

    def forget(self) -> None:
        """The computer is gone: what it had not sent is never sent, what it had not read is lost."""
        self.settle(self._clock.time_ns)
        self.rx.clear()
        if self._on_demand:
            self._sending.clear()
        self._tx_free_ns = self._clock.now_ns()

    def babble(self, data: bytes) -> None:
        """Bytes out of nowhere, now."""
        self._put(data, 0)

    def _sent(self) -> None:
        end_ns, start_ns, data = self._sending.popleft()
        if not self.unplugged:
            for garble in self.garbled:
                data = garble(data)
            self._heard_ns = end_ns
            self._chip.receive(data, start_ns, end_ns)
            self._heard_ns = -1

    def _emit(self, data: bytes, delay_ns: int) -> None:
        if self.unplugged:
            return
        if self.fault is None:
            self._put(data, delay_ns)
            return
        for piece, piece_delay_ns in self.fault(data, delay_ns):
            self._put(piece, piece_delay_ns)

    def _put(self, data: bytes, delay_ns: int) -> None:
        if len(self._arriving) >= MOST_WAITING:
            self.dropped_bytes += len(data)
            return
        heard_ns = self._heard_ns
        start_ns, free_ns = (heard_ns if heard_ns >= 0 else self._clock.time_ns) + delay_ns, self._rx_free_ns
        start_ns = max(start_ns, free_ns)
        self._rx_free_ns = end_ns = start_ns + len(data) * self.byte_ns
        self._arriving.append((end_ns, data))


class SerialPort:
    """A line as one life of flight sees it; implements `hal.buses.api.SerialBus`."""

    __slots__ = ("_line", "_plug", "byte_ns", "name")

    def __init__(self, plug: Plug, line: SerialLine) -> None:
        self._plug = plug
        self._line = line
        self.name = line.name
        self.byte_ns = line.byte_ns

    def write(self, data: bytes) -> None:
        self._plug.now_ns()
        if self._line.unplugged:
            raise BusLost(self.name, "unplugged")
        self._line.send(data)

    def read(self, size: int, deadline_ns: int) -> bytes:
        line, plug = self._line, self._plug
        rx, now_ns = line.rx, plug.now_ns()
        next_ns = line.next_ns()
        if next_ns is not None and next_ns <= now_ns:
            line.settle(now_ns)
        while len(rx) < size and now_ns < deadline_ns:
            next_ns = line.next_ns()
            now_ns = deadline_ns if next_ns is None or next_ns > deadline_ns else next_ns
            plug.sleep_until_ns(now_ns)
            line.settle(now_ns)
        if line.unplugged:
            raise BusLost(self.name, "unplugged")
        data = bytes(rx[:size])
        del rx[:size]
        return data

    def drop_input(self) -> int:
        line, now_ns = self._line, self._plug.now_ns()
        next_ns = line.next_ns()
        if next_ns is not None and next_ns <= now_ns:
            line.settle(now_ns)
        if not line.rx:
            return 0
        dropped = len(line.rx)
        line.rx.clear()
        return dropped
