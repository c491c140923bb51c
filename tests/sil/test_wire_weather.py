"""Bad days at the wires: faults of every kind, at random, one over the other, and what must hold throughout."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random

import pytest

from hal.api.clock import NS_PER_MS
from sim_hal.buses.i2c_faults import silent
from sim_hal.buses.reply_faults import Only, corrupted, followed_by, late, preceded_by, silence, truncated
from sim_hal.clock import Rank
from sim_hal.emulators.pca9685 import Pca9685Chip
from tests.sil.wire_flights import WireFlight, command, drive, straight

DAY_S = 400.0
CALM_S = 300.0
"""From here on nothing more goes wrong."""
FAULTS = 14
LONGEST_S = 40.0
ADDRESSES = (0x40, 0x41, 0x44, 0x45, 0x46, 0x48, 0x49, 0x4A, 0x4B)


def reply_fault(dice: Random, checked: bool) -> Callable[[bytes, int], list[tuple[bytes, int]]]:
    """Something that befalls some replies of a serial chip; bits change only where a check sum can tell."""
    fault = dice.choice(
        (
            silence,
            late(dice.randint(1, 200) * NS_PER_MS),
            truncated(dice.randint(0, 4)),
            corrupted(dice.randint(0, 8), dice.randint(1, 255)) if checked else silence,
            followed_by(dice.randbytes(3), dice.randint(0, 20) * NS_PER_MS),
            preceded_by(dice.randbytes(2)),
        )
    )
    return Only(fault, count=dice.choice((1, 3, 10_000)), after=dice.randint(0, 5))


def serial_trouble(flight: WireFlight, dice: Random, until_s: float) -> None:
    """On one line, from now on."""
    name = dice.choice(sorted(flight.bay.serial))
    line = flight.bay.serial[name]
    kind = dice.choice(("fault", "unplug", "babble"))
    if kind == "fault":
        line.fault = reply_fault(dice, checked=name != "imu")  # a BNO055 adds no check sum
        flight.at(until_s, lambda: setattr(line, "fault", None))
    elif kind == "unplug":
        line.unplugged = True
        flight.at(until_s, lambda: setattr(line, "unplugged", False))
    else:
        most = 5 * NS_PER_MS // line.byte_ns
        timer = flight.mission.clock.every(
            dice.randint(6, 900) * NS_PER_MS, lambda: line.babble(dice.randbytes(dice.randint(1, most))), Rank.FAULT
        )
        flight.at(until_s, timer.cancel)


def i2c_trouble(flight: WireFlight, dice: Random, until_s: float) -> None:
    """On one bus, from now on."""
    wires = flight.bay.i2c[dice.choice(sorted(flight.bay.i2c))]
    if dice.random() < 0.4:
        wires.stuck = True
        flight.at(until_s, lambda: setattr(wires, "stuck", False))
    else:
        wires.fault = silent(dice.sample(ADDRESSES, 3) if dice.random() < 0.7 else ADDRESSES)
        flight.at(until_s, lambda: setattr(wires, "fault", None))


def board_trouble(flight: WireFlight, dice: Random, until_s: float) -> None:
    """Chips that lose their supply for a moment, lines that are gone."""
    now_ns, chip = flight.mission.clock.now_ns(), flight.bay.i2c["body"].chips[0x40]
    assert isinstance(chip, Pca9685Chip)
    unit = dice.choice(flight.bay.units)
    kind = dice.choice(("brown-out", "unit", "pins"))
    if kind == "brown-out":
        chip.brown_out(now_ns)
    elif kind == "unit" and unit.powered:
        unit.power(False, now_ns)
        unit.power(True, now_ns + NS_PER_MS)
        flight.witness.unit_restarted()
    elif kind == "pins":
        flight.bay.gpio["lines"].unplugged = True
        flight.at(until_s, lambda: setattr(flight.bay.gpio["lines"], "unplugged", False))


def weather(flight: WireFlight, seed: int) -> None:
    """Put a day's faults on the clock."""
    dice = Random(seed)
    for _ in range(FAULTS):
        begin_s = dice.uniform(0.0, CALM_S - LONGEST_S)
        until_s = begin_s + dice.choice((0.3, 3.0, dice.uniform(3.0, LONGEST_S)))
        trouble = dice.choice((serial_trouble, serial_trouble, i2c_trouble, board_trouble))
        flight.at(begin_s, partial(trouble, flight, dice, until_s))


def a_day(seed: int) -> WireFlight:
    """Asked to drive again and again; calm, and asked once more."""
    drives = [straight(at_s, 1.0, f"drive_{at_s:.0f}", 5.0) for at_s in (70.0, 130.0, 190.0, 250.0)]
    last = (command(CALM_S + 70.0, "system.ping", "ping"),)
    flight = WireFlight(drive("wire", *[item for each in drives for item in each], *last, duration_s=DAY_S))
    weather(flight, seed)
    return flight.fly()


def wrong(flight: WireFlight) -> list[str]:
    """What must never be."""
    mission = flight.mission
    found = list(flight.witness.lies)
    found += [f"row failed: {details}" for details in flight.details("system.row_failed")]
    if mission.overruns or flight.worst_cycle_ms >= 100.0:
        found.append(f"{mission.overruns} overruns, worst cycle {flight.worst_cycle_ms:.1f} ms")
    if mission.flights != 1:
        found.append(f"{mission.flights} lives")
    if not flight.completed("ping"):
        found.append("does not answer at the end")
    return found


@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(3, 60))])
def test_no_weather_at_the_wires_makes_flight_late_or_believe_a_lie(seed: int) -> None:
    """No cycle is late, no row dies, every reading is true within its sensor's errors, and ground is answered after."""
    assert wrong(a_day(seed)) == []
