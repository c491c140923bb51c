"""Faults of the two radios themselves; what lies between the antennas is in `links`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from hal.api.config import Section
from hal.api.values import RadioStatus
from sil.faults.devices.common import FAILING, Faults, altered, around, device_fault, failures, lies
from sil.faults.kinds import Bench
from sim_hal.faults.shim import Call, CallFault

FAULT: Final = (FAILING, "comms.radio_fault")


class SignalBias(Section, frozen=True, kw_only=True):
    """Signal strength is told wrong."""

    bias_db: Annotated[float, Meta(ge=-60.0, le=60.0)] = -20.0


def _lock(locked: bool) -> Callable[[Any, float], Any]:
    return lambda value, _: msgspec.structs.replace(value, locked=locked)


def _signal(value: RadioStatus, level: float, bias_db: float) -> RadioStatus:
    known = value.rssi_dbm
    return value if known is None else msgspec.structs.replace(value, rssi_dbm=known + bias_db * level)


def _full(value: RadioStatus, _: float) -> RadioStatus:
    return msgspec.structs.replace(value, tx_free_bytes=0)


def _in_place(of: str, answer: Callable[[Any], Any]) -> CallFault:
    """One method does nothing and answers as if it had."""

    def fault(method: str, args: tuple[Any, ...], call: Call) -> Any:
        return answer(args[0]) if method == of else call(*args)

    return fault


def _choked(method: str, args: tuple[Any, ...], call: Call) -> Any:
    if method == "send":
        return 0
    return _full(call(*args), 1.0) if method == "status" else call(*args)


def _release(radio: str) -> Callable[[Bench], None]:
    def forget(bench: Bench) -> None:
        link = bench.simulation.links[radio]
        link.rate.release()
        link.receiver_on = True
        link.rx.clear()

    return forget


def _radio(name: str) -> Faults:
    device, moved = f"radio_{name}", ("comms.downlink_moved",)
    loss = "the other radio takes over"
    return {
        **failures(device, loss, {"silent": FAULT, "bad": FAULT, "reset": FAULT}, _release(name)),
        **lies(device, "believes lock and strength: sends where nobody may hear", {}, "status"),
        (device, "stuck_lock"): device_fault(
            "it reports a carrier that may not be there",
            "believes it; the command-loss timer helps in the end",
            altered(device, lambda *_: _lock(True), ("status",)),
        ),
        (device, "no_lock"): device_fault(
            "it reports no carrier, though it hears one",
            "the other radio takes over; a motion ends if it does not",
            altered(device, lambda *_: _lock(False), ("status",)),
            events=(*moved, "mobility.link_lost"),
        ),
        (device, "rssi_bias"): device_fault(
            "signal strength is told wrong",
            "chooses a slower or a faster rate than it could",
            altered(device, lambda _, p: lambda value, level: _signal(value, level, p.bias_db), ("status",)),
            SignalBias,
            ramps=True,
        ),
        (device, "deaf"): device_fault(
            "nothing that it hears reaches the computer",
            "command-loss timer; the other radio hears",
            around(device, lambda *_: _in_place("receive", lambda _: b"")),
        ),
        (device, "mute"): device_fault(
            "it takes what it is given and sends nothing",
            "cannot see it: ground orders the other radio",
            around(device, lambda *_: _in_place("send", len)),
        ),
        (device, "choked"): device_fault(
            "its transmit buffer is full for ever",
            "keeps its reports",
            around(device, lambda *_: _choked),
        ),
    }


FAULTS: Final[Faults] = {pair: fault for name in ("local", "relay") for pair, fault in _radio(name).items()}
