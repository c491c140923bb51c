"""Opening the hold-down on the lander: fired once, then watched until it reports open."""

from __future__ import annotations

from flight.context import Context, Execution
from hal.api.clock import seconds
from hal.api.devices import Egress
from hal.api.errors import DeviceError
from telemetry_defs.areas import mobility_events as events
from telemetry_defs.definitions import FailureCode


class HoldDown:
    """The release of one rover; `device` is None where nothing holds it."""

    __slots__ = ("_context", "_deadline_ns", "_device", "_execution", "_timeout_ns")

    def __init__(self, device: Egress | None, timeout_s: float, context: Context) -> None:
        self._device = device
        self._timeout_ns = seconds(timeout_s)
        self._context = context
        self._execution: Execution | None = None
        self._deadline_ns = 0

    @property
    def active(self) -> bool:
        """Fired and not yet seen open."""
        return self._execution is not None

    def fire(self, execution: Execution, now_ns: int) -> None:
        """Open it; completion is reported when it is seen open."""
        if self._device is None:
            execution.fail(FailureCode.NOT_AVAILABLE)
            return
        if self.active:
            execution.fail(FailureCode.BUSY)
            return
        try:
            self._device.release()
        except DeviceError:
            execution.fail(FailureCode.DEVICE)
            return
        execution.start()
        self._execution = execution
        self._deadline_ns = now_ns + self._timeout_ns

    def poll(self, now_ns: int) -> None:
        """Look whether it is open yet."""
        execution = self._execution
        if execution is None:
            return
        if self.is_open():
            self._execution = None
            self._context.events.emit(events.RELEASED)
            execution.complete()
        elif now_ns >= self._deadline_ns:
            self._execution = None
            execution.fail(FailureCode.TIMEOUT)

    def is_open(self) -> bool:
        """True if nothing holds the rover; a device that does not answer counts as holding it."""
        if self._device is None:
            return True
        try:
            return self._device.status().released
        except DeviceError:
            return False
