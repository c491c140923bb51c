"""Faults of the flight computer: its power, its time, its memory and its disk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from msgspec import Meta

from hal.api.clock import seconds
from hal.api.config import Section
from hal.api.values import ResetCause
from sil.faults.kinds import Bench, Fault, Layer, instant

REBOOT_RESPONSE: Final = "boots, resumes a resting mode or SAFE, nothing acknowledged is lost"


class Off(Section, frozen=True, kw_only=True):
    """How long the computer stays off."""

    off_s: Annotated[float, Meta(ge=0.5, le=1.0e6)] = 2.0


def _stop(cause: ResetCause, meaning: str, response: str) -> Fault:
    def act(bench: Bench, params: Off) -> None:
        bench.simulation.stop(cause, off_ns=seconds(params.off_s))

    return Fault(
        layer=Layer.COMPUTER,
        meaning=meaning,
        response=response,
        make=instant(act),
        params=Off,
        lasting=False,
        events=("system.boot",),
    )


FAULTS: Final[Mapping[tuple[str, str], Fault]] = {
    ("computer", "reset"): _stop(
        ResetCause.WATCHDOG,
        "reset out of nothing",
        REBOOT_RESPONSE,
    ),
    ("computer", "power_cut"): _stop(ResetCause.POWER_CUT, "its power is cut", REBOOT_RESPONSE),
}
