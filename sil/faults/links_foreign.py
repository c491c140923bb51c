"""Who else is on the air: noise, somebody who repeats what he has heard, somebody who never stops talking."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any, Final, Literal

from msgspec import Meta

from ground.commands import build_arguments, pack_command
from hal.api.clock import seconds
from hal.api.config import Section
from sil.faults.kinds import Bench, Fault, Layer, SetLevel
from sim_hal.clock import Rank
from sim_hal.noise import Noise
from telemetry_defs.codec import Codecs
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.framing import encode_frame
from telemetry_defs.packets import build_tc

PING: Final = "system.ping"
COUNTS: Final = 1 << 14


class Bursts(Section, frozen=True, kw_only=True):
    """Random bytes."""

    period_s: Annotated[float, Meta(ge=0.05, le=600.0)] = 0.5
    size_bytes: Annotated[int, Meta(ge=1, le=4096)] = 40
    at: Literal["rover", "ground", "both"] = "both"
    """Whose receiver takes them for a signal."""


class Replay(Section, frozen=True, kw_only=True):
    """What ground sends is heard, kept and sent again."""

    after_s: Annotated[float, Meta(ge=0.1, le=1e5)] = 20.0
    """More than 64 accepted telecommands later it is outside the window in which flight knows a duplicate."""


class Flood(Section, frozen=True, kw_only=True):
    """Valid telecommands of a source that is not ours."""

    per_s: Annotated[float, Meta(ge=0.01, le=50.0)] = 10.0
    source_id: Annotated[int, Meta(ge=2, le=65_535)] = 999
    """Not 1, which is ground itself: what a stranger sends in its name makes duplicates of what ground sends."""


def _repeating(bench: Bench, period_s: float, act: Callable[[], object]) -> SetLevel:
    """Does something again and again while its level is above 0, first at once."""
    on = False

    def step() -> None:
        if on:
            act()
            bench.clock.at(bench.clock.now_ns() + seconds(period_s), Rank.FAULT, step)

    def set_level(level: float) -> None:
        nonlocal on
        started, on = on, level > 0.0
        if on and not started:
            step()

    return set_level


def _noise(radio: str, bench: Bench, params: Bursts) -> SetLevel:
    link = bench.simulation.links[radio]
    uniform = Noise(bench.simulation.seed, f"fault/noise_{radio}/{bench.clock.now_ns()}").uniform

    def burst() -> None:
        data = bytes(int(uniform() * 256) for _ in range(params.size_bytes))
        if params.at != "ground":
            link.rover_hears(data)
        if params.at != "rover":
            link.ground_hears(data)

    return _repeating(bench, params.period_s, burst)


def _babble(radio: str, bench: Bench, params: Flood) -> SetLevel:
    link = bench.simulation.links[radio]
    apid, service, subtype, data = pack_command(DICTIONARY, PING, build_arguments(DICTIONARY, PING, {}), Codecs())
    count = 0

    def call() -> None:
        nonlocal count
        count = (count + 1) % COUNTS
        packet = build_tc(apid, service, subtype, count, params.source_id, data)
        link.rover_hears(b"\x00" + encode_frame(packet))

    return _repeating(bench, 1.0 / params.per_s, call)


def _replay(radio: str, bench: Bench, params: Replay) -> SetLevel:
    """The repeater is near the rover, so what it sends needs no light time; it stops when the fault ends."""
    link = bench.simulation.links[radio]
    on = True

    def again(data: bytes) -> None:
        if on:
            link.rover_hears(data)

    def keep(data: bytes) -> None:
        due_ns = bench.clock.now_ns() + seconds(params.after_s)
        bench.clock.at(due_ns, Rank.BYTES, partial(again, data))

    def set_level(level: float) -> None:
        nonlocal on
        on = level > 0.0
        if on and keep not in link.overheard:
            link.overheard.append(keep)
        elif not on and keep in link.overheard:
            link.overheard.remove(keep)

    return set_level


def _row(
    meaning: str,
    response: str,
    make: Callable[[Bench, Any], SetLevel],
    params: type[Section],
    events: tuple[str, ...] = (),
) -> Fault:
    return Fault(layer=Layer.LINK, meaning=meaning, response=response, make=make, params=params, events=events)


def _foreign(radio: str) -> dict[str, Fault]:
    return {
        "noise": _row(
            "bursts of random bytes on the air",
            "drops them and counts; a frame that they run into is lost",
            partial(_noise, radio),
            Bursts,
            ("system.bad_packets",),
        ),
        "replay": _row(
            "somebody sends again what ground has sent",
            "refuses it as DUPLICATE within the last 64 of its source; beyond them it obeys: nothing is signed",
            partial(_replay, radio),
            Replay,
        ),
        "babble": _row(
            "a foreign source sends valid telecommands without end",
            "takes 16 a cycle, refuses what its queue cannot hold; a STOP goes ahead",
            partial(_babble, radio),
            Flood,
        ),
    }


FAULTS: Final[Mapping[tuple[str, str], Fault]] = {
    (f"radio_{name}", kind): fault for name in ("local", "relay") for kind, fault in _foreign(name).items()
}
