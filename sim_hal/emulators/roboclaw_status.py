"""The status word that an emulated RoboClaw gives, in its old and its new layout."""

from __future__ import annotations

from typing import Final

from sim_hal.emulators.roboclaw_unit import HOT_C, TOO_HOT_C, RoboclawUnit

STARTED_WIDE: Final = 0x2000_3000
"""Boot and both current errors, as the open source rover logs at every start."""


def status_word(unit: RoboclawUnit) -> int:
    """Everything that is the matter (RoboClaw user manual p.73, older edition p.74)."""
    return _wide(unit) if unit.wide else _narrow(unit)


def _wide(unit: RoboclawUnit) -> int:
    supply, settings = unit.supply, unit.settings
    main, logic = supply.main_v * 10.0, supply.logic_v * 10.0
    m1, m2 = unit.channels
    return (
        unit.stopped()
        | (supply.temperature_c >= TOO_HOT_C) << 1
        | (supply.temperature2_c >= TOO_HOT_C) << 2
        | (main > settings.main_tenths_v[1]) << 3
        | (logic > settings.logic_tenths_v[1]) << 4
        | (logic < settings.logic_tenths_v[0] - 10) << 5
        | m1.driver_fault << 6
        | m2.driver_fault << 7
        | (main < settings.main_tenths_v[0]) << 14
        | (unit.current(0) > settings.max_current[0][0]) << 16
        | (unit.current(1) > settings.max_current[1][0]) << 17
        | (HOT_C <= supply.temperature_c < TOO_HOT_C) << 20
        | (HOT_C <= supply.temperature2_c < TOO_HOT_C) << 21
        | (STARTED_WIDE if unit.just_started else 0)
    )


def _narrow(unit: RoboclawUnit) -> int:
    supply, settings = unit.supply, unit.settings
    main, logic = supply.main_v * 10.0, supply.logic_v * 10.0
    m1, m2 = unit.channels
    return (
        (unit.current(0) > settings.max_current[0][0])
        | (unit.current(1) > settings.max_current[1][0]) << 1
        | unit.stopped() << 2
        | (supply.temperature_c >= TOO_HOT_C) << 3
        | (supply.temperature2_c >= TOO_HOT_C) << 4
        | (main > settings.main_tenths_v[1]) << 5
        | (logic > settings.logic_tenths_v[1]) << 6
        | (logic < settings.logic_tenths_v[0] - 10) << 7
        | m1.driver_fault << 8
        | m2.driver_fault << 9
        | (main < settings.main_tenths_v[0]) << 11
        | (HOT_C <= supply.temperature_c < TOO_HOT_C) << 12
        | (HOT_C <= supply.temperature2_c < TOO_HOT_C) << 13
    )
