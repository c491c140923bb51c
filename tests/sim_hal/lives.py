"""What the tests of the computer's lives have in common."""

from __future__ import annotations

import math

import pytest

from hal.api.board import Hal
from hal.api.clock import NS_PER_S
from hal.api.errors import ComputerStopped
from hal.api.values import HibernateSettings
from sim_hal.simulation import Simulation

HOUR_NS = 3600 * NS_PER_S
FACING_NORTH = math.pi / 2
"""The test site's Sun stands in the east, where the right-hand face then looks."""
NIGHT = HibernateSettings(
    wake_array_w=25.0,
    wake_array_hold_s=600.0,
    wake_after_s=None,
    heater_on_c=-5.0,
    heater_off_c=0.0,
    receive_window_s=60.0,
    receive_period_s=600.0,
)


def boot(simulation: Simulation) -> Hal:
    """The next life, within an hour."""
    assert simulation.run_until_boot(simulation.clock.now_ns() + HOUR_NS)
    return simulation.boot()


def sleep(hal: Hal, settings: HibernateSettings) -> None:
    """Hibernate by the settings."""
    assert hal.power_controller is not None
    hal.power_controller.arm(settings)
    with pytest.raises(ComputerStopped, match="HIBERNATE"):
        hal.power_controller.power_off()
