"""Faults of clock chip, watchdog, storage, power controller and hold-down: what the computer itself stands on."""

from __future__ import annotations

from typing import Annotated, Any, Final

from msgspec import Meta

from hal.api.clock import seconds
from hal.api.config import Section
from sil.faults.devices.common import FAILING, Faults, altered, around, device_fault, failures
from sil.faults.kinds import Bench
from sim_hal.faults.answers import Change, frozen
from sim_hal.faults.shim import Call, CallFault

READS: Final = ("read_gps_ns",)


class Jump(Section, frozen=True, kw_only=True):
    """The clock shows another time."""

    offset_s: Annotated[float, Meta(ge=-1e7, le=1e7)] = -3600.0


class Drift(Section, frozen=True, kw_only=True):
    """The crystal is off."""

    drift_ppm: Annotated[float, Meta(ge=-1e5, le=1e5)] = 5_000.0


def _jump(_: Bench, params: Jump) -> Change:
    return lambda gps_ns, level: gps_ns + seconds(params.offset_s * level)


def _drift(bench: Bench, params: Drift) -> Change:
    start_ns = bench.clock.now_ns()
    return lambda gps_ns, _: gps_ns + round((bench.clock.now_ns() - start_ns) * params.drift_ppm * 1e-6)


def _swallowing(of: str) -> CallFault:
    """One order is taken and forgotten."""

    def fault(method: str, args: tuple[Any, ...], call: Call) -> Any:
        return None if method == of else call(*args)

    return fault


_RTC: Final[Faults] = {
    **failures("rtc", "goes on from the last state image; holds time-tagged commands", {}),
    ("rtc", "stuck"): device_fault(
        "it shows the same time for ever",
        "cannot see it at a boot; ground sets the time",
        around("rtc", lambda *_: frozen(fresh=True)),
    ),
    ("rtc", "jump"): device_fault(
        "it shows another time",
        "cannot see it at a boot; ground sets the time",
        altered("rtc", lambda _, p: lambda gps_ns, level: gps_ns + seconds(p.offset_s * level), READS),
        Jump,
        ramps=True,
    ),
    ("rtc", "drift"): device_fault(
        "it runs too fast or too slow",
        "cannot see it; ground sets the time",
        altered("rtc", _drift, READS),
        Drift,
    ),
}

_WATCHDOG: Final[Faults] = {
    ("watchdog", "silent"): failures(
        "watchdog", "tells of it; boots again if it bites", {"silent": (FAILING, "system.watchdog_failed")}
    )["watchdog", "silent"],
    ("watchdog", "deaf"): device_fault(
        "it takes no stroke and bites each time it may",
        "boots again and again; ground has a minute each time",
        around("watchdog", lambda *_: _swallowing("stroke")),
        events=("system.boot",),
    ),
}

_STORAGE: Final[Faults] = {
    ("storage", "silent"): failures(
        "storage",
        "goes on in memory; keeps what it must for later",
        {"silent": (FAILING, "store.failed", "system.storage_failed")},
    )["storage", "silent"],
}

_OTHERS: Final[Faults] = {
    **failures("power_controller", "refuses HIBERNATE", {}),
    ("power_controller", "stays_on"): device_fault(
        "it does not cut the computer's power",
        "goes back to SAFE after 10 s; HIBERNATE is refused from then on",
        around("power_controller", lambda *_: _swallowing("power_off")),
    ),
    **failures("egress", "does not move: it does not know that it is free", {}),
}

FAULTS: Final[Faults] = {**_RTC, **_WATCHDOG, **_STORAGE, **_OTHERS}
