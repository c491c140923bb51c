"""Time that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from msgspec import Meta

from hal.api.clock import seconds
from hal.api.config import Section
from hal.api.values import ResetCause
from sil.faults.computer_life import Off
from sil.faults.kinds import Bench, Fault, Layer, SetLevel, instant
from sil.faults.memory import CELLS, store


class Jump(Section, frozen=True, kw_only=True):
    """How far."""

    offset_s: Annotated[float, Meta(ge=-1.0e7, le=1.0e7)] = 3600.0


class Drift(Section, frozen=True, kw_only=True):
    """How wrong the crystal is."""

    drift_ppm: Annotated[float, Meta(ge=-1.0e5, le=1.0e5)] = 500.0
    """More than it drifts when healthy."""


def _jump(bench: Bench, params: Jump) -> None:
    """On-board time is an offset in flight's memory; the chip has its own."""
    by_ns = seconds(params.offset_s)
    bench.simulation.rtc.step(by_ns)
    if bench.flight is not None:
        store(CELLS["time_offset"](bench.flight), lambda value: value + by_ns)


def _lose(bench: Bench, params: Off) -> None:
    bench.simulation.rtc.lose()
    bench.simulation.stop(ResetCause.POWER_CUT, off_ns=seconds(params.off_s))


def _drift(bench: Bench, params: Drift) -> SetLevel:
    """What has run wrong by the end stays wrong."""
    rtc = bench.simulation.rtc
    healthy_ppm = rtc.drift_ppm
    return lambda level: rtc.set_drift(healthy_ppm + level * params.drift_ppm)


FAULTS: Final[Mapping[tuple[str, str], Fault]] = {
    ("clock", "jump"): Fault(
        layer=Layer.COMPUTER,
        meaning="on-board time and the clock chip jump",
        response="cannot see it; holds are untouched, time-tagged commands run early or late; ground sets the time",
        make=instant(_jump),
        params=Jump,
        lasting=False,
    ),
    ("clock", "lost"): Fault(
        layer=Layer.COMPUTER,
        meaning="the clock chip loses its time and the computer its power",
        response="goes on from the time of its last state image and marks it as not trusted",
        make=instant(_lose),
        params=Off,
        lasting=False,
        events=("system.boot",),
    ),
    ("clock", "drift"): Fault(
        layer=Layer.COMPUTER,
        meaning="the clock chip's crystal drifts",
        response="takes the error with the next boot; ground sets the time",
        make=_drift,
        params=Drift,
        ramps=True,
    ),
}
