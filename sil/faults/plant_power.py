"""Faults of array, battery, switches and the always-on controller."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Final

from msgspec import Meta

from hal.api.config import Section
from hal.api.values import FACES
from sil.faults.kinds import Bench, Fault, Layer, NoParams, graded, switched
from sim_hal.switches import Bank
from sim_hal.world.loads import HEATER_W, LOAD_W

BankOf = Callable[[Bench], Bank]


class Share(Section, frozen=True, kw_only=True):
    """How much is lost."""

    share: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.5


class Fade(Section, frozen=True, kw_only=True):
    """How much is lost."""

    share: Annotated[float, Meta(gt=0.0, le=0.95)] = 0.4
    """Of the rated capacity."""


class Short(Section, frozen=True, kw_only=True):
    """How many cells in a row."""

    groups: Annotated[int, Meta(ge=1, le=3)] = 1
    """Of the pack's groups in series."""


class Resistance(Section, frozen=True, kw_only=True):
    """How bad the joint is."""

    factor: Annotated[float, Meta(ge=1.0, le=10.0)] = 4.0
    """Times the healthy resistance."""


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


def _wear_face(index: int) -> Fault:
    def act(bench: Bench, params: Share, level: float) -> None:
        bench.simulation.world.energy.array.worn[index] = level * params.share

    return Fault(
        layer=Layer.PLANT,
        meaning="the face gives less power (broken strings, radiation)",
        response="lives by what it measures",
        make=graded(act),
        params=Share,
        ramps=True,
    )


def _dust(bench: Bench, params: Share, level: float) -> None:
    bench.simulation.world.energy.array.covered = level * params.share


def _cell_short(bench: Bench, params: Short, on: bool) -> None:
    bench.simulation.world.energy.battery.shorted_groups = params.groups if on else 0


def _open_circuit(bench: Bench, _: NoParams, on: bool) -> None:
    bench.simulation.world.energy.battery.open_circuit = on


def _fade(bench: Bench, params: Fade, level: float) -> None:
    bench.simulation.world.energy.battery.faded = level * params.share


def _resistance(bench: Bench, params: Resistance, level: float) -> None:
    bench.simulation.world.energy.battery.resistance_factor = 1.0 + level * (params.factor - 1.0)


def _no_wake(bench: Bench, _: NoParams, on: bool) -> None:
    bench.simulation.controller.wakes = not on


def _stuck(bank: BankOf, name: str, on: bool, single_point: str = "") -> Fault:
    """A switch that does not obey: `on` or off whatever it is told."""

    def act(bench: Bench, _: NoParams, stuck: bool) -> None:
        bank(bench).held[name].stick(on if stuck else None)

    return Fault(
        layer=Layer.PLANT,
        meaning=f"its switch stays {'on' if on else 'off'} whatever it is told",
        response="tells it once the switch has disobeyed for 3 s; never counts on it",
        make=switched(act),
        events=("power.switch_stuck", "thermal.switch_stuck"),
        single_point=single_point,
    )


def _loads(bench: Bench) -> Bank:
    return bench.simulation.world.loads


def _heaters(bench: Bench) -> Bank:
    return bench.simulation.world.heaters


_LAST: Final = {
    "charge": "no other switch lets the battery charge: the rover lives as long as its charge",
    "battery": "one heater keeps the cells from freezing, and a frozen battery carries nothing",
}
"""Switches that must not stay off, and why."""
_BATTERY: Final[Mapping[tuple[str, str], Fault]] = {
    ("battery", "cell_short"): Fault(
        layer=Layer.PLANT,
        meaning="a group of cells has failed short: the pack has less voltage",
        response="sees less voltage than its charge should give; sheds by voltage",
        make=switched(_cell_short),
        params=Short,
        events=("power.undervoltage", "power.soc_disagrees"),
    ),
    ("battery", "open_circuit"): Fault(
        layer=Layer.PLANT,
        meaning="nothing joins the cells to the bus",
        response="none that helps: the bus lives while the array carries its loads",
        make=switched(_open_circuit),
        events=("power.undervoltage",),
        single_point="one pack: without it the bus dies in the first shadow, and nothing holds it for a boot",
    ),
    ("battery", "capacity_loss"): Fault(
        layer=Layer.PLANT,
        meaning="the pack holds less than it is rated for",
        response="sheds by voltage where its count of charge is wrong",
        make=graded(_fade),
        params=Fade,
        ramps=True,
    ),
    ("battery", "resistance"): Fault(
        layer=Layer.PLANT,
        meaning="aged cells or a bad joint: the voltage sags under load",
        response="sheds when the voltage is low for long",
        make=graded(_resistance),
        params=Resistance,
        ramps=True,
    ),
}
_ARRAY: Final[Mapping[tuple[str, str], Fault]] = {
    **{(f"array.{name}", "lost"): _lose_face(i) for i, name in enumerate(FACES)},
    **{(f"array.{name}", "degraded"): _wear_face(i) for i, name in enumerate(FACES)},
    ("array", "dust"): Fault(
        layer=Layer.PLANT,
        meaning="dust covers all faces",
        response="lives by what it measures; sheds by its charge",
        make=graded(_dust),
        params=Share,
        ramps=True,
    ),
}
FAULTS: Final[Mapping[tuple[str, str], Fault]] = {
    **_ARRAY,
    **_BATTERY,
    **{(f"heaters.{name}", "stuck_on"): _stuck(_heaters, name, True) for name in HEATER_W},
    **{(f"heaters.{name}", "stuck_off"): _stuck(_heaters, name, False, _LAST.get(name, "")) for name in HEATER_W},
    **{(f"loads.{name}", "stuck_on"): _stuck(_loads, name, True) for name in LOAD_W},
    **{(f"loads.{name}", "stuck_off"): _stuck(_loads, name, False, _LAST.get(name, "")) for name in LOAD_W},
    ("power_controller", "no_wake"): Fault(
        layer=Layer.PLANT,
        meaning="the always-on controller never switches the computer on again (Pragyan, 2023)",
        response="none once asleep: the computer is off",
        make=switched(_no_wake),
        single_point="one controller: what it does not wake stays asleep",
    ),
}
