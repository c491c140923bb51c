"""Parameters of the core: the charge ladder, arming, strikes, waking."""

from __future__ import annotations

from telemetry_defs.definitions import Parameter


def _soc(name: str, number: int, default: float, meaning: str) -> Parameter:
    return Parameter(
        name=f"system.{name}",
        parameter_id=number,
        default=default,
        low=0.05,
        high=0.95,
        unit="1",
        hazardous=True,
        meaning=meaning,
    )


DRIVE_SOC = _soc("drive_soc", 0x0101, 0.60, "DRIVE is entered only above this state of charge")


DRIVE_END_SOC = _soc("drive_end_soc", 0x0102, 0.50, "DRIVE ends below this state of charge")


SAFE_SOC = _soc("safe_soc", 0x0103, 0.30, "SAFE below this state of charge")


HIBERNATE_SOC = _soc("hibernate_soc", 0x0104, 0.20, "HIBERNATE from SAFE below this state of charge")


HIBERNATE_FLOOR_SOC = _soc("hibernate_floor_soc", 0x0105, 0.15, "HIBERNATE below this even when ground holds SAFE")


CHARGED_SOC = _soc("charged_soc", 0x0106, 0.90, "CHARGE ends above this state of charge")


ARM_WINDOW_S = Parameter(
    name="system.arm_window_s",
    parameter_id=0x0107,
    default=30.0,
    low=5.0,
    high=300.0,
    unit="s",
    meaning="an armed command must arrive within this time",
)


ROW_STRIKES = Parameter(
    name="system.row_strikes",
    parameter_id=0x0108,
    default=3.0,
    low=1.0,
    high=20.0,
    unit="1",
    integer=True,
    meaning="failures of one row before SAFE",
)


MOTION_IDLE_S = Parameter(
    name="system.motion_idle_s",
    parameter_id=0x0109,
    default=60.0,
    low=5.0,
    high=3600.0,
    unit="s",
    meaning="DRIVE and SCIENCE fall back to IDLE this long after the last activity",
)


WAKE_ARRAY_W = Parameter(
    name="system.wake_array_w",
    parameter_id=0x010A,
    default=25.0,
    low=5.0,
    high=100.0,
    unit="W",
    hazardous=True,
    meaning="array power that ends HIBERNATE",
)


WAKE_HOLD_S = Parameter(
    name="system.wake_hold_s",
    parameter_id=0x010B,
    default=600.0,
    low=60.0,
    high=7200.0,
    unit="s",
    meaning="how long that array power must last",
)


WAKE_AFTER_H = Parameter(
    name="system.wake_after_h",
    parameter_id=0x010C,
    default=0.0,
    low=0.0,
    high=1000.0,
    unit="h",
    meaning="HIBERNATE ends after this time at the latest; 0 for no timer",
)


WAKE_LIMIT_S = Parameter(
    name="system.wake_limit_s",
    parameter_id=0x010D,
    default=28800.0,
    low=600.0,
    high=86400.0,
    unit="s",
    meaning="WAKE gives up warming the battery after this time",
)
