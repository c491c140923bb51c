"""The modes row: what the rover does about its mode by itself.

The last rung of the charge ladder comes first, then the end of each mode's reason.  What only compares a value with a
limit stands in the table of monitors: SAFE and CHARGE on a low charge, THERMAL_HOLD.
"""

from __future__ import annotations

from typing import Final

from flight.blackboard import Blackboard, fresh
from flight.context import Parameters, Refused
from flight.modes.machine import ModeMachine
from flight.modes.table import MODES
from hal.api.clock import NS_PER_S, seconds
from hal.api.devices import Egress
from hal.api.errors import DeviceError
from telemetry_defs.areas import system
from telemetry_defs.definitions import Mode

INIT_LIMIT_NS: Final = 3 * NS_PER_S
"""A boot must be over within 5 s, whatever does not answer."""
COMM_LOST_NS: Final = 120 * NS_PER_S
LISTEN_NS: Final = 120 * NS_PER_S
"""SAFE lasts this long before HIBERNATE: a rover that ground has just called awake must hear what ground wants."""
CARRIED_W: Final = 5.0
CARRIED_A: Final = -0.1
"""An array that delivers while the battery is not drained, but for the noise of its monitor, carries the loads."""


class ModeSupervisor:
    """Runs at 1 Hz; every decision is one function."""

    def __init__(
        self,
        *,
        machine: ModeMachine,
        board: Blackboard,
        parameters: Parameters,
        boot_mode: Mode,
        egress: Egress | None,
    ) -> None:
        self._machine = machine
        self._board = board
        self._parameters = parameters
        self._boot_mode = boot_mode
        self._egress = egress
        self._link_seen_ns = 0

    def tick(self, now_ns: int) -> None:
        """Look at the rover and act on at most one reason."""
        self._look_at_lander()
        mode = self._machine.mode
        if mode is Mode.INIT:
            self._leave_init(now_ns)
        elif mode is Mode.WAKE:
            self._leave_wake(now_ns)
        elif mode is Mode.SAFE and self._must_hibernate(now_ns):
            self._machine.request(Mode.HIBERNATE)
        elif self._ended(mode, now_ns):
            self._fall_back(mode)

    def make_safe(self) -> None:
        """Modes hold no outputs."""

    def _look_at_lander(self) -> None:
        if self._egress is not None and (self._machine.mode is Mode.INIT or not self._machine.flags.released):
            try:
                self._machine.flags.released = self._egress.status().released
            except DeviceError:  # unknown counts as held: the motion guards stay closed
                self._machine.flags.released = False

    def _fall_back(self, mode: Mode) -> None:
        fallback = MODES[mode].fallback
        if fallback is not None and isinstance(self._machine.request(fallback), Refused):
            self._machine.request(Mode.SAFE)

    def _leave_init(self, now_ns: int) -> None:
        power, thermal = self._board.power, self._board.thermal
        known = power is not None and power.soc is not None and thermal is not None and thermal.web_c is not None
        due = known or now_ns - self._machine.entered_ns >= INIT_LIMIT_NS
        if due and isinstance(self._machine.request(self._boot_mode), Refused):
            self._machine.request(Mode.SAFE)

    def _leave_wake(self, now_ns: int) -> None:
        thermal = fresh(self._board.thermal, now_ns)
        warm = thermal is not None and thermal.battery_c is not None and thermal.battery_c > 0.0
        in_mode_ns = now_ns - self._machine.entered_ns
        if in_mode_ns < INIT_LIMIT_NS:
            return
        limit_ns = seconds(self._parameters.get(system.WAKE_LIMIT_S))
        if warm or in_mode_ns >= limit_ns or self._is_empty_in_the_dark(now_ns):
            self._machine.request(Mode.SAFE)

    def _is_empty_in_the_dark(self, now_ns: int) -> bool:
        """Little charge and nothing to charge from: warming the battery would only spend the rest."""
        power = fresh(self._board.power, now_ns)
        if power is None or power.soc is None or power.soc >= self._parameters.get(system.HIBERNATE_SOC):
            return False
        return not self._array_carries(now_ns)

    def _must_hibernate(self, now_ns: int) -> bool:
        """Too little charge to stay awake.

        An unknown state of charge does not count: with the gauge lost, switching the computer off would take away the
        only one who can still tell.
        """
        power = fresh(self._board.power, now_ns)
        get, flags = self._parameters.get, self._machine.flags
        if power is None or power.soc is None or power.soc >= get(system.HIBERNATE_SOC):
            return False
        if not flags.can_hibernate or self._array_carries(now_ns):
            return False
        held = flags.safe_held and power.soc >= get(system.HIBERNATE_FLOOR_SOC)
        return not held and now_ns - self._machine.entered_ns >= LISTEN_NS

    def _array_carries(self, now_ns: int) -> bool:
        """The array feeds the rover: hibernating now would only lose the time until it wakes it again.

        Array power is what is drawn, not what could be, so with charging inhibited the battery's current has to tell.
        """
        power = fresh(self._board.power, now_ns)
        if power is None or power.array_w is None or power.battery_current_a is None:
            return False
        return power.array_w > CARRIED_W and power.battery_current_a > CARRIED_A

    def _ended(self, mode: Mode, now_ns: int) -> bool:
        """Whether the reason for the mode has ended."""
        idle_ns = seconds(self._parameters.get(system.MOTION_IDLE_S))
        if mode is Mode.DRIVE:
            mobility = fresh(self._board.mobility, now_ns)
            return mobility is None or self._quiet(mobility.moving, mobility.motion_ended_ns, idle_ns, now_ns)
        if mode is Mode.SCIENCE:
            science = fresh(self._board.instruments, now_ns)
            return science is None or self._quiet(science.acquiring, science.acquisition_ended_ns, idle_ns, now_ns)
        if mode is Mode.CHARGE:
            power = fresh(self._board.power, now_ns)
            return power is not None and power.soc is not None and power.soc > self._parameters.get(system.CHARGED_SOC)
        if mode is Mode.THERMAL_HOLD:
            thermal = fresh(self._board.thermal, now_ns)
            return thermal is not None and not thermal.too_hot and not thermal.too_cold
        return mode is Mode.COMM and self._link_lost(now_ns)

    def _quiet(self, active: bool, ended_ns: int | None, idle_ns: int, now_ns: int) -> bool:
        since_ns = max(ended_ns or 0, self._machine.entered_ns)
        return not active and now_ns - since_ns >= idle_ns

    def _link_lost(self, now_ns: int) -> bool:
        comms = fresh(self._board.comms, now_ns)
        if comms is not None and (comms.relay_locked or comms.local_locked):
            self._link_seen_ns = now_ns
        return now_ns - max(self._link_seen_ns, self._machine.entered_ns) >= COMM_LOST_NS
