"""Serve ports in real time until SIGINT or SIGTERM."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from sil.emulate.realtime import Port, RealTime
from sim_hal.clock import SimClock

NICE: Final = -15


def serve(clock: SimClock, ports: Sequence[Port], announce: Callable[[], object]) -> None:
    """Run until told to end; closes every port.  `announce` is called once signals are heard."""
    with suppress(OSError):  # a chip does not wait for a busy computer; who may not ask for this goes without
        os.setpriority(os.PRIO_PROCESS, 0, NICE)
    bench = RealTime(clock, ports)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: bench.end())
    announce()
    bench.run()
