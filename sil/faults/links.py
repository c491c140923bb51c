"""Faults between rover and ground, by link; whoever else is on the air is in `links_foreign`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any, Final, Literal

from msgspec import Meta

from hal.api.clock import seconds
from hal.api.config import Section
from sil.faults import links_foreign
from sil.faults.kinds import Bench, Fault, Layer, NoParams, SetLevel, graded, switched
from sim_hal.clock import Rank, Timer
from sim_hal.faults.air import Air
from sim_hal.link import Link

LOST: Final = ("mobility.link_lost", "comms.window_no_lock", "comms.downlink_moved")
BAD: Final = ("system.bad_packets",)
LOW_BIT_S: Final = 700.0
FADE_DB: Final = 15.0
"""Enough to take the relay below the threshold of its middle rate."""
Way = Literal["up", "down", "both"]


class BitErrors(Section, frozen=True, kw_only=True):
    """Single wrong bits, both ways."""

    rate: Annotated[float, Meta(ge=1e-9, le=0.1)] = 1e-3
    """Wrong bits a bit."""


class FrameLoss(Section, frozen=True, kw_only=True):
    """Whole frames vanish."""

    share: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.3
    way: Way = "both"


class Again(Section, frozen=True, kw_only=True):
    """Uplink chunks arrive twice."""

    share: Annotated[float, Meta(gt=0.0, le=1.0)] = 1.0
    after_s: Annotated[float, Meta(ge=0.0, le=60.0)] = 0.3


class Delay(Section, frozen=True, kw_only=True):
    """The way takes longer."""

    delay_s: Annotated[float, Meta(ge=0.0, le=60.0)] = 5.0
    way: Way = "both"


class Disorder(Section, frozen=True, kw_only=True):
    """Some chunks are overtaken."""

    share: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.5
    late_s: Annotated[float, Meta(ge=0.01, le=60.0)] = 3.0
    way: Way = "up"


class Flapping(Section, frozen=True, kw_only=True):
    """The carrier comes and goes."""

    period_s: Annotated[float, Meta(ge=0.5, le=600.0)] = 4.0
    """Half of it without a carrier."""


def _airs(link: Link, way: Way) -> tuple[Air, ...]:
    return {"up": (link.up_air,), "down": (link.down_air,), "both": (link.up_air, link.down_air)}[way]


def _blackout(radio: str, bench: Bench, _: NoParams, on: bool) -> None:
    bench.simulation.links[radio].channel.gaps += 1 if on else -1


def _bit_errors(radio: str, bench: Bench, params: BitErrors, level: float) -> None:
    link = bench.simulation.links[radio]
    link.channel.set_bit_error_rate(link.spec.bit_error_rate + level * params.rate)


def _frame_loss(radio: str, bench: Bench, params: FrameLoss, level: float) -> None:
    for air in _airs(bench.simulation.links[radio], params.way):
        air.lost_share = params.share * level


def _duplicates(radio: str, bench: Bench, params: Again, on: bool) -> None:
    air = bench.simulation.links[radio].up_air
    air.twice_share, air.twice_ns = (params.share, seconds(params.after_s)) if on else (0.0, 0)


def _delay(radio: str, bench: Bench, params: Delay, level: float) -> None:
    for air in _airs(bench.simulation.links[radio], params.way):
        air.delay_ns = seconds(params.delay_s * level)


def _reordered(radio: str, bench: Bench, params: Disorder, on: bool) -> None:
    for air in _airs(bench.simulation.links[radio], params.way):
        air.late_share, air.late_ns = (params.share, seconds(params.late_s)) if on else (0.0, 0)


def _one_way(radio: str, dead: Way, bench: Bench, _: NoParams, on: bool) -> None:
    for air in _airs(bench.simulation.links[radio], dead):
        air.dead += 1 if on else -1


def _low_rate(radio: str, bench: Bench, _: NoParams, on: bool) -> None:
    link = bench.simulation.links[radio]
    link.fade_db = FADE_DB if on else 0.0
    link.down_air.most_bit_s = LOW_BIT_S if on else None


def _flapping(radio: str, bench: Bench, params: Flapping) -> SetLevel:
    """Begins without a carrier."""
    channel, half_ns = bench.simulation.links[radio].channel, seconds(params.period_s / 2.0)
    gap, timer = 0, None

    def change(to: int) -> None:
        nonlocal gap
        channel.gaps += to - gap
        gap = to

    def step() -> None:
        nonlocal timer
        change(1 - gap)
        timer = bench.clock.at(bench.clock.now_ns() + half_ns, Rank.FAULT, step)

    def set_level(level: float) -> None:
        if isinstance(timer, Timer):
            timer.cancel()
        if level > 0.0:
            step()
        else:
            change(0)

    return set_level


def _row(
    meaning: str,
    response: str,
    make: Callable[[Bench, Any], SetLevel],
    params: type[Section] = NoParams,
    *,
    events: tuple[str, ...] = (),
    ramps: bool = False,
) -> Fault:
    return Fault(
        layer=Layer.LINK, meaning=meaning, response=response, make=make, params=params, events=events, ramps=ramps
    )


def _carriers(radio: str) -> dict[str, Fault]:
    """Rows about whether there is a carrier."""
    stops = "stops a motion if no other radio hears the ground; stores telemetry"
    return {
        "blackout": _row("no carrier either way", stops, switched(partial(_blackout, radio)), events=LOST),
        "flapping": _row(
            "the carrier comes and goes",
            "moves the downlink each time; telemetry in between is lost, and sent again when asked for",
            partial(_flapping, radio),
            Flapping,
            events=LOST,
        ),
        "no_uplink": _row(
            "ground hears the rover, the rover does not hear ground",
            "as without a carrier: beacons, and the command-loss timer in the end",
            switched(partial(_one_way, radio, "up")),
            events=LOST,
        ),
        "no_downlink": _row(
            "the rover hears ground, ground does not hear the rover",
            "cannot see it: obeys; ground asks for what it missed, or orders the other radio",
            switched(partial(_one_way, radio, "down")),
        ),
    }


def _bytes(radio: str) -> dict[str, Fault]:
    """Rows about what becomes of the bytes."""
    return {
        "bit_errors": _row(
            "single bits arrive wrong",
            "drops what is damaged, and counts it; never takes it for another command",
            graded(partial(_bit_errors, radio)),
            BitErrors,
            events=BAD,
            ramps=True,
        ),
        "frame_loss": _row(
            "a share of the frames vanishes",
            "nothing: ground sends again what was not acknowledged",
            graded(partial(_frame_loss, radio)),
            FrameLoss,
            ramps=True,
        ),
        "duplicates": _row(
            "what ground sends arrives twice",
            "obeys once, refuses the second as DUPLICATE; a STOP may come as often as it likes",
            switched(partial(_duplicates, radio)),
            Again,
        ),
        "delay": _row(
            "the way takes longer",
            "nothing: what was to be done by then is bounded by its own limits",
            graded(partial(_delay, radio)),
            Delay,
            ramps=True,
        ),
        "reordered": _row(
            "chunks overtake each other",
            "obeys in the order of arrival; frames that are torn apart are dropped",
            switched(partial(_reordered, radio)),
            Disorder,
        ),
    }


LOW_RATE: Final = _row(
    "the signal carries the lowest rate only",
    "steps down to it by the signal's strength",
    switched(partial(_low_rate, "relay")),
    events=("comms.downlink_moved",),
)

FAULTS: Final[Mapping[tuple[str, str], Fault]] = {
    **{
        (f"radio_{name}", kind): fault
        for name in ("local", "relay")
        for kind, fault in {**_carriers(name), **_bytes(name)}.items()
    },
    ("radio_relay", "low_rate"): LOW_RATE,
    **links_foreign.FAULTS,
}
