"""The modes row: what the rover does about its mode by itself.

The charge ladder comes first, then heat, then the end of each mode's reason.
"""

from __future__ import annotations

from typing import Final

from flight.blackboard import Blackboard, fresh
from flight.context import EventSink, Parameters, Refused
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
WORKING: Final = frozenset(
    {
        Mode.STOWED,
        Mode.SERVICE,
        Mode.EGRESS,
        Mode.IDLE,
        Mode.CHARGE,
        Mode.DRIVE,
        Mode.SCIENCE,
        Mode.COMM,
        Mode.THERMAL_HOLD,
    }
)
"""Modes that a low charge ends; STOWED too, should the lander stop feeding the rover."""
HEAT_SENSITIVE: Final = frozenset({Mode.IDLE, Mode.DRIVE, Mode.SCIENCE, Mode.COMM})


class ModeSupervisor:
    """Runs at 1 Hz; every decision is one function."""

    def __init__(
        self,
        *,
        machine: ModeMachine,
        board: Blackboard,
        parameters: Parameters,
        events: EventSink,
        boot_mode: Mode,
        egress: Egress | None,
    ) -> None:
        self._machine = machine
        self._board = board
        self._parameters = parameters
        self._events = events
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
        elif self._charge_ladder(mode, now_ns) or self._heat(mode, now_ns):
            pass
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
        known = self._board.power is not None and self._board.thermal is not None
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

    def _charge_ladder(self, mode: Mode, now_ns: int) -> bool:
        """Section 4 of the design: DRIVE ends, SAFE, HIBERNATE, in falling order of charge.

        An unknown state of charge leads to SAFE but not to HIBERNATE: with the gauge lost, switching the computer
        off would take away the only one who can still tell.
        """
        power = fresh(self._board.power, now_ns)
        soc = None if power is None else power.soc
        get = self._parameters.get
        if mode in WORKING and (soc is None or soc < get(system.SAFE_SOC)):
            return self._force(mode, Mode.SAFE)
        if soc is None:
            return False
        if mode is Mode.DRIVE and soc < get(system.DRIVE_END_SOC):
            return self._force(mode, Mode.CHARGE)
        if mode is Mode.SAFE and self._must_hibernate(soc, now_ns):
            return self._force(mode, Mode.HIBERNATE)
        return False

    def _must_hibernate(self, soc: float, now_ns: int) -> bool:
        get, flags = self._parameters.get, self._machine.flags
        if soc >= get(system.HIBERNATE_SOC) or not flags.can_hibernate or self._array_carries(now_ns):
            return False
        held = flags.safe_held and soc >= get(system.HIBERNATE_FLOOR_SOC)
        return not held and now_ns - self._machine.entered_ns >= LISTEN_NS

    def _array_carries(self, now_ns: int) -> bool:
        """The array feeds the rover: hibernating now would only lose the time until it wakes it again.

        Array power is what is drawn, not what could be, so with charging inhibited the battery's current has to tell.
        """
        power = fresh(self._board.power, now_ns)
        if power is None or power.array_w is None or power.battery_current_a is None:
            return False
        return power.array_w > CARRIED_W and power.battery_current_a > CARRIED_A

    def _force(self, old: Mode, new: Mode) -> bool:
        self._events.emit(system.SOC_LOW, system.ModeChanged(old=old, new=new))
        self._machine.request(new)
        return True

    def _heat(self, mode: Mode, now_ns: int) -> bool:
        thermal = fresh(self._board.thermal, now_ns)
        if mode in HEAT_SENSITIVE and (thermal is None or thermal.too_hot or thermal.too_cold):
            self._machine.request(Mode.THERMAL_HOLD)
            return True
        return False

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
