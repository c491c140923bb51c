"""An integrating instrument that needs power and a warm-up, with faults on demand."""

from __future__ import annotations

from collections.abc import Callable

from hal.api.clock import Clock, seconds
from hal.api.errors import DeviceTimeout, NotReady
from hal.api.values import InstrumentStatus, Record


class FakeInstrument:
    """Implements `hal.api.devices.Instrument`."""

    def __init__(self, clock: Clock, powered: Callable[[], bool], warmup_s: float = 30.0) -> None:
        self._clock = clock
        self._powered = powered
        self._warmup_ns = seconds(warmup_s)
        self._on_ns: int | None = None
        self._done_ns: int | None = None
        self.record = b"record" * 20
        self.never_ready = False
        self.stuck = False
        self.silent = False
        self.aborts = 0

    def start(self, duration_s: float) -> None:
        self._answer()
        if not self._warm() or self._done_ns is not None:
            raise NotReady("instrument", "warming up or busy")
        self._done_ns = self._clock.now_ns() + seconds(duration_s)

    def poll(self) -> Record | None:
        self._answer()
        if self.stuck or self._done_ns is None or self._clock.now_ns() < self._done_ns:
            return None
        self._done_ns = None
        return Record(time_ns=self._clock.now_ns(), data=self.record)

    def abort(self) -> None:
        self._answer()
        self.aborts += 1
        self._done_ns = None

    def status(self) -> InstrumentStatus:
        self._answer()
        return InstrumentStatus(
            time_ns=self._clock.now_ns(),
            ready=self._warm() and self._done_ns is None,
            acquiring=self._done_ns is not None,
            fault=False,
        )

    def _warm(self) -> bool:
        on_ns = self._on_ns
        return not self.never_ready and on_ns is not None and self._clock.now_ns() - on_ns >= self._warmup_ns

    def _answer(self) -> None:
        if not self._powered():
            self._on_ns = self._done_ns = None
            raise NotReady("instrument", "unpowered")
        if self._on_ns is None:
            self._on_ns = self._clock.now_ns()
        if self.silent:
            raise DeviceTimeout("instrument", "no answer")
