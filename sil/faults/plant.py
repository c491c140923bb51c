"""Faults of the rover's body and surroundings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hal.api.values import FACES, WHEELS
from sil.faults.kinds import Bench, Fault, Layer, NoParams, switched


def _jam(index: int) -> Fault:
    def act(bench: Bench, _: NoParams, on: bool) -> None:
        bench.simulation.world.drive.jammed[index] = on

    return Fault(
        layer=Layer.PLANT,
        meaning="the wheel cannot turn",
        response="stops the motion within 3 s; drives on without the wheel once ground masks it",
        make=switched(act),
        events=("mobility.stall", "mobility.current_high", "mobility.obstacle"),
    )


def _lose_face(index: int) -> Fault:
    def act(bench: Bench, _: NoParams, on: bool) -> None:
        bench.simulation.world.energy.array.lost[index] = on

    return Fault(
        layer=Layer.PLANT,
        meaning="the face gives no power",
        response="tells it where the face was lit; lives on the others",
        make=switched(act),
        events=("power.face_lost",),
    )


FAULTS: Final[Mapping[tuple[str, str], Fault]] = {
    **{(f"wheels.{name}", "jam"): _jam(i) for i, name in enumerate(WHEELS)},
    **{(f"array.{name}", "lost"): _lose_face(i) for i, name in enumerate(FACES)},
}
