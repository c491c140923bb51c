"""What flight thinks of one heater: good, without effect (left off, tried again later) or stuck on."""

from __future__ import annotations

from flight.heat.heat_balance import HeatBalance, Verdict
from flight.subsystems.thermal_config import HeaterBelief


class HeaterHealth:
    """Judgement with memory."""

    __slots__ = ("_retry_ns", "balance", "failed", "stuck_on")

    def __init__(self, belief: HeaterBelief) -> None:
        self.balance = HeatBalance(belief)
        self.failed = False
        self.stuck_on = False
        self._retry_ns = 0

    def usable(self, now_ns: int) -> bool:
        """Whether it may be switched on; a failed heater gets another chance from time to time."""
        return not self.failed or now_ns >= self._retry_ns

    def judge(self, now_ns: int, verdict: Verdict, on: bool, retry_after_ns: int) -> bool:
        """Take the verdict on a window in which the heater was `on` or not; returns whether the opinion changed."""
        before = (self.failed, self.stuck_on)
        if on:
            self.failed = verdict is Verdict.NO_EFFECT
            if self.failed:
                self._retry_ns = now_ns + retry_after_ns
        else:
            self.stuck_on = verdict is Verdict.STUCK_ON
        return before != (self.failed, self.stuck_on)

    def clear(self) -> None:
        """Judge anew."""
        self.failed = self.stuck_on = False
        self.balance.restart()
