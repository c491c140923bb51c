"""Which faults a rover can suffer: one of a wire needs that wire and its chip, one of a device needs it fitted."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Final, get_args

from hal.api.wiring import Beside
from sil.faults.registry import REGISTRY
from sil.mission import Mission
from sil.scenario import Depth, Scenario, StartSection

SOME_DAY: Final = datetime(2029, 9, 24, tzinfo=UTC)


@cache
def present(depth: Depth, rover: str) -> tuple[tuple[str, str], ...]:
    """Every pair of the registry that exists at a depth and on a rover, in its order.

    Raises:
        ConfigError: no such rover, or it cannot be flown at this depth.
    """
    start = StartSection(time_utc=SOME_DAY)
    bench = Mission(Scenario(name="nothing", world="flat", rover=rover, depth=depth, duration_s=1.0, start=start))
    unfitted = set(get_args(Beside)) - set(bench.rover.hardware.beside) if depth == "wire" else set()
    return tuple(
        (device, kind)
        for (device, kind), fault in REGISTRY.items()
        if fault.depth in (None, depth) and not fault.absent(bench) and device.partition(".")[0] not in unfitted
    )
