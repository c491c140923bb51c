"""Life cycle of one instrument: OFF, WARMUP, READY, ACQUIRING, FAULT.

    OFF -> WARMUP -> READY -> ACQUIRING -> READY        power lost or preconditions gone: OFF
                 any failure of the device -> FAULT     left by a power command only

An acquisition asked of an instrument that is off switches it on, and off again when it is done.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

import msgspec

from flight.context import EventSink, Execution
from flight.instruments.unit import Spec, Unit
from flight.loads import LoadRequests
from flight.persistence import Persistent
from flight.products.format import Payload
from hal.api.clock import NS_PER_S, seconds
from hal.api.errors import DeviceError
from telemetry_defs.areas import instruments as area
from telemetry_defs.areas.instruments import InstrumentId, LifeState, Reason
from telemetry_defs.definitions import Event, FailureCode

POWER_WAIT_NS: Final = 5 * NS_PER_S
"""A load is granted within a second; after five it will not be."""
TEMPERATURE_HOLD_NS: Final = 30 * NS_PER_S
MAX_ERRORS: Final = 3
"""Device errors in a row that make a fault."""
STEP_STARTED, STEP_ACQUIRED = 1, 2

FAILURE_CODES: Final = MappingProxyType(
    {
        Reason.NO_POWER: FailureCode.PRECONDITION,
        Reason.TEMPERATURE: FailureCode.PRECONDITION,
        Reason.CHARGE: FailureCode.PRECONDITION,
        Reason.NOT_READY: FailureCode.TIMEOUT,
        Reason.STUCK: FailureCode.TIMEOUT,
        Reason.DEVICE: FailureCode.DEVICE,
        Reason.STORAGE: FailureCode.STORAGE,
    }
)
"""For every other reason: ABORTED."""


class Acquisition(msgspec.Struct):
    """One telecommand being carried out; `storing` once the payload is there."""

    amount_s: float
    execution: Execution
    switch_off_after: bool
    storing: bool = False


Store = Callable[[InstrumentId, Payload], bool]
"""Hands a payload to storage; False when too much waits."""


class LifeCycle:
    """One instrument with its load, its device and at most one acquisition."""

    def __init__(self, spec: Spec, unit: Unit, loads: LoadRequests, events: EventSink, store: Store) -> None:
        self.spec = spec
        self.state = LifeState.OFF
        self.acquisition: Acquisition | None = None
        self.faults = 0
        self._unit = unit
        self._loads = loads
        self._events = events
        self._store = store
        self._since_ns = 0
        self._powered_ns: int | None = None
        self._errors = 0
        self._outside = Persistent(TEMPERATURE_HOLD_NS)
        loads.request(spec.name, False)  # the requests of a row that was rebuilt are void

    # What telecommands and modes ask.

    def problem(self, temperature_c: float | None, soc: float | None, min_soc: float) -> Reason | None:
        """Why it may not be switched on or used now; an unknown temperature or charge counts as bad."""
        if temperature_c is None or not self.spec.min_c <= temperature_c <= self.spec.max_c:
            return Reason.TEMPERATURE
        return Reason.CHARGE if soc is None or soc < min_soc else None

    def switch_on(self, now_ns: int) -> None:
        """Begin to warm up; nothing to do while it is on already."""
        if self.state in (LifeState.OFF, LifeState.FAULT):
            self._loads.request(self.spec.name, True)
            self._enter(LifeState.WARMUP, now_ns)
            self._powered_ns = None
            self._outside.update(now_ns, False)

    def switch_off(self, now_ns: int, reason: Reason) -> None:
        """Off at once; an acquisition fails, unless its payload is being stored already."""
        self._loads.request(self.spec.name, False)
        self._drop_acquisition(reason)
        if self.state is not LifeState.OFF:
            self._enter(LifeState.OFF, now_ns)
            self._report(area.SWITCHED_OFF, reason)

    def acquire(self, now_ns: int, amount_s: float, execution: Execution) -> None:
        """Carry out an acquisition; the caller has checked that none runs and nothing forbids it."""
        was_off = self.state in (LifeState.OFF, LifeState.FAULT)
        self.acquisition = Acquisition(amount_s, execution, switch_off_after=was_off)
        execution.start()
        if was_off:
            self.switch_on(now_ns)

    def abort(self, now_ns: int, reason: Reason) -> bool:
        """End the acquisition; False when there is none, or its payload is there already."""
        acquisition = self.acquisition
        if acquisition is None or acquisition.storing:
            return False
        acquiring = self.state is LifeState.ACQUIRING
        self._drop_acquisition(reason)
        if acquiring:
            self._stop_device(now_ns, reason)
        elif acquisition.switch_off_after:
            self.switch_off(now_ns, reason)
        return True

    def stored(self, now_ns: int, ok: bool) -> None:
        """Storage has the payload, or could not take it."""
        acquisition, self.acquisition = self.acquisition, None
        if acquisition is None:
            return
        if ok:
            acquisition.execution.complete()
        else:
            acquisition.execution.fail(FailureCode.STORAGE)
        if acquisition.switch_off_after:
            self.switch_off(now_ns, Reason.DONE)

    # The cycle.

    def tick(self, now_ns: int, temperature_c: float | None) -> None:
        """Once a second."""
        if self.state in (LifeState.OFF, LifeState.FAULT):
            return
        if self._without_power(now_ns):
            return
        bad = temperature_c is None or not self.spec.min_c <= temperature_c <= self.spec.max_c
        if self._outside.update(now_ns, bad):
            self.switch_off(now_ns, Reason.TEMPERATURE)
            return
        try:
            self._step(now_ns)
            self._errors = 0
        except DeviceError:
            self._errors += 1
            if self._errors >= MAX_ERRORS:
                self._fault(now_ns, Reason.DEVICE)

    def _without_power(self, now_ns: int) -> bool:
        """Wait for power to come; notice that it has gone."""
        if self._loads.is_on(self.spec.name):
            if self._powered_ns is None:
                self._powered_ns = now_ns
            return False
        if self._powered_ns is not None:
            self._lose_power(now_ns, Reason.POWER_SHED)
        elif now_ns - self._since_ns >= POWER_WAIT_NS:
            self._lose_power(now_ns, Reason.NO_POWER)
        return True

    def _step(self, now_ns: int) -> None:
        if self.state is LifeState.WARMUP:
            self._warm_up(now_ns)
        elif self.state is LifeState.ACQUIRING:
            self._poll(now_ns)
        if self.state is LifeState.READY and self.acquisition is not None and not self.acquisition.storing:
            self._start(now_ns, self.acquisition)

    def _warm_up(self, now_ns: int) -> None:
        powered_ns = now_ns if self._powered_ns is None else self._powered_ns
        if now_ns - powered_ns >= seconds(self.spec.ready_timeout_s):
            self._fault(now_ns, Reason.NOT_READY)
        elif self._unit.ready() and now_ns - powered_ns >= seconds(self.spec.least_warmup_s):
            self._enter(LifeState.READY, now_ns)
            self._events.emit(area.READY, area.WhichInstrument(instrument=self.spec.instrument))

    def _start(self, now_ns: int, acquisition: Acquisition) -> None:
        self._unit.start(acquisition.amount_s)
        self._enter(LifeState.ACQUIRING, now_ns)
        self._events.emit(area.STARTED, area.WhichInstrument(instrument=self.spec.instrument))
        acquisition.execution.progress(STEP_STARTED)

    def _poll(self, now_ns: int) -> None:
        acquisition = self.acquisition
        if acquisition is None:
            self._enter(LifeState.READY, now_ns)
            return
        payload = self._unit.poll()
        if payload is not None:
            self._enter(LifeState.READY, now_ns)
            acquisition.storing = True
            acquisition.execution.progress(STEP_ACQUIRED)
            if not self._store(self.spec.instrument, payload):
                self.stored(now_ns, False)
        elif now_ns - self._since_ns >= seconds(acquisition.amount_s + self.spec.margin_s):
            self._fault(now_ns, Reason.STUCK)

    # Ways out.

    def _enter(self, state: LifeState, now_ns: int) -> None:
        self.state = state
        self._since_ns = now_ns
        self._errors = 0

    def _stop_device(self, now_ns: int, reason: Reason) -> None:
        """Stop integrating.  One that cannot be stopped, or does not listen, is switched off."""
        try:
            self._unit.abort()
            idle = self._unit.ready()
        except DeviceError:
            idle = False
        if idle and self.spec.instrument is not InstrumentId.CAMERA:
            self._enter(LifeState.READY, now_ns)
        else:
            self.switch_off(now_ns, reason)

    def _lose_power(self, now_ns: int, reason: Reason) -> None:
        self._loads.request(self.spec.name, False)
        self._enter(LifeState.OFF, now_ns)
        self._report(area.POWER_LOST, reason)
        self._drop_acquisition(reason)

    def _fault(self, now_ns: int, reason: Reason) -> None:
        self.faults += 1
        self._loads.request(self.spec.name, False)
        self._enter(LifeState.FAULT, now_ns)
        self._report(area.FAULT, reason)
        self._drop_acquisition(reason)

    def _drop_acquisition(self, reason: Reason) -> None:
        acquisition = self.acquisition
        if acquisition is None or acquisition.storing:
            return
        self.acquisition = None
        self._report(area.ABORTED, reason)
        acquisition.execution.fail(FAILURE_CODES.get(reason, FailureCode.ABORTED), reason)

    def _report(self, event: Event, reason: Reason) -> None:
        self._events.emit(event, area.InstrumentReason(instrument=self.spec.instrument, reason=reason))
