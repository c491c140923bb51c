"""A bank of switches with hold times: set on change, refreshed before the hold ends, read back every time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flight.persistence import Backoff, Persistent
from hal.api.clock import NS_PER_S
from hal.api.devices import SwitchBank
from hal.api.errors import DeviceError, DeviceTimeout

REFRESHES_A_HOLD: Final = 3
"""Two refreshes may fail before a hold runs out."""
STUCK_NS: Final = 3 * NS_PER_S


class HeldSwitch:
    """One switch as flight sees it."""

    __slots__ = ("_disobeys", "is_on", "ordered", "refreshed_ns", "stuck")

    def __init__(self) -> None:
        self.ordered: bool | None = None
        """What it was told last; None before the first word and after a failure."""
        self.is_on = False
        """Read back; False when it could not be read: nobody may rely on it."""
        self.refreshed_ns = 0
        self.stuck = False
        """It has not obeyed for a while."""
        self._disobeys = Persistent(STUCK_NS)

    def judge(self, now_ns: int) -> bool:
        """Compare with what was ordered; returns whether the judgement changed."""
        stuck = self._disobeys.update(now_ns, self.is_on is not self.ordered)
        changed = stuck is not self.stuck
        self.stuck = stuck
        return changed


class HeldSwitches:
    """Drives the switches `names` of `bank`; `note` is told every state read back."""

    def __init__(
        self, bank: SwitchBank, names: tuple[str, ...], hold_ns: int, note: Callable[[str, bool], None] | None = None
    ) -> None:
        self._bank = bank
        self._hold_ns = hold_ns
        self._refresh_ns = hold_ns // REFRESHES_A_HOLD
        self._note = note
        self._backoff = Backoff(NS_PER_S, 10 * NS_PER_S)
        self.switches = {name: HeldSwitch() for name in names}
        self.errors = 0
        self.lost = False
        """At least one switch did not answer, and again when it was tried a second time."""

    def apply(self, now_ns: int, wanted: tuple[bool, ...]) -> list[str]:
        """Make the switches so, in the order of their names.  Returns those whose `stuck` changed."""
        if not self._backoff.due(now_ns):
            return []
        changed: list[str] = []
        failed = False
        for (name, switch), on in zip(self.switches.items(), wanted, strict=True):
            try:
                if self._drive(now_ns, name, switch, on):
                    changed.append(name)
            except DeviceError as error:
                failed = True
                self.errors += 1
                self._forget(name, switch)
                if isinstance(error, DeviceTimeout):
                    break  # a dead bank costs its timeout once, not once a switch
        self._conclude(now_ns, failed)
        return changed

    def _drive(self, now_ns: int, name: str, switch: HeldSwitch, on: bool) -> bool:
        if switch.ordered is not on or now_ns - switch.refreshed_ns >= self._refresh_ns:
            self._bank.set(name, on, self._hold_ns)
            switch.ordered = on
            switch.refreshed_ns = now_ns
        switch.is_on = self._bank.is_on(name)
        if self._note is not None:
            self._note(name, switch.is_on)
        return switch.judge(now_ns)

    def _forget(self, name: str, switch: HeldSwitch) -> None:
        switch.ordered = None
        switch.is_on = False
        if self._note is not None:
            self._note(name, False)

    def _conclude(self, now_ns: int, failed: bool) -> None:
        if not failed:
            self._backoff.succeeded()
            self.lost = False
            return
        self._backoff.failed(now_ns)
        self.lost = self._backoff.failures > 1
        for name, switch in self.switches.items():
            if now_ns - switch.refreshed_ns >= self._hold_ns:  # it is at its safe value, whatever was read last
                self._forget(name, switch)

    def make_safe(self) -> None:
        """Every switch to its safe value."""
        for name, switch in self.switches.items():
            self._forget(name, switch)
        self._bank.make_safe()

    def reset(self) -> None:
        """Judge anew."""
        for switch in self.switches.values():
            switch.stuck = False
