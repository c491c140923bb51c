"""The last seconds before the flight computer is switched off."""

from __future__ import annotations

from typing import Final

from flight.context import EventSink, Parameters
from flight.modes.machine import ModeMachine
from flight.state_keeper import StateKeeper
from hal.api.board import Hal
from hal.api.clock import NS_PER_S
from hal.api.devices import PowerController
from hal.api.errors import DeviceError
from hal.api.values import HibernateSettings
from telemetry_defs.areas import system
from telemetry_defs.definitions import Mode

FAREWELL_NS: Final = 5 * NS_PER_S
"""Time for the last reports to leave and the state image to become durable."""
SYNC_LIMIT_NS: Final = 30 * NS_PER_S
"""A storage that does not sync must not keep the rover awake until its battery is empty."""
POWER_OFF_NS: Final = 10 * NS_PER_S
"""A controller that has not cut the power by then will not do it."""
HEATER_ON_C: Final = -5.0
HEATER_OFF_C: Final = 0.0
"""Survival thermostat of the controller (CMU Iris: on at -5 C, off at 0 C)."""
RECEIVE_WINDOW_S: Final = 60.0
RECEIVE_PERIOD_S: Final = 600.0


class Hibernation:
    """Watches for HIBERNATE and carries it out."""

    def __init__(
        self,
        *,
        hal: Hal,
        controller: PowerController,
        machine: ModeMachine,
        keeper: StateKeeper,
        parameters: Parameters,
        events: EventSink,
    ) -> None:
        self._hal = hal
        self._controller = controller
        self._machine = machine
        self._keeper = keeper
        self._parameters = parameters
        self._events = events
        self._announced = False
        self._asked_ns: int | None = None
        """When the controller was first told to cut the power."""

    def tick(self, now_ns: int) -> None:
        """Announce, save, arm the controller, let go."""
        if self._machine.mode is not Mode.HIBERNATE:
            self._announced = False
            self._asked_ns = None
            return
        in_mode_ns = now_ns - self._machine.entered_ns
        if not self._announced:
            self._announced = True
            self._events.emit(system.POWER_OFF)
            self._keeper.save(now_ns)
        elif in_mode_ns >= SYNC_LIMIT_NS or (in_mode_ns >= FAREWELL_NS and self._keeper.is_saved()):
            self._let_go(now_ns)

    def _let_go(self, now_ns: int) -> None:
        try:
            self._controller.arm(self._settings())
            self._hal.make_safe()
            self._controller.power_off()
        except DeviceError:  # without a controller that answers nobody would switch the rover on again
            self._give_up()
            return
        # Whoever reads on still has power, with heaters and loads off: no state to stay in.
        if self._asked_ns is None:
            self._asked_ns = now_ns
        elif now_ns - self._asked_ns >= POWER_OFF_NS:
            self._give_up()

    def _give_up(self) -> None:
        self._machine.flags.can_hibernate = False
        self._machine.request(Mode.SAFE)

    def _settings(self) -> HibernateSettings:
        after_h = self._parameters.get(system.WAKE_AFTER_H)
        return HibernateSettings(
            wake_array_w=self._parameters.get(system.WAKE_ARRAY_W),
            wake_array_hold_s=self._parameters.get(system.WAKE_HOLD_S),
            wake_after_s=after_h * 3600.0 if after_h > 0.0 else None,
            heater_on_c=HEATER_ON_C,
            heater_off_c=HEATER_OFF_C,
            receive_window_s=RECEIVE_WINDOW_S,
            receive_period_s=RECEIVE_PERIOD_S,
        )
