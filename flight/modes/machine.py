"""The mode machine: `transitions` behind one typed request."""

from __future__ import annotations

from transitions import Machine

from flight.blackboard import Blackboard
from flight.context import Accepted, EventSink, Parameters, Refused
from flight.modes.guards import GuardView, ModeFlags
from flight.modes.table import MODES
from hal.api.clock import Clock
from telemetry_defs.areas import system
from telemetry_defs.definitions import FailureCode, Mode


class _Model:
    """What the `transitions` machine hangs its state on."""

    state: Mode


class ModeMachine:
    """The `Modes` of flight.  Decides without I/O; whoever owns outputs acts on the new mode in its next tick."""

    def __init__(
        self, *, board: Blackboard, parameters: Parameters, clock: Clock, events: EventSink, flags: ModeFlags
    ) -> None:
        self._board = board
        self._parameters = parameters
        self._clock = clock
        self._events = events
        self.flags = flags
        self.entered_ns = clock.now_ns()
        self._model = _Model()
        self._machine = Machine(
            model=self._model,
            states=Mode,
            initial=Mode.INIT,
            auto_transitions=False,
            queued=True,
            transitions=[
                {"trigger": _trigger(target), "source": source, "dest": target}
                for source, spec in MODES.items()
                for target in sorted(spec.next)
            ],
        )

    @property
    def mode(self) -> Mode:
        """The current mode."""
        return self._model.state

    def request(self, mode: Mode) -> Accepted | Refused:
        """Ask for a mode; asking for the current one is granted and changes nothing."""
        if mode is self.mode:
            return Accepted(mode)
        refusal = self._refusal(mode)
        if refusal is not None:
            text = refusal.reason.encode("ascii", "replace")[:80]
            self._events.emit(system.MODE_REFUSED, system.ModeRefused(wanted=mode, reason=text))
            return refusal
        self._enter(mode)
        return Accepted(mode)

    def would_refuse(self, mode: Mode) -> Refused | None:
        """What `request` would answer, without asking."""
        return None if mode is self.mode else self._refusal(mode)

    def _refusal(self, mode: Mode) -> Refused | None:
        if mode not in MODES[self.mode].next:
            return Refused(f"{self.mode.name} does not lead to {mode.name}", FailureCode.GUARD_REFUSED)
        view = GuardView(self._board, self._parameters, self.flags, self._clock.now_ns())
        for guard in MODES[mode].guards:
            reason = guard(view)
            if reason is not None:
                return Refused(reason, FailureCode.GUARD_REFUSED)
        return None

    def _enter(self, mode: Mode) -> None:
        old = self.mode
        self._model.trigger(_trigger(mode))  # type: ignore[attr-defined]  # transitions adds it at run time
        self.entered_ns = self._clock.now_ns()
        self._events.emit(system.MODE_CHANGED, system.ModeChanged(old=old, new=self.mode))


def _trigger(mode: Mode) -> str:
    return f"enter_{mode.name.lower()}"
