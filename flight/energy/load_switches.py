"""The load switches: set on change, refreshed before their hold ends, read back every time."""

from __future__ import annotations

from typing import Final

from flight.loads import Loads
from flight.persistence import Backoff, Persistent
from hal.api.clock import NS_PER_S
from hal.api.devices import SwitchBank
from hal.api.errors import DeviceError, DeviceTimeout

HOLD_NS: Final = 60 * NS_PER_S
REFRESH_NS: Final = 20 * NS_PER_S
"""Two refreshes may fail before a hold runs out."""
STUCK_NS: Final = 3 * NS_PER_S


class LoadSwitch:
    """One switch as flight sees it."""

    __slots__ = ("_disobeys", "ordered", "refreshed_ns", "stuck")

    def __init__(self) -> None:
        self.ordered: bool | None = None
        """What it was told last, None before the first word."""
        self.refreshed_ns = 0
        self.stuck = False
        self._disobeys = Persistent(STUCK_NS)

    def judge(self, now_ns: int, is_on: bool) -> bool:
        """Compare with what was ordered; returns whether the judgement changed."""
        stuck = self._disobeys.update(now_ns, is_on is not self.ordered)
        changed = stuck is not self.stuck
        self.stuck = stuck
        return changed


class LoadSwitches:
    """The bank, with the states written into `Loads`."""

    def __init__(self, bank: SwitchBank, loads: Loads) -> None:
        self._bank = bank
        self._loads = loads
        self._backoff = Backoff(NS_PER_S, 10 * NS_PER_S)
        self.switches = {name: LoadSwitch() for name in loads.names}
        self.errors = 0
        self.lost = False
        """At least one switch did not answer in the last try."""

    def apply(self, now_ns: int, granted: tuple[bool, ...]) -> list[str]:
        """Make the switches so (in the order of `Loads.names`).  Returns those whose `stuck` changed."""
        if not self._backoff.due(now_ns):
            return []
        changed: list[str] = []
        failed = False
        for (name, switch), on in zip(self.switches.items(), granted, strict=True):
            try:
                if self._drive(now_ns, name, switch, on):
                    changed.append(name)
            except DeviceError as error:
                failed = True
                self.errors += 1
                switch.ordered = None
                self._loads.note(name, False)  # unknown counts as off: nobody may rely on it
                if isinstance(error, DeviceTimeout):
                    break  # a dead bank costs its timeout once, not once a switch
        self._conclude(now_ns, failed)
        return changed

    def _drive(self, now_ns: int, name: str, switch: LoadSwitch, on: bool) -> bool:
        if switch.ordered is not on or now_ns - switch.refreshed_ns >= REFRESH_NS:
            self._bank.set(name, on, HOLD_NS)
            switch.ordered = on
            switch.refreshed_ns = now_ns
        is_on = self._bank.is_on(name)
        self._loads.note(name, is_on)
        return switch.judge(now_ns, is_on)

    def _conclude(self, now_ns: int, failed: bool) -> None:
        self.lost = failed
        if failed:
            self._backoff.failed(now_ns)
            self._forget_stale(now_ns)
        else:
            self._backoff.succeeded()

    def _forget_stale(self, now_ns: int) -> None:
        """A switch not refreshed within its hold is at its safe value, whatever was read last."""
        for name, switch in self.switches.items():
            if now_ns - switch.refreshed_ns >= HOLD_NS:
                self._loads.note(name, False)

    def make_safe(self) -> None:
        """Every switch to its safe value."""
        for name, switch in self.switches.items():
            switch.ordered = None
            self._loads.note(name, False)
        self._bank.make_safe()

    def reset(self) -> None:
        """Judge anew."""
        for switch in self.switches.values():
            switch.stuck = False
