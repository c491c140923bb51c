"""What must hold between parameters: each fits its own range, and those that bound one another keep their order."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

import msgspec

from telemetry_defs.areas import comms, mobility, power, system, thermal
from telemetry_defs.definitions import Parameter


class Order(msgspec.Struct, frozen=True):
    """Values that never fall from one to the next; `strict` ones rise."""

    what: str
    rungs: tuple[Parameter, ...]
    strict: bool = False

    def holds(self, values: Mapping[int, float]) -> bool:
        """Whether a whole set keeps it."""
        steps = pairwise(values[rung.parameter_id] for rung in self.rungs)
        return all(low < high if self.strict else low <= high for low, high in steps)


ORDERS: Final = (
    Order(
        "the charge ladder",
        (
            system.HIBERNATE_FLOOR_SOC,
            system.HIBERNATE_SOC,
            system.SAFE_SOC,
            system.DRIVE_END_SOC,
            system.DRIVE_SOC,
            system.CHARGED_SOC,
        ),
    ),
    Order("load shedding", (power.SHED_4, power.SHED_3, power.SHED_2, power.SHED_1)),
    Order("the battery thermostat", (thermal.KEEP_ON_C, thermal.KEEP_OFF_C), strict=True),
    Order("the battery thermostat for charging", (thermal.CHARGE_ON_C, thermal.CHARGE_OFF_C), strict=True),
    Order("slip limits", (mobility.SLIP_WARN, mobility.SLIP_STOP, mobility.SLIP_SAFE)),
    Order("tilt limits", (mobility.TILT_WARN, mobility.TILT_STOP, mobility.TILT_SAFE)),
    Order("tilt limits of the egress", (mobility.EGRESS_TILT_STOP, mobility.EGRESS_TILT_SAFE)),
    Order("wheel current limits", (mobility.CURRENT_WARN, mobility.CURRENT_STOP)),
    Order("command-loss steps", (comms.COMMAND_LOSS_1_S, comms.COMMAND_LOSS_2_S, comms.COMMAND_LOSS_3_S)),
)
"""A thermostat whose two points meet would switch its heater every tick; the others are escalations."""


def broken_orders(values: Mapping[int, float]) -> list[Order]:
    """The orders that a whole set does not keep."""
    return [order for order in ORDERS if not order.holds(values)]
