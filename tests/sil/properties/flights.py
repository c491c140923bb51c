"""Short missions, each flown once a test process with a witness on board."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any, NamedTuple

from sil.loader import decode_scenario
from sil.mission import Mission
from sil.properties.record import Run
from sil.properties.witness import Witness

HEAD = """
name = "looked_at"
world = "flat"
seed = 3
duration_s = 40.0
[start]
time_utc = 2029-09-24T00:00:00Z
mode = "{mode}"
soc = 0.8
pose = {{ x_m = 10.0 }}
"""
DRIVING = (
    HEAD.format(mode="IDLE")
    + """
[[command]]
at_s = 6.0
name = "system.ping"
[[command]]
at_s = 7.0
name = "mobility.mask_wheel"
args = { wheel = "REAR_LEFT", masked = true }
[[command]]
at_s = 8.0
name = "mobility.arc"
args = { distance_m = 2.0, curvature_1_m = 0.0, speed_m_s = 0.04, timeout_s = 12.0 }
[[command]]
at_s = 16.0
name = "system.stop"
[[command]]
at_s = 18.0
name = "mobility.drive"
args = { speed_m_s = 0.03, yaw_rate_rad_s = 0.0, valid_for_s = 2.0 }
"""
)
"""A wheel masked, an arc, STOP in the midst of it, and a drive by rate."""
SERVICE = (
    HEAD.format(mode="SERVICE")
    + """
[[command]]
at_s = 8.0
name = "system.arm"
args = { target = "mobility.test_wheel" }
[[command]]
at_s = 8.0
name = "mobility.test_wheel"
args = { wheel = "FRONT_LEFT", speed_rad_s = 0.2, duration_s = 2.0 }
"""
)
"""The armed test of one wheel."""
CUT = (
    HEAD.format(mode="IDLE")
    + """
[[command]]
at_s = 6.0
name = "mobility.mask_wheel"
args = { wheel = "FRONT_RIGHT", masked = true }
[[command]]
at_s = 7.0
name = "system.set_parameter"
args = { parameter_id = "thermal.heater_budget_low_w", value = 13.0 }
[[command]]
at_s = 8.0
name = "mobility.arc"
args = { distance_m = 2.0, curvature_1_m = 0.0, speed_m_s = 0.04, timeout_s = 12.0 }
[[computer]]
at_s = 12.0
kind = "power_cut"
for_s = 4.0
"""
)
"""A power cut in the midst of an arc, and the boot after it."""
COLD = HEAD.format(mode="SAFE").replace("soc = 0.8", "soc = 0.42\ntemperatures_c = { battery = -6.0 }")
"""A cold battery that is half empty, in SAFE."""
TEXTS = {"driving": DRIVING, "service": SERVICE, "cut": CUT, "cold": COLD}


class Looked(NamedTuple):
    """A mission that has ended, and what its witness saw.  Read only: the tests share it."""

    mission: Mission
    run: Run


@cache
def looked(name: str) -> Looked:
    """One of `TEXTS`, flown."""
    mission = Mission(decode_scenario(TEXTS[name], name))
    witness = Witness(mission)
    mission.run(witness.look)
    return Looked(mission, witness.finish())


def copied(name: str) -> Run:
    """What was seen of one of `TEXTS`, to be altered at will."""
    run = looked(name).run
    lists: dict[str, Any] = {
        field.name: list(getattr(run, field.name))
        for field in dataclasses.fields(run)
        if isinstance(getattr(run, field.name), list)
    }
    return dataclasses.replace(run, _pairs=None, **lists)
