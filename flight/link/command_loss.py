"""The command-loss timer: how long the rover has been on without a telecommand.

Time with the computer off does not count: the receiver was off most of it, so silence then says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flight.context import Context, Refused
from flight.link.ground import GroundChoices
from hal.api.clock import NS_PER_S, seconds
from telemetry_defs.areas import comms as area
from telemetry_defs.definitions import Mode

SAFE_RETRY_NS: Final = 60 * NS_PER_S


class CommandLossTimer:
    """Counts from the last accepted telecommand, over restarts too (`restore`)."""

    def __init__(self, now_ns: int) -> None:
        self._since_ns = now_ns
        self.level = 0
        """Stages passed, as of the last `update`."""

    def age_s(self, now_ns: int) -> float:
        """Time on since the last telecommand, s."""
        return (now_ns - self._since_ns) / NS_PER_S

    def restore(self, now_ns: int, age_s: float) -> None:
        """Go on from the age that was saved before a restart; nonsense counts as zero."""
        self._since_ns = now_ns - seconds(age_s if 0.0 < age_s < 1e8 else 0.0)

    def reset(self, now_ns: int) -> None:
        """A telecommand was accepted, or the last stage starts the count anew."""
        self._since_ns = now_ns
        self.level = 0

    def update(self, now_ns: int, limits_s: tuple[float, float, float]) -> tuple[int, ...]:
        """The stages passed just now, in order.  A stage never waits for a lower one with a longer limit."""
        age_s = self.age_s(now_ns)
        reached = max((stage for stage, limit_s in enumerate(limits_s, 1) if age_s >= limit_s), default=0)
        new = tuple(range(self.level + 1, reached + 1))
        self.level = max(self.level, reached)
        return new


class CommandLoss:
    """The timer with what its stages do: beacon on both radios, SAFE, restart."""

    def __init__(
        self, *, context: Context, ground: GroundChoices, restart: Callable[[], None], restart_guard_s: float
    ) -> None:
        self._context = context
        self._ground = ground
        self._restart = restart
        self._restart_guard_ns = seconds(restart_guard_s)
        self._boot_ns = context.clock.now_ns()
        self._timer = CommandLossTimer(self._boot_ns)
        self._safe_due_ns: int | None = None
        self.last_telecommand_ns: int | None = None

    @property
    def level(self) -> int:
        """Stages passed, 0 to 3."""
        return self._timer.level

    @property
    def age_s(self) -> float:
        """Time on since the last telecommand, s."""
        return self._timer.age_s(self._context.clock.now_ns())

    def restore(self, age_s: float) -> None:
        """Go on as saved before a restart."""
        self._timer.restore(self._context.clock.now_ns(), age_s)

    def telecommand_accepted(self, now_ns: int) -> None:
        """Ground is there."""
        if self._timer.level:
            report = area.CommandLoss(level=self._timer.level, age_s=self._timer.age_s(now_ns))
            self._context.events.emit(area.COMMANDS_AGAIN, report)
        self._timer.reset(now_ns)
        self._safe_due_ns = None
        self.last_telecommand_ns = now_ns

    def tick(self, now_ns: int) -> bool:
        """Act on the stages passed; whether the first one was passed just now."""
        get = self._context.parameters.get
        limits_s = (get(area.COMMAND_LOSS_1_S), get(area.COMMAND_LOSS_2_S), get(area.COMMAND_LOSS_3_S))
        passed = self._timer.update(now_ns, limits_s)
        for level in passed:
            report = area.CommandLoss(level=level, age_s=self._timer.age_s(now_ns))
            self._context.events.emit(area.COMMAND_LOSS, report)
        if 1 in passed:
            self._ground.undo()
        if 2 in passed:
            self._safe_due_ns = now_ns
        if self._safe_due_ns is not None and now_ns >= self._safe_due_ns:
            self._request_safe(now_ns)
        if self._timer.level >= 3 and now_ns - self._boot_ns >= self._restart_guard_ns:
            self._timer.reset(now_ns)  # the saved age starts anew, or the next boot would restart again at once
            self._restart()
        return 1 in passed

    def _request_safe(self, now_ns: int) -> None:
        modes = self._context.modes
        done = modes.mode in (Mode.SAFE, Mode.HIBERNATE) or not isinstance(modes.request(Mode.SAFE), Refused)
        self._safe_due_ns = None if done else now_ns + SAFE_RETRY_NS
