"""Serve ports in real time until SIGINT or SIGTERM."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence

from sil.emulate.realtime import Port, RealTime
from sim_hal.clock import SimClock


def serve(clock: SimClock, ports: Sequence[Port], announce: Callable[[], object]) -> None:
    """Run until told to end; closes every port.  `announce` is called once signals are heard."""
    bench = RealTime(clock, ports)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: bench.end())
    announce()
    bench.run()
