"""Faults of single devices, between flight and what the device truly measures or moves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hal.api.errors import DeviceTimeout
from sil.faults.kinds import Bench, Fault, Layer, SetLevel
from sim_hal.faults.shim import Call

SILENT_RESPONSE: Final = "keeps the rover safe without it, asks again with back-off, power-cycles it, gives it up"


def _silent(device: str) -> Fault:
    def make(bench: Bench, _: Any) -> SetLevel:
        def fault(method: str, args: tuple[Any, ...], call: Call) -> Any:
            raise DeviceTimeout(device, "no answer")

        return bench.devices.setter(device, fault)

    return Fault(
        layer=Layer.DEVICE,
        meaning="no answer to anything",
        response=SILENT_RESPONSE,
        make=make,
        events=("health.device_failing",),
    )


FAULTS: Final[Mapping[tuple[str, str], Fault]] = {(name, "silent"): _silent(name) for name in ("imu",)}
