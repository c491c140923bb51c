"""What tests of plant faults share: one fault in a short flight, and the truth of it."""

from __future__ import annotations

from typing import Any

from hal.api.clock import NS_PER_S
from sil.expect import event_times
from sil.faults.registry import REGISTRY
from sil.scenario import FaultSection, Pose
from tests.sil.faults.device_bench import Flown, fly, twin

AT_S, END_S, OVER_S = 30.0, 60.0, 100.0
LIT = Pose(x_m=5.0, y_m=0.0, yaw_rad=-1.57)
"""The left face looks at the Sun."""


def broken(
    pair: str, task: str, args: dict[str, Any] | None = None, *, ramp_s: float = 0.0, at_s: float = AT_S, **start: Any
) -> Flown:
    """A mission of 100 s with one fault, from 30 s on if not said otherwise, to 60 s."""
    device, _, kind = pair.partition("/")
    for_s = END_S - at_s if REGISTRY[device, kind].lasting else None
    section = FaultSection(at_s=at_s, for_s=for_s, device=device, kind=kind, args=args or {}, ramp_s=ramp_s)
    return fly(task, section, duration_s=OVER_S, **start)


def truth(flown: Flown, name: str, t_s: float) -> float:
    """A value of the world, as recorded at a whole second."""
    recorder = flown.mission.simulation.truth
    return recorder.column(name)[recorder.column("time_s").index(t_s)]


def sent(flown: Flown) -> list[tuple[float, str]]:
    """Every event that left the rover, those of the boot itself included."""
    return list(event_times(flown.mission))


def told(pair: str, flown: Flown, task: str, **start: Any) -> set[str]:
    """Which of the row's events came between start and end, and not in the twin at any time."""
    device, _, kind = pair.partition("/")
    healthy = fly(task, duration_s=OVER_S, **start) if start else twin(task, OVER_S)
    expected = set(REGISTRY[device, kind].events)
    assert not expected & healthy.raised(0.0, OVER_S), "the twin raises it too"
    began_s = flown.mission.injector.log[0].t_ns / NS_PER_S
    return expected & flown.raised(began_s, END_S + 1.0)
