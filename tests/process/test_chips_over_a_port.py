"""Drivers over a real port in real time: a pseudo-terminal with an emulated chip behind it."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from hal.api.clock import NS_PER_MS, NS_PER_S
from hal.api.errors import DeviceError
from hal.api.values import ImuReading
from hal.api.wiring import ImuWiring, RadioWiring
from hal.buses.budget import BudgetedSerial
from hal.buses.serial_port import open_serial
from hal.buses.url import parse_url
from hal.drivers.bno055 import Bno055
from hal.drivers.sik_radio import SikRadio
from sim_hal.clock import Rank, SimClock
from sim_hal.emulators.bno055 import Bno055Chip
from sim_hal.emulators.sik import SikModem
from tests.hal.drivers.bno055_rig import Truth
from tests.process.served import behind_a_port

pytestmark = pytest.mark.process

PATIENCE_NS = 60 * NS_PER_S


class RealClock:
    """Implements `Clock`."""

    def now_ns(self) -> int:
        return time.monotonic_ns()

    def sleep_until_ns(self, deadline_ns: int) -> None:
        time.sleep(max(0, deadline_ns - self.now_ns()) / NS_PER_S)


def test_an_imu_is_set_up_and_read_in_real_time() -> None:
    """Pauses between bytes, silence after the reset, mode changes: all by waiting on the port."""
    truth, clock = Truth(), RealClock()
    with behind_a_port(SimClock(), Bno055Chip(truth)) as path:
        url = f"serial://{path}?baud=115200"
        bus = BudgetedSerial(open_serial("imu_uart", parse_url(url), clock), 30 * NS_PER_MS, clock)
        imu = Bno055(bus, ImuWiring(bus="imu_uart"), clock, lambda: True)
        readings: list[ImuReading] = []
        end_ns = clock.now_ns() + PATIENCE_NS
        while len(readings) < 5 and clock.now_ns() < end_ns:
            with suppress(DeviceError):
                readings.append(imu.read())
            clock.sleep_until_ns(clock.now_ns() + 100 * NS_PER_MS)
    assert len(readings) == 5
    for reading in readings:
        assert reading.gyro_rad_s == pytest.approx(truth.gyro, abs=0.01)
        assert reading.accel_m_s2 == pytest.approx(truth.accel, abs=0.05)


def test_a_modem_passes_bytes_in_real_time() -> None:
    """Both ways, paced by the driver."""
    clock, modem_clock, air = RealClock(), SimClock(), bytearray()
    modem = SikModem(modem_clock, air.extend)
    modem_clock.at(NS_PER_S, Rank.SCENARIO, lambda: modem.from_air(b"telecommand"))
    with behind_a_port(modem_clock, modem) as path:
        url = f"serial://{path}?baud=115200"
        port = open_serial("radio_uart", parse_url(url), clock)
        radio = SikRadio(port, RadioWiring(bus="radio_uart", rate_bit_s=64_000.0), clock, lambda: True)
        radio.set_transmitter(True, 64_000.0, 30 * NS_PER_S)
        data = bytes(range(256)) * 6  # even at once it fits into the modem
        assert radio.send(data) == len(data)
        received = b""
        end_ns = clock.now_ns() + PATIENCE_NS
        while (len(air) < len(data) or len(received) < 11) and clock.now_ns() < end_ns:
            received += radio.receive(4096)
            clock.sleep_until_ns(clock.now_ns() + 20 * NS_PER_MS)
    assert bytes(air) == data
    assert received == b"telecommand"
    assert modem.lost_bytes == 0
