"""Faults on buses and in the chips behind them; they exist at wire depth only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sil.faults.kinds import Fault
from sil.faults.merging import merged
from sil.faults.wires import chips, gpio_lines, i2c_buses, motor_units, sensor_chips, serial_lines

FAULTS: Final[Mapping[tuple[str, str], Fault]] = merged(
    serial_lines.FAULTS,
    i2c_buses.FAULTS,
    gpio_lines.FAULTS,
    motor_units.FAULTS,
    chips.FAULTS,
    sensor_chips.FAULTS,
)
