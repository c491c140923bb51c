"""docs/monitors.md: its example is loaded, and flies."""

from __future__ import annotations

from pathlib import Path

from flight.rover_file import load_rover
from sil.docs.monitors import EXAMPLE
from telemetry_defs.areas import monitors as area
from telemetry_defs.areas.thermal import Sensor
from telemetry_defs.definitions import Mode
from tests.flight.monitor_bench import MonitorBench

SHIPPED = Path("flight/rovers/south_pole.toml")


def test_the_example_switches_the_camera_off(tmp_path: Path) -> None:
    """After three minutes of warming, and again ten minutes later."""
    path = tmp_path / "rover.toml"
    path.write_text(f"{SHIPPED.read_text(encoding='utf-8')}\n{EXAMPLE}", encoding="utf-8")
    rover = load_rover(str(path))
    bench = MonitorBench(rover.monitor[-1], actions=rover.action[-1:], mode=Mode.SCIENCE)
    for minute in range(16):
        temperatures = (10.0 + 2.0 * minute, *[None] * (len(Sensor) - 1))
        bench.put("thermal.hk", temperatures_c=temperatures)
        bench.run(60)
        assert len(bench.handled) == (0 if minute < 3 else 1 if minute < 13 else 2), minute

    assert bench.handled[0][0] == "instruments.power"
    assert bench.events.count(area.VIOLATED) == 1
