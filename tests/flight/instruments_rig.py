"""Instruments over fakes: camera, three integrating instruments, storage, and loads that power grants at once."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import msgspec

from flight.blackboard import PowerState, ThermalState
from flight.loads import Loads
from flight.subsystems.instruments import Instruments
from flight.subsystems.instruments_config import InstrumentsConfig
from telemetry_defs.areas import instruments as area
from telemetry_defs.areas.instruments import Encoding, InstrumentId, LifeState, ProductHeader
from telemetry_defs.codec import Codec
from telemetry_defs.definitions import Mode
from telemetry_defs.reports import ProductPart
from tests.fakes.camera import FakeCamera
from tests.fakes.context import Bench, FakeExecution
from tests.fakes.instrument import FakeInstrument
from tests.fakes.storage import FakeStorage

LOADS = ("camera", "spectrometer", "dosimeter", "plasma")
GPS_NS = 1_500_000_000 * 10**9


class Rig:
    """Ticked once a second; `shed` names loads that power does not grant."""

    def __init__(self, mode: Mode = Mode.IDLE) -> None:
        self.bench = Bench(mode)
        clock = self.bench.clock
        self.loads = Loads(LOADS)
        self.shed: set[str] = set()
        self.dead: set[str] = set()
        self.temperature_c: float | None = 10.0
        self.soc: float | None = 0.8
        self.storage = FakeStorage()
        self.camera = FakeCamera(clock, lambda: self.loads.is_on("camera"))
        self.devices = {name: FakeInstrument(clock, self._powered(name)) for name in LOADS[1:]}
        self.config = InstrumentsConfig(storage_bytes=400_000)
        self.instruments = self.boot()
        self.mode = mode
        self.run(1)

    def _powered(self, name: str) -> Callable[[], bool]:
        return lambda: self.loads.is_on(name)

    def boot(self) -> Instruments:
        """A new incarnation over the same devices and storage."""
        self.instruments = Instruments(
            camera=self.camera,
            instruments=self.devices,
            storage=self.storage,
            loads=self.loads,
            config=self.config,
            context=self.bench.context,
            gps_ns=lambda: GPS_NS,
            is_dead=lambda name: name in self.dead,
        )
        return self.instruments

    def run(self, duration_s: float) -> None:
        for now_ns in self.bench.every(1.0, duration_s):
            for name in LOADS:
                self.loads.note(name, self.loads.wanted(name) and name not in self.shed)
            self._surroundings(now_ns)
            if self.bench.modes.mode is not self.mode:
                self.mode = self.bench.modes.mode
                self.instruments.apply_mode(self.mode)
            self.instruments.tick(now_ns)

    def _surroundings(self, now_ns: int) -> None:
        board = self.bench.board
        board.power = PowerState(
            time_ns=now_ns,
            soc=self.soc,
            bus_voltage_v=25.0,
            battery_current_a=0.0,
            array_w=80.0,
            shed_level=0,
            charge_inhibited=False,
        )
        board.thermal = ThermalState(
            time_ns=now_ns,
            web_c=10.0,
            battery_c=10.0,
            motors_c=(0.0,) * 6,
            instruments_c=self.temperature_c,
            motors_warm=True,
            too_hot=False,
            too_cold=False,
            heater_w=0.0,
        )

    def command(self, name: str, arguments: msgspec.Struct | None = None) -> FakeExecution:
        execution = FakeExecution()
        self.instruments.handlers()[f"instruments.{name}"](arguments, execution)
        return execution

    def image(self) -> FakeExecution:
        return self.command("acquire_image", area.AcquireImage(exposure_s=0.01))

    def record(self, instrument: InstrumentId = InstrumentId.SPECTROMETER, duration_s: float = 20.0) -> FakeExecution:
        return self.command("acquire", area.Acquire(instrument=instrument, duration_s=duration_s))

    def power(self, instrument: InstrumentId, on: bool) -> FakeExecution:
        return self.command("power", area.Power(instrument=instrument, on=on))

    def downlink(self, product_id: int, first: int = 1, last: int = 0) -> FakeExecution:
        arguments = area.Downlink(product_id=product_id, first_part=first, last_part=last)
        return self.command("downlink", arguments)

    def state(self, instrument: InstrumentId) -> LifeState | None:
        states: tuple[LifeState | None, ...] = self.instruments.housekeeping().state
        return states[list(InstrumentId).index(instrument)]

    def acquiring(self) -> bool:
        """As published to the others."""
        state = self.bench.board.instruments
        return state is not None and state.acquiring

    def pull(self) -> list[tuple[int, ProductPart]]:
        """Subtype and content of every part that is waiting to go down."""
        codec = Codec(ProductPart)
        parts = []
        while (bulk := self.instruments.next_bulk()) is not None:
            apid, service, subtype, data = bulk
            assert (apid, service) == (0x104, 13)
            parts.append((subtype, codec.unpack(data)))
        return parts


def unpack_product(content: bytes) -> tuple[ProductHeader, bytes]:
    """Header and decoded payload of a product, as the ground reads it."""
    assert zlib.crc32(content[:-4]) == int.from_bytes(content[-4:], "big")
    codec = Codec(ProductHeader)
    header = codec.unpack(content[: codec.size])
    payload = content[codec.size : -4]
    return header, zlib.decompress(payload) if header.encoding is Encoding.ZLIB else payload
