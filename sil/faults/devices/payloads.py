"""Faults of camera and instruments."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from hal.api.config import Section
from hal.api.errors import NotReady
from hal.api.values import InstrumentStatus
from sil.faults.devices.common import FAILING, Faults, altered, around, device_fault, dice, failures
from sil.faults.kinds import Bench
from sim_hal.faults.answers import Change
from sim_hal.faults.shim import Call, CallFault

FAULT: Final = "instruments.fault"
INSTRUMENTS: Final = ("spectrometer", "dosimeter", "plasma")


class Corruption(Section, frozen=True, kw_only=True):
    """Bytes of the data are wrong."""

    share: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.1
    """Of all bytes, at least one."""


class Truncation(Section, frozen=True, kw_only=True):
    """The data ends early."""

    share: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.5
    """Of all bytes: what is left."""


def _corrupt(device: str, field: str) -> Any:
    def change_of(bench: Bench, params: Corruption) -> Change:
        uniform = dice(bench, f"{device}/corrupt").uniform

        def change(value: Any, _: float) -> Any:
            data = bytearray(getattr(value, field))
            for _count in range(max(1, round(len(data) * params.share))):
                data[int(uniform() * len(data))] ^= 1 + int(uniform() * 255)
            return msgspec.structs.replace(value, **{field: bytes(data)})

        return change

    return change_of


def _short(field: str) -> Any:
    def change_of(_: Bench, params: Truncation) -> Change:
        def change(value: Any, _: float) -> Any:
            data = getattr(value, field)
            return msgspec.structs.replace(value, **{field: data[: int(len(data) * params.share)]})

        return change

    return change_of


def _hanging(device: str) -> CallFault:
    """An acquisition never ends; a power cycle of the load does not help while the fault lasts."""

    def fault(method: str, args: tuple[Any, ...], call: Call) -> Any:
        answer = call(*args)
        if method == "status":
            return msgspec.structs.replace(answer, ready=answer.ready and not answer.acquiring)
        return None if method == "poll" else answer

    return fault


def _hot(device: str) -> CallFault:
    """It protects itself: no acquisition, and its status says so."""

    def fault(method: str, args: tuple[Any, ...], call: Call) -> Any:
        if method == "start":
            raise NotReady(device, "too hot")
        answer = call(*args)
        if isinstance(answer, InstrumentStatus):
            return msgspec.structs.replace(answer, ready=False, fault=True)
        return answer

    return fault


def _never_ready(value: InstrumentStatus, _: float) -> InstrumentStatus:
    return msgspec.structs.replace(value, ready=False)


def _payload(device: str, field: str) -> Faults:
    seen = dict.fromkeys(("silent", "bad"), (FAULT, FAILING))
    return {
        **failures(device, "ends the acquisition, switches it off", seen),
        (device, "hang"): device_fault(
            "an acquisition never ends",
            "gives up after its margin, switches it off",
            around(device, lambda *_: _hanging(device)),
            events=(FAULT,),
        ),
        (device, "hot"): device_fault(
            "it protects itself from heat and starts nothing",
            "gives up, switches it off",
            around(device, lambda *_: _hot(device)),
            events=(FAULT,),
        ),
        (device, "corrupt"): device_fault(
            "some bytes of its data are wrong",
            "stores and sends what it was given: ground sees it",
            altered(device, _corrupt(device, field), ("poll",)),
            Corruption,
        ),
        (device, "short"): device_fault(
            "its data ends early",
            "stores and sends what it was given: ground sees it",
            altered(device, _short(field), ("poll",)),
            Truncation,
        ),
    }


FAULTS: Final[Faults] = {
    **_payload("camera", "pixels"),
    **{pair: fault for name in INSTRUMENTS for pair, fault in _payload(name, "data").items()},
    **{
        (name, "never_ready"): device_fault(
            "it does not become ready",
            "gives up after its time, switches it off",
            altered(name, lambda *_: _never_ready, ("status",)),
            events=(FAULT,),
        )
        for name in INSTRUMENTS
    },
}
