"""What every switch draws, and where its power becomes heat."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from hal.api.values import WHEELS

LOAD_W: Final[Mapping[str, float]] = MappingProxyType(
    {
        "nav": 18.0,  # navigation camera and autonomy computer (MoonRanger class)
        "motors": 1.0,  # drivers idle; what the motors take comes on top
        "imu": 0.5,
        "camera": 6.0,
        "spectrometer": 8.0,
        "dosimeter": 2.0,
        "plasma": 4.0,
        "radio_relay": 3.0,  # receiver
        "radio_local": 1.0,
        "charge": 0.0,  # the charger's enable line
    }
)
LOAD_SAFE: Final[Mapping[str, bool]] = MappingProxyType(
    {name: name in ("radio_relay", "radio_local", "charge") for name in LOAD_W}
)
"""A rover whose computer died must still be commandable and must still charge."""

HEATER_W: Final[Mapping[str, float]] = MappingProxyType({"battery": 12.0} | {f"motor_{wheel}": 2.0 for wheel in WHEELS})
HEATER_SAFE: Final[Mapping[str, bool]] = MappingProxyType(dict.fromkeys(HEATER_W, False))

AVIONICS_W: Final = 8.0
CONTROLLER_W: Final = 0.5
TRANSMITTER_HEAT: Final = 0.75
"""Share of a transmitter's power that stays in the rover."""
