"""Drivers over a real port in real time: a pseudo-terminal with an emulated chip behind it."""

from __future__ import annotations

import os
import select
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

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
from sim_hal.buses.serial import SerialChip
from sim_hal.clock import Rank, SimClock
from sim_hal.emulators.bno055 import Bno055Chip
from sim_hal.emulators.sik import SikModem
from tests.hal.drivers.bno055_rig import Truth

pytestmark = pytest.mark.process

PATIENCE_NS = 60 * NS_PER_S


class RealClock:
    """Implements `Clock`."""

    def now_ns(self) -> int:
        return time.monotonic_ns()

    def sleep_until_ns(self, deadline_ns: int) -> None:
        time.sleep(max(0, deadline_ns - self.now_ns()) / NS_PER_S)


class Pump(Thread):
    """Carries bytes between a pseudo-terminal and a chip whose clock runs with the wall's."""

    def __init__(self, clock: SimClock, chip: SerialChip, master: int) -> None:
        super().__init__(daemon=True)
        self._clock = clock
        self._chip = chip
        self._master = master
        self._start_ns = time.monotonic_ns()
        self.ended = Event()
        chip.connect(self._emit)

    def run(self) -> None:
        while not self.ended.is_set():
            ready = select.select([self._master], [], [], 0.0005)[0]
            self._clock.advance_to(time.monotonic_ns() - self._start_ns)
            if ready:
                now_ns = self._clock.now_ns()
                data = os.read(self._master, 4096)
                self._chip.receive(data, now_ns - len(data) * 87_000, now_ns)

    def _emit(self, data: bytes, delay_ns: int) -> None:
        self._clock.at(self._clock.now_ns() + delay_ns, Rank.BYTES, lambda: self._say(data))

    def _say(self, data: bytes) -> None:
        os.write(self._master, data)


@contextmanager
def behind_a_port(clock: SimClock, chip: SerialChip) -> Iterator[str]:
    """The URL of a port with `chip` at its end."""
    master, slave = os.openpty()
    tty.setraw(slave)
    pump = Pump(clock, chip, master)
    pump.start()
    try:
        yield f"serial://{os.ttyname(slave)}?baud=115200"
    finally:
        pump.ended.set()
        pump.join(10.0)
        os.close(master)
        os.close(slave)


def test_an_imu_is_set_up_and_read_in_real_time() -> None:
    """Pauses between bytes, silence after the reset, mode changes: all by waiting on the port."""
    truth, clock = Truth(), RealClock()
    with behind_a_port(SimClock(), Bno055Chip(truth)) as url:
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
    with behind_a_port(modem_clock, modem) as url:
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
