"""The always-on power controller: switches the flight computer off and on again, and keeps the rover alive between.

It lives as long as the bus.  A dead bus takes its settings with it; it then waits for the Sun by its own rule: array
over 25 W for ten minutes, cells warm, battery able to hold the bus (the wake order of Yutu and of Iris).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hal.api.clock import NS_PER_S, seconds
from hal.api.errors import NotReady
from hal.api.values import ControllerStatus, HibernateSettings, ResetCause
from sim_hal.clock import Rank, SimClock, Timer
from sim_hal.plug import Plug
from sim_hal.world.energy import Energy

UNARMED: Final = HibernateSettings(
    wake_array_w=25.0,
    wake_array_hold_s=600.0,
    wake_after_s=None,
    heater_on_c=2.0,
    heater_off_c=5.0,
    receive_window_s=60.0,
    receive_period_s=600.0,
)
"""What the controller goes by when nobody armed it."""
STARTED_ASLEEP: Final = HibernateSettings(
    wake_array_w=25.0,
    wake_array_hold_s=600.0,
    wake_after_s=None,
    heater_on_c=-5.0,
    heater_off_c=0.0,
    receive_window_s=60.0,
    receive_period_s=600.0,
)
"""As flight arms it: the state of a rover whose simulation begins in hibernation."""
HEATER_MIN_ARRAY_W: Final = 15.0
"""An array that offers this much carries the battery heater; after bus death nothing else may."""
CELLS_WARM_C: Final = 0.0


class Controller:
    """The lasting chip.  `wake(cause)` asks the simulation to boot the computer; `energy` is what it switches."""

    def __init__(self, clock: SimClock, energy: Energy, wake: Callable[[ResetCause], None]) -> None:
        self._clock = clock
        self._energy = energy
        self._wake = wake
        self.wakes = True
        """False by a fault: it never switches the computer on again."""
        self._armed: HibernateSettings | None = None
        self._settings = UNARMED
        self._bus_died = False
        self._off_since_ns: int | None = None
        self._last_off_s: float | None = None
        self._array_since_ns: int | None = None
        self._timers: list[Timer] = []

    @property
    def holds_off(self) -> bool:
        """Whether the controller keeps the computer off now."""
        return self._off_since_ns is not None

    @property
    def receiver_on(self) -> bool:
        """Whether a receive window is open."""
        if self._off_since_ns is None or self._energy.bus.dead or self._bus_died:
            return False
        elapsed_ns = self._clock.now_ns() - self._off_since_ns
        return elapsed_ns % seconds(self._settings.receive_period_s) < seconds(self._settings.receive_window_s)

    def arm(self, settings: HibernateSettings) -> None:
        """Take flight's settings; they count from `switch_off` on."""
        self._armed = settings
        self._bus_died = False

    def need_armed(self) -> None:
        """Raises `NotReady` unless armed."""
        if self._armed is None:
            raise NotReady("power_controller", "not armed")

    def status(self, now_ns: int) -> ControllerStatus:
        """As flight reads it."""
        return ControllerStatus(
            time_ns=now_ns, armed=self._armed is not None, bus_died=self._bus_died, off_s=self._last_off_s
        )

    def switch_off(self) -> None:
        """The computer is off by flight's own wish; go by its settings."""
        self._settings = self._armed = self._armed or STARTED_ASLEEP
        self._begin()
        if self._settings.wake_after_s is not None:
            at_ns = self._clock.now_ns() + seconds(self._settings.wake_after_s)
            self._timers.append(self._clock.at(at_ns, Rank.FAULT, lambda: self._boot(ResetCause.WAKE_TIMER)))

    def bus_died(self) -> None:
        """The bus is dead and so was the controller: settings and clock are lost."""
        self._armed = None
        self._bus_died = True
        self._settings = UNARMED
        self._end()
        self._begin()

    def noticed(self) -> None:
        """Uplink bytes reached a receiver while the computer was off."""
        if self._off_since_ns is not None:
            self._boot(ResetCause.WAKE_UPLINK)

    def computer_up(self) -> None:
        """The computer runs; hands off."""
        self._end()

    def _begin(self) -> None:
        self._off_since_ns = self._clock.now_ns()
        self._array_since_ns = None
        self._energy.latches.loads_off = True
        self._timers = [self._clock.every(10 * NS_PER_S, self._watch)]
        self._watch()

    def _end(self) -> None:
        if self._off_since_ns is not None:
            self._last_off_s = None if self._bus_died else (self._clock.now_ns() - self._off_since_ns) / NS_PER_S
        self._off_since_ns = None
        for timer in self._timers:
            timer.cancel()
        self._timers = []
        latches = self._energy.latches
        latches.loads_off = latches.heater_on = latches.receiver_on = latches.charge_blocked = False

    def _watch(self) -> None:
        """Thermostat, receive window and array threshold, every ten seconds."""
        energy, latches = self._energy, self._energy.latches
        latches.receiver_on = self.receiver_on
        battery_c = energy.thermal.battery_c
        latches.charge_blocked = battery_c < CELLS_WARM_C
        latches.heater_on = self._heats(battery_c, latches.heater_on)
        if self._array_held() and self._can_boot():
            self._boot(ResetCause.DEAD_BUS if self._bus_died else ResetCause.WAKE_ARRAY)

    def _heats(self, battery_c: float, on: bool) -> bool:
        """Thermostat: with the array live the cells are made warm enough to charge, else only kept alive."""
        live = self._energy.array.available_w >= HEATER_MIN_ARRAY_W
        if self._bus_died and not live:
            return False
        rule = UNARMED if live else self._settings
        if battery_c < rule.heater_on_c:
            return True
        return on and battery_c <= rule.heater_off_c

    def _array_held(self) -> bool:
        """Whether the array has delivered enough for long enough."""
        now_ns = self._clock.now_ns()
        if self._energy.array.available_w < self._settings.wake_array_w:
            self._array_since_ns = None
            return False
        if self._array_since_ns is None:
            self._array_since_ns = now_ns
        return now_ns - self._array_since_ns >= seconds(self._settings.wake_array_hold_s)

    def _can_boot(self) -> bool:
        """After a bus death the battery must be able to hold the bus first."""
        energy = self._energy
        return not self._bus_died or (
            not energy.bus.dead and energy.battery.usable and energy.thermal.battery_c > CELLS_WARM_C
        )

    def _boot(self, cause: ResetCause) -> None:
        if self.wakes and not self._energy.bus.dead:
            self._wake(cause)


class ControllerFrontEnd:
    """Implements `hal.api.devices.PowerController`."""

    def __init__(self, plug: Plug, controller: Controller, power_off: Callable[[], None]) -> None:
        self._plug = plug
        self._controller = controller
        self._power_off = power_off

    def arm(self, settings: HibernateSettings) -> None:
        self._plug.now_ns()
        self._controller.arm(settings)

    def power_off(self) -> None:
        self._plug.now_ns()
        self._controller.need_armed()
        self._power_off()

    def status(self) -> ControllerStatus:
        return self._controller.status(self._plug.now_ns())
