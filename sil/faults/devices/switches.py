"""Faults of the switch banks: orders that are not obeyed, states that are read back wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sil.faults.devices.common import FAILING, Events, Faults, around, device_fault, failures
from sil.faults.kinds import Bench
from sim_hal.faults.shim import Call, CallFault
from sim_hal.world.loads import HEATER_W, LOAD_W


def _ignoring(only: str | None) -> CallFault:
    """Orders to set a switch are taken and forgotten; `make_safe` still works, for it cuts the bank's enable line."""

    def fault(method: str, args: tuple[Any, ...], call: Call) -> Any:
        if method == "set" and only in (None, args[0]):
            return None
        return call(*args)

    return fault


def _inverted(only: str) -> CallFault:
    def fault(method: str, args: tuple[Any, ...], call: Call) -> Any:
        answer = call(*args)
        return not answer if method == "is_on" and args[0] == only else answer

    return fault


def _release(bank: str) -> Callable[[Bench], None]:
    def forget(bench: Bench) -> None:
        world = bench.simulation.world
        (world.heaters if bank == "heaters" else world.loads).release()

    return forget


def _bank(device: str, stuck: str, lost: str, loss: str, names: tuple[str, ...]) -> Faults:
    seen: Events = {"silent": (FAILING, lost), "bad": (FAILING, lost)}
    rows = failures(device, loss, seen, _release(device))
    rows[device, "ignore"] = device_fault(
        "no switch obeys; all go to their safe values as their holds end",
        "tells which do not obey",
        around(device, lambda *_: _ignoring(None)),
        events=(stuck,),
    )
    for name in names:
        rows |= _switch(device, name, stuck)
    return rows


def _switch(device: str, name: str, stuck: str) -> Faults:
    one = f"{device}.{name}"
    return {
        (one, "ignore"): device_fault(
            "the switch does not obey; it goes to its safe value as its hold ends",
            "tells of it; does without",
            around(device, lambda *_: _ignoring(name)),
            events=(stuck,),
        ),
        (one, "readback_wrong"): device_fault(
            "the switch obeys and is read back the other way",
            "tells of a switch that does not obey",
            around(device, lambda *_: _inverted(name)),
            events=(stuck,),
        ),
    }


FAULTS: Final[Faults] = {
    **_bank(
        "heaters", "thermal.switch_stuck", "thermal.heaters_lost", "heats nothing: holds end in 30 s", tuple(HEATER_W)
    ),
    **_bank(
        "loads",
        "power.switch_stuck",
        "power.switches_lost",
        "counts all loads as off: holds end in 60 s",
        tuple(LOAD_W),
    ),
}
