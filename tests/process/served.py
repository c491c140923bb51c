"""An emulated chip behind a pseudo-terminal in real time, served by a thread of the test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from sil.emulate.pty_line import PtyLine
from sil.emulate.realtime import RealTime
from sim_hal.buses.serial import SerialChip, SerialLine
from sim_hal.clock import SimClock

PATIENCE_S = 20.0


@contextmanager
def behind_a_port(clock: SimClock, chip: SerialChip, baud: int = 115_200) -> Iterator[str]:
    """The path of a terminal with `chip` at its end; `clock` runs with the wall meanwhile."""
    terminal = PtyLine(SerialLine(clock, "line", baud, chip), clock)
    bench = RealTime(clock, [terminal])
    thread = Thread(target=bench.run)
    thread.start()
    try:
        yield terminal.path
    finally:
        bench.end()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
