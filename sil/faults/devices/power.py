"""Faults of the monitors of battery and array."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from hal.api.config import Section
from hal.api.values import FACES, FaceReading, PowerReading
from sil.faults.devices.common import FAILING, Faults, altered, device_fault, dice, failures, lies
from sil.faults.kinds import Bench
from sim_hal.faults.answers import Change, with_member

MONITOR: Final = (FAILING, "power.monitor_lost")
ARRAY: Final = (FAILING, "power.array_monitor_lost")


class CurrentBias(Section, frozen=True, kw_only=True):
    """An offset of the battery current."""

    bias_a: Annotated[float, Meta(ge=-20.0, le=20.0)] = 1.0


class VoltageBias(Section, frozen=True, kw_only=True):
    """An offset of the bus voltage."""

    bias_v: Annotated[float, Meta(ge=-30.0, le=30.0)] = -2.0


class MonitorNoise(Section, frozen=True, kw_only=True):
    """Standard deviations."""

    voltage_v: Annotated[float, Meta(ge=0.0, le=10.0)] = 1.0
    current_a: Annotated[float, Meta(ge=0.0, le=10.0)] = 1.0


class FaceScale(Section, frozen=True, kw_only=True):
    """A shunt that has changed."""

    factor: Annotated[float, Meta(ge=0.0, le=5.0)] = 0.3


def _add(value: PowerReading, volts: float, amps: float) -> PowerReading:
    return msgspec.structs.replace(
        value, bus_voltage_v=value.bus_voltage_v + volts, battery_current_a=value.battery_current_a + amps
    )


def _noise(bench: Bench, params: MonitorNoise) -> Change:
    bell = dice(bench, "power_monitor/noise").bell
    return lambda value, level: _add(value, bell(params.voltage_v * level), bell(params.current_a * level))


def _face_scale(index: int, _: Bench, params: FaceScale) -> Change:
    def change(value: FaceReading, level: float) -> FaceReading:
        return msgspec.structs.replace(value, current_a=value.current_a * (1.0 + (params.factor - 1.0) * level))

    return lambda value, level: with_member(value, "faces", index, lambda face: change(face, level))


def _face(index: int, name: str) -> Faults:
    return {
        (f"array.{name}", "reading_none"): device_fault(
            "its monitor does not answer",
            "judges by the other faces; the battery current tells the rest",
            altered("array", lambda *_: lambda value, __: with_member(value, "faces", index, lambda _: None)),
        ),
        (f"array.{name}", "scale"): device_fault(
            "its current is read too small or too large",
            "takes it for a lost face if almost nothing is left",
            altered("array", partial(_face_scale, index)),
            FaceScale,
            ramps=True,
        ),
    }


FAULTS: Final[Faults] = {
    **failures(
        "power_monitor", "charge is unknown after 10 s: SAFE with the loads shed", {"silent": MONITOR, "bad": MONITOR}
    ),
    **lies("power_monitor", "cannot see it: charge is counted on", {"nan": MONITOR, "stale": MONITOR}),
    ("power_monitor", "bias_current"): device_fault(
        "the battery current is off by a constant",
        "counts wrong; the voltage at rest corrects it within hours",
        altered("power_monitor", lambda _, p: lambda value, level: _add(value, 0.0, p.bias_a * level)),
        CurrentBias,
        ramps=True,
        events=("power.implausible_current", "power.charge_overcurrent"),
    ),
    ("power_monitor", "bias_voltage"): device_fault(
        "the bus voltage is off by a constant",
        "sheds, or stops charging, once its limits are passed",
        altered("power_monitor", lambda _, p: lambda value, level: _add(value, p.bias_v * level, 0.0)),
        VoltageBias,
        ramps=True,
        events=("power.undervoltage", "power.overvoltage", "power.implausible_current"),
    ),
    ("power_monitor", "noise"): device_fault(
        "voltage and current are noisy",
        "waits for its limits to be passed for seconds",
        altered("power_monitor", _noise),
        MonitorNoise,
        ramps=True,
    ),
    **failures(
        "array", "does without; charging goes on, the battery current tells of it", {"silent": ARRAY, "bad": ARRAY}
    ),
    **lies("array", "cannot see it; no order depends on it but heating by array power", {"stale": ARRAY}),
    **{pair: fault for index, name in enumerate(FACES) for pair, fault in _face(index, name).items()},
}
