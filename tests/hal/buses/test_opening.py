"""Buses opened by URL: what cannot be read is refused, what is not there is lost and says so with every use."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hal.api.config import ConfigError
from hal.api.errors import DeviceTimeout
from hal.api.wiring import BusWiring, MonitorWiring, SwitchesWiring, LineWiring, WheelsWiring, DriveUnit
from hal.buses.api import BusBusy, BusLost, GpioBus, I2cBus, SerialBus
from hal.buses.lost import LostBus
from hal.buses.opening import Buses, Openers, open_buses
from hal.buses.url import BusUrl
from hal.drivers.gpio_switches import GpioSwitches
from hal.drivers.power_monitors import Ina260Monitor
from tests.fakes.context import FakeClock
from tests.hal.buses.test_budget import SlowI2c, SlowSerial
