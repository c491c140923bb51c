"""How expectations read."""

import math

import pytest

from sil.expect_text import range_text, seen_text, value_names
from sil.loader import decode_scenario
from sil.run import run
from telemetry_defs.definitions import Mode

TEXT = """
name = "tiny"
world = "flat"
duration_s = 30.0
[start]
time_utc = 2029-09-24T00:00:00Z
mode = "CHARGE"
soc = 0.4
[[command]]
at_s = 5.0
id = "drive"
name = "system.set_mode"
args = { mode = "DRIVE" }
[[expect]]
command = "drive"
refused = "GUARD_REFUSED"
[[expect]]
value = "system.hk.mode"
min = 12
max = 12
always_s = [8.0, 30.0]
[[expect]]
value = "world.released"
max = 0.0
at_end = true
[[expect]]
distance_m = [0.0, 1.0]
"""


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (-math.inf, 0.0, "at most 0"),
        (0.25, math.inf, "at least 0.25"),
        (1.0, 1.0, "is 1"),
        (2.5, 4.0, "between 2.5 and 4"),
    ],
)
def test_bounds_are_said_as_a_person_would(low: float, high: float, said: str) -> None:
    """No infinities, no brackets."""
    assert range_text(low, high) == said


def test_codes_are_said_by_name() -> None:
    """Those within the bounds; what was seen in order of appearance; a code without a name stays a number."""
    names = value_names("system.hk.mode")
    assert names[float(Mode.SAFE)] == "SAFE"
    assert range_text(Mode.SAFE, math.inf, names) == "is SAFE"
    assert range_text(Mode.IDLE, Mode.CHARGE, names) == "is one of IDLE, CHARGE"
    assert range_text(200.0, math.inf, names) == "at least 200"
    assert seen_text([float(Mode.SAFE), float(Mode.IDLE), float(Mode.SAFE), 99.0], names) == "SAFE, IDLE, 99"
    assert value_names("world.soc") == value_names("power.hk.soc") == {}


def test_verdicts_read_well() -> None:
    """Held or not, each says what was wanted and what was measured."""
    said = [f"{verdict.text}: {verdict.measured}" for verdict in run(decode_scenario(TEXT, "tiny.toml")).expectations]
    assert said[0] == "command drive fails with GUARD_REFUSED: start failed, GUARD_REFUSED"
    assert said[1].startswith("system.hk.mode is CHARGE always in [8, 30] s: CHARGE in ")
    assert said[2] == "world.released at most 0 at the end: 1 in 1 samples"
    assert said[3] == "distance driven between 0 and 1 m: 0 m"
