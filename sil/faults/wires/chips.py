"""Faults of the chips that are alone in their kind: inertial unit, steering, modem."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Final

from msgspec import Meta

from hal.api.config import Section
from sil.faults.kinds import Bench, Fault, NoParams, SetLevel
from sil.faults.wires.parts import FAILING, Off, bay_of, brown_out, row
from sim_hal.buses.fault_chain import switch_part
from sim_hal.emulators.bno055 import Bno055Chip
from sim_hal.emulators.pca9685 import Pca9685Chip
from sim_hal.emulators.sik import SikModem
from sim_hal.wired.bay import WireBay

IMU_LOST: Final = ("mobility.imu_lost", FAILING)
SETS_UP: Final = "sees it, ends a motion, sets the chip up anew"
STEERING_LOST: Final = ("mobility.steering_lost", FAILING)
CHIP_ID: Final = 0xA0
"""Of a BNO055 (data sheet 4.3.1)."""


class Identity(Section, frozen=True, kw_only=True):
    """What its identity register reads; 160 would be right."""

    chip_id: Annotated[int, Meta(ge=0, le=255)] = 0xFB


class OwnError(Section, frozen=True, kw_only=True):
    """Its system error register, as the BNO055 data sheet 4.3.59 has it."""

    code: Annotated[int, Meta(ge=1, le=10)] = 3


def _imu(bay: WireBay) -> Bno055Chip:
    if bay.imu_chip is None:
        raise LookupError("no inertial unit is wired")
    return bay.imu_chip


def _modem(bay: WireBay) -> SikModem:
    if bay.modem_chip is None:
        raise LookupError("no modem is wired")
    return bay.modem_chip


def _steering(bay: WireBay) -> Pca9685Chip:
    wiring = bay.wiring.steering
    if wiring is None:
        raise LookupError("no steering is wired")
    chip = bay.i2c[wiring.bus].chips[wiring.address]
    assert isinstance(chip, Pca9685Chip)
    return chip


def _config_mode(bench: Bench, _: NoParams) -> SetLevel:
    chip = _imu(bay_of(bench))
    return lambda level: chip.fall_back(bench.clock.now_ns()) if level > 0.0 else None


def _stuck_imu(bench: Bench, _: NoParams) -> SetLevel:
    chip = _imu(bay_of(bench))

    def set_level(level: float) -> None:
        chip.registers.stuck = level > 0.0

    return set_level


def _system_error(bench: Bench, params: OwnError) -> SetLevel:
    chip = _imu(bay_of(bench))

    def set_level(level: float) -> None:
        chip.registers.system_error = params.code if level > 0.0 else 0

    return set_level


def _identity(bench: Bench, params: Identity) -> SetLevel:
    chip = _imu(bay_of(bench))

    def set_level(level: float) -> None:
        chip.registers.chip_id = params.chip_id if level > 0.0 else CHIP_ID

    return set_level


def _frozen(bench: Bench, _: NoParams) -> SetLevel:
    chip = _steering(bay_of(bench))

    def set_level(level: float) -> None:
        chip.frozen = level > 0.0

    return set_level


def _silent_steering(bench: Bench, _: NoParams) -> SetLevel:
    bay = bay_of(bench)
    wiring = bay.wiring.steering
    wires, own = bay.i2c["" if wiring is None else wiring.bus], 0 if wiring is None else wiring.address

    def deaf(address: int) -> bool:
        return address == own

    def set_level(level: float) -> None:
        wires.deaf = switch_part(wires.deaf, deaf, level > 0.0)

    return set_level


def _command_mode(bench: Bench, _: NoParams) -> SetLevel:
    chip = _modem(bay_of(bench))
    return lambda level: chip.enter_commands() if level > 0.0 else chip.leave_commands()


def _imu_rows() -> Iterator[tuple[str, Fault]]:
    dip = brown_out("imu", _imu)
    yield (
        "brown_out",
        row(_imu, "its supply dips: 0.65 s later it is in CONFIG", SETS_UP, dip, Off, lasting=False, events=IMU_LOST),
    )
    yield (
        "config_mode",
        row(
            _imu,
            "it falls back to CONFIG without a word",
            "sets it up anew within a second",
            _config_mode,
            lasting=False,
        ),
    )
    yield "stuck", row(_imu, "its outputs stay to the last bit", SETS_UP, _stuck_imu, events=IMU_LOST)
    yield "system_error", row(_imu, "it reports an error of its own", SETS_UP, _system_error, OwnError, events=IMU_LOST)
    yield (
        "wrong_device",
        row(_imu, "another chip's identity answers", "sees it when it next sets the chip up", _identity, Identity),
    )


def _steering_rows() -> Iterator[tuple[str, Fault]]:
    response = "sees that the pulses are not those it sent, ends a motion, sets the chip up anew"
    dip = brown_out("steering", _steering)
    yield (
        "silent",
        row(_steering, "it does not acknowledge", response, _silent_steering, events=STEERING_LOST),
    )
    yield "brown_out", row(_steering, "its supply dips: asleep, no pulses", response, dip, Off, lasting=False,
                           events=STEERING_LOST)  # fmt: skip
    yield (
        "stuck",
        row(_steering, "its registers take nothing, though it acknowledges", response, _frozen, events=STEERING_LOST),
    )


def _modem_rows() -> Iterator[tuple[str, Fault]]:
    response = "does without; the other radio carries telemetry and commands"
    heard = "takes its echo for the ground: a modem has no carrier detector"
    dip = brown_out("radio_local", _modem)
    yield "brown_out", row(_modem, "its supply dips: what it held is lost", response, dip, Off, lasting=False)
    yield (
        "command_mode",
        row(_modem, "it takes everything for settings", heard, _command_mode, events=("system.bad_packets",)),
    )


FAULTS: Final[Mapping[tuple[str, str], Fault]] = {
    (device, kind): fault
    for device, rows in (("chip.imu", _imu_rows()), ("chip.steering", _steering_rows()), ("chip.modem", _modem_rows()))
    for kind, fault in rows
}
