"""Faults of wheels, corners and the unit that drives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from msgspec import Meta

from hal.api.config import Section
from hal.api.errors import DeviceTimeout
from hal.api.values import CORNERS, WHEELS
from sil.faults.kinds import Bench, Fault, Layer, NoParams, SetLevel, graded, switched
from sim_hal.faults.shim import Call


class Runaway(Section, frozen=True, kw_only=True):
    """Which way it turns."""

    astern: bool = False


class GearSlip(Section, frozen=True, kw_only=True):
    """How bad it is."""

    share: Annotated[float, Meta(gt=0.0, le=1.0)] = 1.0
    """Of the drive force, not passed on."""


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


def _runaway(index: int) -> Fault:
    def act(bench: Bench, params: Runaway, on: bool) -> None:
        world = bench.simulation.world
        world.drive.runaway[index] = (-1.0 if params.astern else 1.0) if on else 0.0
        world.run_motion()

    return Fault(
        layer=Layer.PLANT,
        meaning="its bridge is shorted: the wheel turns at full rate whenever motors have power",
        response="cuts the motors' power once it has turned unasked, or ahead of what it is told, for a second",
        make=switched(act),
        params=Runaway,
        events=("mobility.runaway", "mobility.stall"),
    )


def _gear_slip(index: int) -> Fault:
    def act(bench: Bench, params: GearSlip, level: float) -> None:
        bench.simulation.world.motion.lost_drive[index] = level * params.share

    return Fault(
        layer=Layer.PLANT,
        meaning="motor and encoder turn, the wheel is driven with less force or none",
        response="drives on; the other wheels slip more, and slip limits hold as ever",
        make=graded(act),
        params=GearSlip,
        ramps=True,
    )


def _stuck_corner(index: int) -> Fault:
    def act(bench: Bench, _: NoParams, on: bool) -> None:
        bench.simulation.world.steering.jammed[index] = on

    return Fault(
        layer=Layer.PLANT,
        meaning="the corner does not turn, its motor still pushes",
        response="stops the motion that needs the corner; drives on along the angle that it has",
        make=switched(act),
        events=("mobility.steering_lost",),
    )


def _drive_unit(bench: Bench, _: NoParams) -> SetLevel:
    """All six wheels and the corners hang on one unit."""

    def silent(device: str) -> SetLevel:
        def fault(method: str, args: tuple[Any, ...], call: Call) -> Any:
            raise DeviceTimeout(device, "no answer")

        return bench.devices.setter(device, fault)

    silences = silent("wheels"), silent("steering")

    def set_level(level: float) -> None:
        bench.simulation.world.drive_unit_lost = level > 0.0
        for silence in silences:
            silence(level)

    return set_level


DRIVE_UNIT: Final = Fault(
    layer=Layer.PLANT,
    meaning="no motor gets current and none of their electronics answers (Yutu, January 2014)",
    response="stops, tells it, tries again with back-off; lives on where it stands, instruments and links unharmed",
    make=_drive_unit,
    events=("mobility.wheels_lost", "mobility.output_failed", "health.device_failing"),
)
FAULTS: Final[Mapping[tuple[str, str], Fault]] = {
    **{(f"wheels.{name}", "jam"): _jam(i) for i, name in enumerate(WHEELS)},
    **{(f"wheels.{name}", "runaway"): _runaway(i) for i, name in enumerate(WHEELS)},
    **{(f"wheels.{name}", "gear_slip"): _gear_slip(i) for i, name in enumerate(WHEELS)},
    **{(f"steering.{name}", "stuck"): _stuck_corner(i) for i, name in enumerate(CORNERS)},
    ("drive_unit", "lost"): DRIVE_UNIT,
}
