"""A SiK driver on its emulator, called ten times a second as flight does."""

from __future__ import annotations

from hal.api.clock import NS_PER_S
from hal.api.wiring import RadioWiring
from hal.buses.budget import BudgetedSerial
from hal.drivers.sik_radio import SikRadio
from sim_hal.emulators.sik import SikModem
from tests.wire_bench import WireBench


class RadioRig:
    """Driver, wires and modem; `air` is what left the antenna."""

    def __init__(self, rate_bit_s: float = 64_000.0, baud: int = 57_600) -> None:
        self.bench = WireBench()
        self.air = bytearray()
        self.modem = SikModem(self.bench.clock, self.air.extend, baud=baud)
        self.modem.commands.stored[2] = round(rate_bit_s / 1000)
        self.line, self.port = self.bench.serial(self.modem, baud, name="radio_uart")
        self.on = True
        self.bus = BudgetedSerial(self.port, 10_000_000, self.bench.plug)
        self.wiring = RadioWiring(bus="radio_uart", rate_bit_s=rate_bit_s)
        self.radio = SikRadio(self.bus, self.wiring, self.bench.plug, lambda: self.on)
        self.received = bytearray()
        self.bench.pass_s(1.0)

    def transmit(self, on: bool = True, hold_s: float = 60.0) -> None:
        """Key the transmitter."""
        self.radio.set_transmitter(on, self.wiring.rate_bit_s, round(hold_s * NS_PER_S))

    def run(self, duration_s: float) -> None:
        """Cycles as flight has them."""
        for _ in range(round(duration_s * 10)):
            self.received += self.radio.receive(4096)
            self.bench.pass_s(0.1)

    def power(self, on: bool) -> None:
        self.on = on
        self.modem.power(on, self.bench.plug.now_ns())
