"""Faults of the serial lines: motor controllers, inertial unit, modem."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Final

from msgspec import Meta

from hal.api.clock import NS_PER_MS
from hal.api.config import Section
from sil.faults.kinds import Bench, Fault, NoParams, SetLevel
from sil.faults.wires.parts import FAILING, Make, Share, Sometimes, bay_of, dice, row
from sim_hal.buses import reply_faults
from sim_hal.buses.dirty_wires import BitNoise, OldBytes, WrongRate
from sim_hal.buses.fault_chain import switch_part, switch_reply
from sim_hal.buses.serial import ReplyFault, SerialLine
from sim_hal.clock import Rank, Timer
from sim_hal.noise import Noise
from sim_hal.wired.bay import WireBay

ASKED: Final = ("motors", "imu")
"""Lines whose chips speak only when asked."""
LINES: Final = (*ASKED, "modem")
LOST: Final[Mapping[str, tuple[str, ...]]] = {
    "motors": ("mobility.output_failed", "mobility.wheels_lost", FAILING),
    "imu": ("mobility.imu_lost", FAILING),
    "modem": ("comms.downlink_moved", "comms.radio_fault", FAILING),
}
"""Raised when a line is no good at all."""
RESPONSE: Final[Mapping[str, str]] = {
    "motors": "believes no byte of it, ends a motion and lets the units' own timeout stop the wheels",
    "imu": "believes no byte of it, ends a motion, sets the chip up anew with back-off",
    "modem": "drops and counts what is no packet; moves the downlink where nobody is heard",
}


class Late(Sometimes, frozen=True, kw_only=True):
    """How much later the reply begins."""

    extra_ms: Annotated[float, Meta(ge=0.0, le=1000.0)] = 20.0


class Truncated(Sometimes, frozen=True, kw_only=True):
    """How many bytes of a reply still come."""

    kept_bytes: Annotated[int, Meta(ge=0, le=64)] = 1


class Corrupt(Sometimes, frozen=True, kw_only=True):
    """Which byte of a reply (negative: from its end, where the CRC is), and which of its bits."""

    byte: Annotated[int, Meta(ge=-64, le=63)] = -1
    mask: Annotated[int, Meta(ge=1, le=255)] = 255


class Stale(Sometimes, frozen=True, kw_only=True):
    """How much of the reply before comes again before each reply."""

    old_bytes: Annotated[int, Meta(ge=1, le=64)] = 8


class Noisy(Section, frozen=True, kw_only=True):
    """Chance of each bit to arrive wrong."""

    bit_error_rate: Annotated[float, Meta(ge=0.0, le=0.1)] = 2e-3


class Babble(Section, frozen=True, kw_only=True):
    """How often a unit talks unasked, and how much of the line's time it takes at most."""

    period_ms: Annotated[float, Meta(ge=1.0, le=1000.0)] = 4.0
    share: Share = 0.9


def _replies(name: str, kind: str, build: Callable[[Any], ReplyFault]) -> Make:
    """A fault of a share of the replies, which a ramp makes grow."""

    def make(bench: Bench, params: Sometimes) -> SetLevel:
        line, noise = bay_of(bench).serial[name], dice(bench, f"bus.{name}", kind)
        whole, chance = build(params), [0.0]

        def fault(data: bytes, delay_ns: int) -> reply_faults.Pieces:
            hit = chance[0] >= 1.0 or noise.uniform() < chance[0]
            return whole(data, delay_ns) if hit else [(data, delay_ns)]

        def set_level(level: float) -> None:
            chance[0] = level * params.probability
            switch_reply(line, fault, level > 0.0)

        return set_level

    return make


def _noise(name: str) -> Make:
    def make(bench: Bench, params: Noisy) -> SetLevel:
        noise = BitNoise(dice(bench, f"bus.{name}", "noise"))
        both_ways = _both_ways(bay_of(bench).serial[name], noise)

        def set_level(level: float) -> None:
            noise.rate = level * params.bit_error_rate
            both_ways(level)

        return set_level

    return make


def _wrong_rate(name: str) -> Make:
    def make(bench: Bench, _: NoParams) -> SetLevel:
        return _both_ways(bay_of(bench).serial[name], WrongRate(dice(bench, f"bus.{name}", "baud_mismatch")))

    return make


def _both_ways(line: SerialLine, wires: BitNoise | WrongRate) -> SetLevel:
    reply, spoil = wires.reply, wires.spoil  # one object each, by which they are found again

    def set_level(level: float) -> None:
        switch_reply(line, reply, level > 0.0)
        line.garbled = switch_part(line.garbled, spoil, level > 0.0)

    return set_level


def _unplugged(name: str) -> Make:
    def make(bench: Bench, _: NoParams) -> SetLevel:
        line = bay_of(bench).serial[name]

        def set_level(level: float) -> None:
            line.unplugged = level > 0.0

        return set_level

    return make


def _babble(name: str) -> Make:
    def make(bench: Bench, params: Babble) -> SetLevel:
        line, noise, timers = bay_of(bench).serial[name], dice(bench, f"bus.{name}", "babble"), list[Timer]()
        period_ns = round(params.period_ms * NS_PER_MS)
        most = max(1, int(period_ns * params.share) // line.byte_ns)

        def set_level(level: float) -> None:
            while timers:
                timers.pop().cancel()
            if level > 0.0:
                timers.append(bench.clock.every(period_ns, lambda: line.babble(_rubbish(noise, most)), Rank.FAULT))

        return set_level

    return make


def _rubbish(noise: Noise, most: int) -> bytes:
    return bytes([int(noise.uniform() * 256) for _ in range(1 + int(noise.uniform() * most))])


def _line(name: str) -> Iterator[tuple[tuple[str, str], Fault]]:
    device, lost, response = f"bus.{name}", LOST[name], RESPONSE[name]

    def find(bay: WireBay) -> SerialLine:
        return bay.serial[name]

    def of_replies(
        kind: str, meaning: str, build: Callable[[Any], ReplyFault], params: type[Section], events: tuple[str, ...]
    ) -> tuple[tuple[str, str], Fault]:
        fault = row(find, meaning, response, _replies(name, kind, build), params, ramps=True, events=events)
        return (device, kind), fault

    yield of_replies("silent", "no byte comes back", lambda _: reply_faults.silence, Sometimes, lost)
    if name in ASKED:
        yield of_replies("late", "replies begin late", _late, Late, lost)
        yield of_replies("stale_bytes", "old bytes before each reply", lambda p: OldBytes(p.old_bytes), Stale, lost)
    bad = ("system.bad_packets", *lost) if name == "modem" else lost
    yield of_replies("truncated", "replies end early", lambda p: reply_faults.truncated(p.kept_bytes), Truncated, bad)
    yield of_replies("corrupt_crc", "flipped bits in a byte of each reply", _corrupt, Corrupt, bad)
    yield (
        (device, "noise"),
        row(find, "bits arrive wrong, both ways", response, _noise(name), Noisy, ramps=True, events=bad),
    )
    yield (
        (device, "baud_mismatch"),
        row(find, "the ends run at different baud rates", response, _wrong_rate(name), events=bad),
    )
    yield (
        (device, "babble"),
        row(find, "a unit talks without being asked", response, _babble(name), Babble, events=bad),
    )
    yield (device, "unplugged"), row(find, "the port is gone", response, _unplugged(name), events=lost)


def _late(params: Late) -> ReplyFault:
    return reply_faults.late(round(params.extra_ms * NS_PER_MS))


def _corrupt(params: Corrupt) -> ReplyFault:
    return reply_faults.corrupted(params.byte, params.mask)


FAULTS: Final[Mapping[tuple[str, str], Fault]] = dict(item for name in LINES for item in _line(name))
