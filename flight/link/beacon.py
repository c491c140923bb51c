"""The beacon: what ground must know even at the lowest rate."""

from __future__ import annotations

from flight.blackboard import fresh
from flight.context import Context
from flight.link.command_loss import CommandLoss
from telemetry_defs.areas.comms import CommsBeacon


def build_beacon(context: Context, loss: CommandLoss, boot_count: int) -> CommsBeacon:
    """The beacon now; what is stale has no value."""
    now_ns = context.clock.now_ns()
    power = fresh(context.board.power, now_ns)
    thermal = fresh(context.board.thermal, now_ns)
    return CommsBeacon(
        mode=context.modes.mode,
        boot_count=boot_count,
        soc=None if power is None else power.soc,
        bus_voltage_v=None if power is None else power.bus_voltage_v,
        array_w=None if power is None else power.array_w,
        web_c=None if thermal is None else thermal.web_c,
        battery_c=None if thermal is None else thermal.battery_c,
        command_age_s=loss.age_s,
        command_loss_level=loss.level,
    )
