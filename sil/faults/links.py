"""Faults between rover and ground."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sil.faults.kinds import Bench, Fault, Layer, NoParams, switched


def _blackout(radio: str) -> Fault:
    def act(bench: Bench, _: NoParams, on: bool) -> None:
        bench.simulation.links[radio].channel.gaps += 1 if on else -1

    return Fault(
        layer=Layer.LINK,
        meaning="no carrier either way",
        response="stops a motion if no other radio hears the ground; stores telemetry",
        make=switched(act),
        events=("mobility.link_lost", "comms.window_no_lock", "comms.downlink_moved"),
    )


FAULTS: Final[Mapping[tuple[str, str], Fault]] = {
    (f"radio_{name}", "blackout"): _blackout(name) for name in ("local", "relay")
}
