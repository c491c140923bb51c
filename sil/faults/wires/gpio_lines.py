"""Faults of the GPIO lines that switch loads and heaters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal

from hal.api.config import Section
from hal.api.values import WHEELS
from hal.api.wiring import SwitchesWiring
from sil.faults.kinds import Bench, Fault, NoParams, SetLevel
from sil.faults.wires.parts import FAILING, Make, bay_of, row
from sim_hal.buses.gpio import GpioPins
from sim_hal.wired.bay import WireBay

BUS: Final = "lines"
HEATERS: Final = ("battery", *(f"motor_{wheel}" for wheel in WHEELS))
LOADS: Final = (
    "nav", "motors", "imu", "camera", "spectrometer", "dosimeter", "plasma", "radio_relay", "radio_local", "charge",
)  # fmt: skip


class Stuck(Section, frozen=True, kw_only=True):
    """Where the line stays."""

    level: Literal["low", "high"] = "low"


def _unplugged(bench: Bench, _: NoParams) -> SetLevel:
    pins = bay_of(bench).gpio[BUS]

    def set_level(level: float) -> None:
        pins.unplugged = level > 0.0

    return set_level


def _line(bay: WireBay, bank: str, name: str) -> tuple[GpioPins, int]:
    wiring: SwitchesWiring | None = getattr(bay.wiring, bank)
    line = None if wiring is None or name not in wiring.lines else wiring.lines[name].line
    if wiring is None or wiring.bus is None or line is None:
        raise LookupError(f"no line for {name} of {bank}")
    return bay.gpio[wiring.bus], line


def _stuck(bank: str, name: str) -> Make:
    def make(bench: Bench, params: Stuck) -> SetLevel:
        pins, line = _line(bay_of(bench), bank, name)
        return lambda level: pins.stick(line, params.level == "high" if level > 0.0 else None)

    return make


def _rows() -> Iterator[tuple[tuple[str, str], Fault]]:
    lost = ("power.switches_lost", "thermal.heaters_lost", FAILING)
    yield (
        ("bus.lines", "unplugged"),
        row(
            lambda bay: bay.gpio[BUS],
            "the GPIO chip is gone",
            "stops; tries each switch again; telemetry says which are not known",
            _unplugged,
            events=lost,
        ),
    )
    for bank, names, events in (
        ("heaters", HEATERS, ("thermal.switch_stuck", "thermal.heater_stuck_on")),
        ("loads", LOADS, ("power.switch_stuck",)),
    ):
        for name in names:
            yield (
                (f"gpio.{bank.removesuffix('s')}_{name}", "stuck"),
                row(
                    lambda bay, bank=bank, name=name: _line(bay, bank, name),  # type: ignore[misc]  # binds the loop's
                    "a line stays high or low whoever drives it",
                    "sees that the switch does not obey, tells it, counts on what the line reads",
                    _stuck(bank, name),
                    Stuck,
                    events=events,
                ),
            )


FAULTS: Final[Mapping[tuple[str, str], Fault]] = dict(_rows())
