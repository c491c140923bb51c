"""Kinds that every device has: silent, unreadable, out for a moment, a defect; readings that are frozen or old."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any, Final

from msgspec import Meta

from hal.api.clock import seconds
from hal.api.config import Section
from hal.api.errors import DeviceTimeout, NotReady
from sil.faults.kinds import Bench, Fault, Layer, NoParams, SetLevel, instant
from sim_hal.clock import Rank
from sim_hal.faults.answers import Altered, Change, frozen, poisoned, refusing, unreadable
from sim_hal.faults.shim import CallFault
from sim_hal.noise import Noise

Faults = dict[tuple[str, str], Fault]
Events = Mapping[str, tuple[str, ...]]
"""By kind: what flight raises, one of them."""
FAILING: Final = "health.device_failing"
DEFECT: Final = "health.driver_defect"


class Dropout(Section, frozen=True, kw_only=True):
    """Some readings fail."""

    share: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.2
    """Of all readings, 0 to 1."""


class Outage(Section, frozen=True, kw_only=True):
    """The device starts anew."""

    off_s: Annotated[float, Meta(ge=0.1, le=600.0)] = 5.0
    """Until it is ready again."""


def dice(bench: Bench, name: str) -> Noise:
    """A stream of its own for each activation."""
    return Noise(bench.simulation.seed, f"fault/{name}/{bench.clock.now_ns()}")


def around(box: str, fault_of: Callable[[Bench, Any], CallFault]) -> Callable[[Bench, Any], SetLevel]:
    """The `make` of a fault that stands around a device while it is on."""
    return lambda bench, params: bench.devices.setter(box, fault_of(bench, params))


def altered(
    box: str, change_of: Callable[[Bench, Any], Change], methods: tuple[str, ...] = ("read",)
) -> Callable[[Bench, Any], SetLevel]:
    """The `make` of a fault that changes readings, with a level."""

    def make(bench: Bench, params: Any) -> SetLevel:
        fault = Altered(change_of(bench, params), methods)
        put = bench.devices.setter(box, fault)

        def set_level(level: float) -> None:
            fault.level = level
            put(level)

        return set_level

    return make


def device_fault(
    meaning: str,
    response: str,
    make: Callable[[Bench, Any], SetLevel],
    params: type[Section] = NoParams,
    *,
    events: tuple[str, ...] = (),
    ramps: bool = False,
    single_point: str = "",
) -> Fault:
    """A row of the device layer."""
    return Fault(
        layer=Layer.DEVICE,
        meaning=meaning,
        response=response,
        make=make,
        params=params,
        events=events,
        ramps=ramps,
        single_point=single_point,
    )


def failures(device: str, loss: str, events: Events, forget: Callable[[Bench], object] = lambda _: None) -> Faults:
    """No answer, no good answer, or none for a while.  `loss`: what flight does; `forget`: what a reset undoes."""
    again = "asks again with back-off, power-cycles it, gives it up"
    return {
        (device, "silent"): device_fault(
            "no answer to anything",
            f"{loss}; {again}",
            around(device, lambda *_: refusing(partial(DeviceTimeout, device, "no answer"))),
            events=events.get("silent", ()),
        ),
        (device, "bad"): device_fault(
            "every reading arrives corrupt; orders are obeyed",
            f"{loss}; {again}",
            around(device, lambda *_: unreadable(device, "corrupt")),
            events=events.get("bad", ()),
        ),
        (device, "defect"): device_fault(
            "its driver has a defect: every call raises what no driver may raise",
            f"takes it for a failure of the device and tells what was raised; {loss}; {again}",
            around(device, lambda *_: refusing(partial(RuntimeError, "a defect of the driver"))),
            events=(DEFECT,),
        ),
        (device, "dropout"): device_fault(
            "a share of the readings arrives corrupt",
            "bridges the gaps; asks again",
            around(device, lambda bench, p: unreadable(device, "dropout", p.share, dice(bench, f"{device}/dropout"))),
            Dropout,
            events=events.get("dropout", ()),
        ),
        (device, "reset"): _reset(device, loss, events, forget),
    }


def _reset(device: str, loss: str, events: Events, forget: Callable[[Bench], object]) -> Fault:
    def act(bench: Bench, params: Outage) -> None:
        put = bench.devices.setter(device, refusing(partial(NotReady, device, "starting")))
        forget(bench)
        put(1.0)
        bench.clock.at(bench.clock.now_ns() + seconds(params.off_s), Rank.FAULT, lambda: put(0.0))

    return Fault(
        layer=Layer.DEVICE,
        meaning="starts anew and is not ready for a while; its outputs go to their safe values",
        response=f"{loss} if it takes long; uses it again once it answers",
        make=instant(act),
        params=Outage,
        lasting=False,
        events=events.get("reset", ()),
    )


def lies(device: str, trusted: str, events: Events, method: str = "read") -> Faults:
    """Readings that look well and are not.  `trusted`: what flight does with a frozen one."""
    return {
        (device, "stuck"): device_fault(
            "readings are frozen under fresh time stamps",
            trusted,
            around(device, lambda *_: frozen(fresh=True)),
            events=events.get("stuck", ()),
        ),
        (device, "stale"): device_fault(
            "the same old reading comes again and again, with its old time stamp",
            "refuses it for its age",
            around(device, lambda *_: frozen(fresh=False)),
            events=events.get("stale", ()),
        ),
        (device, "nan"): device_fault(
            "every number of a reading is not a number",
            "treats it as no reading",
            altered(device, lambda *_: lambda value, __: poisoned(value), (method,)),
            events=events.get("nan", ()),
        ),
    }
