"""A short drive at wire depth with one fault in it, and its twin without."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import msgspec

from sil.faults.registry import REGISTRY
from sil.scenario import FaultSection
from tests.sil.wire_flights import DRIVE_AT_S, WireFlight, command, drive

BEGIN_S: Final = DRIVE_AT_S + 12.0
"""By then the corners stand and the wheels turn."""
END_S: Final = BEGIN_S + 13.0
"""A temperature is missed after ten seconds."""
LINK_S: Final = 32.0
SLOW: Final = ("bus.modem", "chip.modem", "chip.steering")
"""What is wrong here takes longer to be seen: corners hardly turn on the way straight ahead."""
AFTER_S: Final = 12.0
RADIO_S: Final = 40.0
"""A radio that was lost is tried again less and less often."""
CYCLE_MS: Final = 100.0
STOP_S: Final = 3.0
"""From the reason to standstill, generously: the longest persistence of a check and a ramp."""


def end_of(device: str) -> float:
    """When a fault of this device ends, s."""
    return BEGIN_S + LINK_S if device in SLOW else END_S


def flown(device: str = "", kind: str = "", **args: Any) -> WireFlight:
    """The drive with the fault from `BEGIN_S` on, pinged during and after it; without a name its twin."""
    end_s, after_s = end_of(device), RADIO_S if (device, kind) == ("bus.modem", "unplugged") else AFTER_S
    pings = [command(BEGIN_S + 1.0 + 4.0 * number, "system.ping") for number in range(int(end_s - BEGIN_S) // 4)]
    scenario = drive(
        "wire", *pings, command(end_s + after_s - 2.0, "system.ping", "after"), to_m=4.0, duration_s=end_s + after_s
    )
    if device:
        for_s = end_s - BEGIN_S if REGISTRY[device, kind].lasting else None
        fault = FaultSection(at_s=BEGIN_S, device=device, kind=kind, args=args, for_s=for_s)
        scenario = msgspec.structs.replace(scenario, fault=(fault,))
    flight = WireFlight(scenario)
    if kind == "brown_out" and device.startswith("roboclaw."):
        flight.at(BEGIN_S, flight.witness.unit_restarted)
    return flight.fly()


@cache
def twin_events() -> frozenset[str]:
    """What a healthy drive raises."""
    return frozenset(flown().names())


def worn(flight: WireFlight) -> list[str]:
    """Wires and chips that are not as new."""
    bay = flight.bay
    found = [name for name, line in bay.serial.items() if line.fault or line.garbled or line.unplugged]
    found += [name for name, bus in bay.i2c.items() if bus.fault or bus.deaf or bus.stuck or bus.stretch_ns]
    found += [f"unit {unit.address:#x}" for unit in bay.units if unit.fault or unit.outputs_off()]
    return found
