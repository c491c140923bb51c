"""SERVICE for the time of a check-out, and everything put back at its end, however it ends."""

from __future__ import annotations

from contextlib import suppress
from types import TracebackType

from flight.modes.table import MODES
from ground.errors import GroundError
from sil.checkout.line import Line
from sil.checkout.motors import give_back
from telemetry_defs.definitions import Mode


class NoService(GroundError):
    """The rover did not go into SERVICE."""


class Service:
    """A context manager.

    Attributes:
        left: mode that the rover was left in; None if it did not say.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self._before: Mode | None = None
        self.left: Mode | None = None

    def __enter__(self) -> Service:
        return self

    def begin(self) -> None:
        """Ask for SERVICE; within the context, so that a Ctrl-C while it is on its way is put right too.

        Raises:
            NoService: no answer, or refused.
        """
        self._before = self._mode()
        if self._before is None:
            raise NoService("the rover does not answer")
        if self._before is not Mode.SERVICE:
            answer = self._line.command("system.set_mode", mode="SERVICE")
            if not answer.done:
                raise NoService(f"SERVICE from {self._before.name}: {answer.why}")

    def __exit__(self, kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        """STOP at once if it was cut short; motors off, mode as before or SAFE; the link may be gone."""
        with suppress(GroundError):
            if kind is not None:
                self._line.stop()
            give_back(self._line)
            self._go_back(cut_short=kind is not None)
            self.left = self._mode()

    def _go_back(self, *, cut_short: bool) -> None:
        """From SERVICE only: a rover that refused it, or has left it for a reason of its own, stays where it is."""
        if self._mode() not in (Mode.SERVICE, None):
            return
        before = self._before or Mode.SAFE
        if before is not Mode.SERVICE:
            back = before if before in MODES[Mode.SERVICE].next else Mode.SAFE
            if not self._line.command("system.set_mode", mode=back.name).done and back is not Mode.SAFE:
                self._line.command("system.set_mode", mode="SAFE")
        elif cut_short:
            self._line.command("system.set_mode", mode="SAFE")  # which ends a heater test too
            self._line.command("system.set_mode", mode="SERVICE")

    def _mode(self) -> Mode | None:
        report = self._line.report("system.hk")
        return None if report is None else report["mode"]
