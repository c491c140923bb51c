"""The modes that the rover can be in while a sequence runs, step by step, as far as the sequence leads.

What the rover does for its own protection is left out: SAFE, HIBERNATE and THERMAL_HOLD that a sequence did not ask for
abort it, and a charge too low to drive refuses its next motion.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from flight.modes.table import MODES
from telemetry_defs.areas import instruments, mobility, system
from telemetry_defs.definitions import Command, Mode

ENDING: Final = (Mode.CHARGE, Mode.DRIVE, Mode.SCIENCE, Mode.COMM, Mode.THERMAL_HOLD)
"""Modes that fall back by themselves once their reason has ended (`ModeSupervisor`)."""
MOTIONS: Final = (
    mobility.ARC,
    mobility.TURN,
    mobility.DRIVE_TO,
    mobility.DRIVE,
    mobility.EGRESS_DRIVE,
    mobility.TEST_WHEEL,
    mobility.TEST_STEERING,
)
"""What turns wheels or corners."""
LEADS_TO: Final[Mapping[str, Mode]] = MappingProxyType(
    {
        **{command.name: Mode.DRIVE for command in (mobility.ARC, mobility.TURN, mobility.DRIVE_TO, mobility.DRIVE)},
        **{command.name: Mode.SCIENCE for command in (instruments.ACQUIRE_IMAGE, instruments.ACQUIRE)},
    }
)
"""Commands that ask for a mode by themselves."""
LAST: Final = (system.RESTART, system.LEAVE_BOOT_LOOP)


class Order(NamedTuple):
    """A command of a step with its decoded arguments."""

    command: Command
    arguments: Any


class ModeWalk:
    """`modes` are those that the rover can be in when the next step is due."""

    def __init__(self, start: Iterable[Mode]) -> None:
        self.modes = _settled(start)
        self._over = ""

    def take(self, order: Order | None) -> str | None:
        """Go on by one step (None for a wait); what is wrong with it, if anything."""
        if self._over:
            return f"comes after {self._over}, which ends the sequence"
        if order is None:
            return None
        if order.command is system.SET_MODE:
            return self._ask(order.arguments.mode)
        problem = self._run(order.command)
        if order.command in LAST:
            self._over = order.command.name
        return problem

    def _ask(self, wanted: Mode) -> str | None:
        closed = [mode for mode in self.modes if wanted is not mode and wanted not in MODES[mode].next]
        self.modes = _settled((wanted,))
        if wanted is Mode.HIBERNATE:
            self._over = "HIBERNATE"
        return f"{_names(closed)} does not lead to {wanted.name}" if closed else None

    def _run(self, command: Command) -> str | None:
        illegal = [mode for mode in self.modes if not command.allowed_in(mode)]
        entered = LEADS_TO.get(command.name)
        if entered is not None:
            self.modes = _settled((entered,))
        return f"{command.name} is not legal in {_names(illegal)}, where the rover may then be" if illegal else None


def _settled(modes: Iterable[Mode]) -> tuple[Mode, ...]:
    """With those that they fall back to in time."""
    found = dict.fromkeys(modes)
    fallbacks = dict.fromkeys(MODES[mode].fallback for mode in found if mode in ENDING)
    return tuple(sorted(mode for mode in (found | fallbacks) if mode is not None))


def _names(modes: Iterable[Mode]) -> str:
    return ", ".join(mode.name for mode in modes)
