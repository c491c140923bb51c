"""Guards of mode entry: pure functions over fresh snapshots.  Missing or stale data always counts as bad."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from flight.blackboard import Blackboard, fresh
from flight.context import Parameters
from telemetry_defs.areas import system

TILT_LIMIT_RAD: Final = math.radians(20.0)
"""No drive is started beyond the tilt at which a drive would be stopped."""
IDLE_SOC_MARGIN: Final = 0.02
"""SAFE is left only this far above the threshold that would lead straight back."""


class ModeFlags:
    """What the machine knows besides the snapshots."""

    __slots__ = ("boot_loop", "can_hibernate", "released", "safe_held")

    def __init__(self, *, can_hibernate: bool, boot_loop: bool) -> None:
        self.can_hibernate = can_hibernate
        self.boot_loop = boot_loop
        self.safe_held = False
        self.released = True


class GuardView:
    """What a guard may look at."""

    __slots__ = ("board", "flags", "now_ns", "parameters")

    def __init__(self, board: Blackboard, parameters: Parameters, flags: ModeFlags, now_ns: int) -> None:
        self.board = board
        self.parameters = parameters
        self.flags = flags
        self.now_ns = now_ns

    @property
    def soc(self) -> float | None:
        """State of charge, None if unknown."""
        power = fresh(self.board.power, self.now_ns)
        return None if power is None else power.soc


Guard = Callable[[GuardView], str | None]
"""Answers why the mode may not be entered, or None."""


def soc_for_drive(view: GuardView) -> str | None:
    """Enough charge to start driving."""
    return _above(view.soc, view.parameters.get(system.DRIVE_SOC))


def soc_for_work(view: GuardView) -> str | None:
    """Enough charge to stay out of SAFE for a while."""
    return _above(view.soc, view.parameters.get(system.SAFE_SOC) + IDLE_SOC_MARGIN)


def _above(soc: float | None, limit: float) -> str | None:
    if soc is None:
        return "state of charge unknown"
    return None if soc > limit else f"state of charge {soc:.2f} not above {limit:.2f}"


def level(view: GuardView) -> str | None:
    """Attitude known and below the tilt limit."""
    mobility = fresh(view.board.mobility, view.now_ns)
    if mobility is None or mobility.tilt_rad is None:
        return "tilt unknown"
    if mobility.tilt_rad >= TILT_LIMIT_RAD:
        return f"tilt {math.degrees(mobility.tilt_rad):.0f} deg not below {math.degrees(TILT_LIMIT_RAD):.0f} deg"
    return "embedded" if mobility.embedded else None


def linked(view: GuardView) -> str | None:
    """Somebody can say stop."""
    comms = fresh(view.board.comms, view.now_ns)
    return None if comms is not None and (comms.relay_locked or comms.local_locked) else "no link"


def temperate(view: GuardView) -> str | None:
    """Electronics inside their working range."""
    thermal = fresh(view.board.thermal, view.now_ns)
    if thermal is None or thermal.web_c is None:
        return "electronics temperature unknown"
    if thermal.too_hot or thermal.too_cold:
        return f"electronics at {thermal.web_c:.0f} deg C"
    return None


def released(view: GuardView) -> str | None:
    """Off the lander, or free to roll off."""
    return None if view.flags.released else "held by the lander"


def on_lander(view: GuardView) -> str | None:
    """Still held down: only there is somebody else's power."""
    return "not on the lander" if view.flags.released else None


def controller_present(view: GuardView) -> str | None:
    """Something must switch flight on again."""
    return None if view.flags.can_hibernate else "no power controller"


def no_boot_loop(view: GuardView) -> str | None:
    """After a boot loop ground looks first."""
    return "boot loop: leave it by system.leave_boot_loop" if view.flags.boot_loop else None
