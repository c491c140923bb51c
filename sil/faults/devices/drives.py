"""Faults of the wheel drives and the steering, and of one wheel or corner of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Final

from msgspec import Meta

from hal.api.config import Section
from hal.api.values import CORNERS, WHEELS
from sil.faults.devices.common import FAILING, Faults, altered, around, device_fault, failures, lies
from sil.faults.kinds import Bench
from sim_hal.faults.answers import Change, Kept, with_member
from sim_hal.faults.shim import Call, CallFault

ANGLE, SPEED, CURRENT = "angle_rad", "speed_rad_s", "current_a"
LOST: Final = (FAILING, "mobility.wheels_lost")
NO_STEERING: Final = (FAILING, "mobility.steering_lost")


class CurrentBias(Section, frozen=True, kw_only=True):
    """A current sensor off its zero."""

    bias_a: Annotated[float, Meta(ge=-5.0, le=5.0)] = 0.6


class AngleBias(Section, frozen=True, kw_only=True):
    """A feedback potentiometer that has slipped."""

    bias_rad: Annotated[float, Meta(ge=-1.0, le=1.0)] = 0.5


def _without(index: int, *fields: str) -> Change:
    def change(value: Any, _: float) -> Any:
        for field in fields:
            value = with_member(value, field, index, lambda _: None)
        return value

    return change


def _encoder_stuck(index: int) -> Change:
    kept = Kept()

    def change(value: Any, _: float) -> Any:
        return with_member(with_member(value, ANGLE, index, kept), SPEED, index, lambda _: 0.0)

    return change


def _current_bias(index: int, _: Bench, params: CurrentBias) -> Change:
    return lambda value, level: with_member(value, CURRENT, index, lambda amps: amps + params.bias_a * level)


def _backwards(index: int) -> CallFault:
    """Motor leads swapped: orders turn the wheel the other way, and the encoder says so."""

    def fault(method: str, args: tuple[Any, ...], call: Call) -> Any:
        if method != "command":
            return call(*args)
        speeds = list(args[0])
        speeds[index] = -speeds[index]
        return call(tuple(speeds), *args[1:])

    return fault


def _wheel(index: int, name: str) -> Faults:
    device = f"wheels.{name}"
    lost = ("mobility.encoder_lost",)
    return {
        (device, "encoder_lost"): device_fault(
            "its encoder gives nothing; its current is still read",
            "stops the motion within half a second",
            altered("wheels", lambda *_: _without(index, ANGLE, SPEED)),
            events=lost,
        ),
        (device, "reading_none"): device_fault(
            "its controller gives no readings",
            "stops the motion within half a second",
            altered("wheels", lambda *_: _without(index, ANGLE, SPEED, CURRENT)),
            events=lost,
        ),
        (device, "encoder_stuck"): device_fault(
            "its encoder stands still while it turns",
            "takes it for a stall and stops",
            altered("wheels", lambda *_: _encoder_stuck(index)),
            events=("mobility.stall",),
        ),
        (device, "current_bias"): device_fault(
            "its current is read wrong by a constant",
            "stops for a rock or a stall that is not there, if it is enough",
            altered("wheels", partial(_current_bias, index)),
            CurrentBias,
            ramps=True,
            events=("mobility.obstacle", "mobility.current_high", "mobility.stall"),
        ),
        (device, "wrong_direction"): device_fault(
            "it turns the other way",
            "takes it for one that does not listen, or for a stall if it is slow: stops",
            around("wheels", lambda *_: _backwards(index)),
            events=("mobility.runaway", "mobility.stall"),
        ),
    }


def _feedback(index: int, change_of: Callable[[Any], Callable[[Any, float], Any]]) -> Callable[[Bench, Any], Change]:
    """A change of one corner's angle; `change_of` is made anew at each activation."""

    def change(_: Bench, params: Any) -> Change:
        altering = change_of(params)
        return lambda value, level: with_member(value, ANGLE, index, lambda rad: altering(rad, level))

    return change


def _stuck_feedback(_: Any) -> Callable[[Any, float], Any]:
    kept = Kept()
    return lambda rad, _: kept(rad)


def _corner(index: int, name: str) -> Faults:
    device, off = f"steering.{name}", ("mobility.steering_lost",)
    return {
        (device, "feedback_stuck"): device_fault(
            "its angle is read as it was",
            "stops once it should have turned by 20 degrees",
            altered("steering", _feedback(index, _stuck_feedback)),
            events=off,
        ),
        (device, "feedback_none"): device_fault(
            "its angle is not read",
            "stops the motion within a second",
            altered("steering", _feedback(index, lambda _: lambda *__: None)),
            events=off,
        ),
        (device, "feedback_bias"): device_fault(
            "its angle is read wrong by a constant",
            "stops if it is more than 20 degrees",
            altered("steering", _feedback(index, lambda p: lambda rad, level: rad + p.bias_rad * level)),
            AngleBias,
            ramps=True,
            events=off,
        ),
    }


def _release(bench: Bench) -> None:
    bench.simulation.world.wheel_command.release()


def _hold(bench: Bench) -> None:
    bench.simulation.world.steer_command.release()


FAULTS: Final[Faults] = {
    **failures(
        "wheels",
        "ends a motion: the drives stop by their hold time",
        dict.fromkeys(("silent", "bad", "reset"), LOST),
        _release,
    ),
    **lies(
        "wheels",
        "takes it for a stall and stops",
        {"stuck": ("mobility.stall",), "stale": ("mobility.stall", *LOST), "nan": ("mobility.encoder_lost",)},
    ),
    **failures("steering", "ends a motion", dict.fromkeys(("silent", "bad", "reset"), NO_STEERING), _hold),
    **lies(
        "steering",
        "stops once a corner should have turned by 20 degrees",
        dict.fromkeys(("stuck", "stale", "nan"), NO_STEERING),
    ),
    **{pair: fault for index, name in enumerate(WHEELS) for pair, fault in _wheel(index, name).items()},
    **{pair: fault for index, name in enumerate(CORNERS) for pair, fault in _corner(index, name).items()},
}
