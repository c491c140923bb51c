"""An emulated serial chip behind a pseudo-terminal, for programs that open a device file.

A pseudo-terminal has no bit rate, so bytes are held here for as long as the wire would take, in both directions.
"""

from __future__ import annotations

import contextlib
import os
import pty
import select
import tty
from collections import deque
from types import TracebackType
from typing import Final

from hal.api.clock import NS_PER_S, Clock
from sim_hal.buses.serial import BITS_A_BYTE, SerialChip

_CHUNK: Final = 4096


class PtyServer:
    """Serves `chip` at `path` until closed; somebody must call `poll` all the time."""

    def __init__(self, chip: SerialChip, baud: int, clock: Clock) -> None:
        self._chip = chip
        self._clock = clock
        self._byte_ns = BITS_A_BYTE * NS_PER_S // baud
        self._master, self._slave = pty.openpty()  # our own hold on the slave: a client may come and go
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)
        self.lost_bytes = 0
        """Sent to a client that did not read."""
        self._inward: deque[tuple[int, int, bytes]] = deque()
        """End, start and bytes on their way to the chip."""
        self._outward: deque[tuple[int, bytes]] = deque()
        self._in_free_ns = self._out_free_ns = 0
        self._at_ns = 0
        """What the chip takes for the present."""
        chip.connect(self._emit)

    def poll(self, timeout_s: float) -> None:
        """Wait up to `timeout_s` for bytes or for something that is due, and do it."""
        self._deliver()
        wait_s = min(timeout_s, self._next_s())
        if select.select([self._master], [], [], wait_s)[0]:
            self._take()
        self._deliver()

    def close(self) -> None:
        """Remove the terminal."""
        os.close(self._master)
        os.close(self._slave)

    def __enter__(self) -> PtyServer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _take(self) -> None:
        """Put what the client wrote on the wire."""
        with contextlib.suppress(BlockingIOError):
            data = os.read(self._master, _CHUNK)
            start_ns = max(self._clock.now_ns(), self._in_free_ns)
            self._in_free_ns = start_ns + len(data) * self._byte_ns
            self._inward.append((self._in_free_ns, start_ns, data))

    def _deliver(self) -> None:
        """Everything whose last bit is over."""
        now_ns = self._clock.now_ns()
        while self._inward and self._inward[0][0] <= now_ns:
            end_ns, start_ns, data = self._inward.popleft()
            self._at_ns = end_ns
            self._chip.receive(data, start_ns, end_ns)
        while self._outward and self._outward[0][0] <= now_ns:
            self._put(self._outward.popleft()[1])

    def _put(self, data: bytes) -> None:
        written = 0
        with contextlib.suppress(BlockingIOError):
            written = os.write(self._master, data)
        self.lost_bytes += len(data) - written

    def _emit(self, data: bytes, delay_ns: int) -> None:
        start_ns = max(self._at_ns + delay_ns, self._out_free_ns)
        self._out_free_ns = start_ns + len(data) * self._byte_ns
        self._outward.append((self._out_free_ns, data))

    def _next_s(self) -> float:
        """Time until something is due, s."""
        due = [queue[0][0] for queue in (self._inward, self._outward) if queue]
        return max(0.0, (min(due) - self._clock.now_ns()) / NS_PER_S) if due else float("inf")
