"""Faults of temperature sensors, all of them or one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

from msgspec import Meta

from hal.api.clock import NS_PER_S
from hal.api.config import Section
from hal.api.values import TEMPERATURES, TemperatureReadings
from sil.faults.devices.common import FAILING, Faults, altered, device_fault, dice, failures, lies
from sil.faults.kinds import Bench
from sim_hal.faults.answers import Change, Kept, with_member

OPEN_C: Final = {"none": None, "cold": -250.0, "hot": 400.0}
"""What a broken line looks like: no reading, or an end of the converter's range."""
LOST: Final = ("thermal.sensor_lost", "thermal.sensor_implausible")
ODD: Final = ("thermal.sensors_disagree", "thermal.sensor_implausible")


class OpenLine(Section, frozen=True, kw_only=True):
    """How a broken line reads."""

    reads: Literal["none", "cold", "hot"] = "none"


class Bias(Section, frozen=True, kw_only=True):
    """A sensor that is off by a constant."""

    bias_k: Annotated[float, Meta(ge=-100.0, le=100.0)] = 12.0


class Drift(Section, frozen=True, kw_only=True):
    """A sensor that walks away."""

    rate_k_min: Annotated[float, Meta(ge=-60.0, le=60.0)] = 6.0


class Noise(Section, frozen=True, kw_only=True):
    """Standard deviation."""

    sigma_k: Annotated[float, Meta(ge=0.0, le=50.0)] = 3.0


Reads = Callable[[float, TemperatureReadings, float], float | None]
"""A sensor's healthy value, the whole reading, the level; what it gives instead."""


def _sensor(index: int, reads_of: Callable[[Bench, Any], Reads]) -> Callable[[Bench, Any], Change]:
    def change_of(bench: Bench, params: Any) -> Change:
        reads = reads_of(bench, params)
        return lambda value, level: with_member(
            value, "temperature_c", index, lambda known_c: reads(known_c, value, level)
        )

    return change_of


def _drift(bench: Bench, params: Drift) -> Reads:
    start_ns = bench.clock.now_ns()
    return lambda known_c, value, _: known_c + params.rate_k_min * (value.time_ns - start_ns) / NS_PER_S / 60.0


def _noise(bench: Bench, params: Noise, name: str) -> Reads:
    bell = dice(bench, f"temperatures.{name}/noise").bell
    return lambda known_c, _, level: known_c + bell(params.sigma_k * level)


def _stuck(*_: Any) -> Reads:
    kept = Kept()
    return lambda known_c, *_: kept(known_c)


def _one(index: int, name: str) -> Faults:
    device, odd = f"temperatures.{name}", ODD if name.startswith("battery") else ()
    return {
        (device, "open"): device_fault(
            "its line is broken: nothing, or an end of the range",
            "bridges 10 s, then does without the sensor",
            altered("temperatures", _sensor(index, lambda _, p: lambda *_: OPEN_C[p.reads])),
            OpenLine,
            events=LOST,
        ),
        (device, "bias"): device_fault(
            "it is off by a constant",
            "believes a jump only after seconds; of the battery's two the worse counts",
            altered("temperatures", _sensor(index, lambda _, p: lambda known_c, _, level: known_c + p.bias_k * level)),
            Bias,
            ramps=True,
            events=odd,
        ),
        (device, "drift"): device_fault(
            "it walks away from the truth",
            "of the battery's two the worse counts; else it is believed",
            altered("temperatures", _sensor(index, _drift)),
            Drift,
            events=odd,
        ),
        (device, "stuck"): device_fault(
            "it reads what it read",
            "tells a heater without effect, where there is one",
            altered("temperatures", _sensor(index, _stuck)),
        ),
        (device, "noise"): device_fault(
            "it is noisy",
            "lives on: limits have hysteresis",
            altered("temperatures", _sensor(index, lambda bench, p: _noise(bench, p, name))),
            Noise,
            ramps=True,
        ),
    }


ALL_LOST: Final = (FAILING, "thermal.sensor_lost", "thermal.battery_blind")
FAULTS: Final[Faults] = {
    **failures(
        "temperatures",
        "heats the battery by duty cycle, forbids charging and driving",
        {"silent": ALL_LOST, "bad": ALL_LOST},
    ),
    **lies("temperatures", "tells heaters without effect", {"nan": ALL_LOST, "stale": ALL_LOST}),
    **{pair: fault for index, name in enumerate(TEMPERATURES) for pair, fault in _one(index, name).items()},
}
