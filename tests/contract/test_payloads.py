"""Contracts of `Camera` and `Instrument`: started, polled, ended; and the layout of their records."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from hal.api.devices import Camera, Instrument
from hal.api.errors import DeviceError, NotReady
from sim_hal.devices import dosimeter, plasma, spectrometer
from tests.contract.rigs import Rig, fake_clock, sim_bench
from tests.fakes.camera import FakeCamera
from tests.fakes.instrument import FakeInstrument

INSTRUMENTS = ("spectrometer", "dosimeter", "plasma")


class Supply:
    """The load switch of a fake."""

    def __init__(self) -> None:
        self.on = True

    def is_on(self) -> bool:
        return self.on

    def set(self, on: bool) -> None:
        self.on = on


def _sim(name: str) -> Rig[Instrument]:
    bench = sim_bench()
    return bench.rig(bench.hal.instruments[name], name)


def _fake() -> Rig[Instrument]:
    clock, supply = fake_clock(), Supply()
    return Rig(FakeInstrument(clock, supply.is_on), clock, supply.set)


@pytest.fixture(params=[*(partial(_sim, name) for name in INSTRUMENTS), _fake], ids=[*INSTRUMENTS, "fake"])
def cold(request: pytest.FixtureRequest) -> Rig[Instrument]:
    """Just switched on."""
    make: Callable[[], Rig[Instrument]] = request.param
    return make()


@pytest.fixture
def warm(cold: Rig[Instrument]) -> Rig[Instrument]:
    """Ready."""
    assert not cold.device.status().ready
    cold.pass_s(31.0)
    assert cold.device.status().ready
    return cold


def test_an_acquisition_gives_one_record_after_its_time(warm: Rig[Instrument]) -> None:
    """Busy meanwhile, one record at the end, then ready again."""
    instrument = warm.device
    instrument.start(20.0)
    assert instrument.status().acquiring
    with pytest.raises(NotReady, match="busy"):
        instrument.start(1.0)
    warm.pass_s(19.0)
    assert instrument.poll() is None
    warm.pass_s(1.0)
    record = instrument.poll()
    assert record is not None
    assert len(record.data) > 40
    assert instrument.poll() is None
    assert instrument.status().ready


def test_nothing_answers_without_power_and_nothing_starts_cold(cold: Rig[Instrument]) -> None:
    """Unpowered: not ready to any call. Just switched on: warming up."""
    cold.device.status()
    with pytest.raises(NotReady, match="warming"):
        cold.device.start(5.0)
    cold.set_power(False)
    for call in (cold.device.poll, cold.device.status, cold.device.abort, lambda: cold.device.start(5.0)):
        with pytest.raises(NotReady, match="unpowered"):
            call()


def test_an_acquisition_ends_with_abort_and_with_its_power(warm: Rig[Instrument]) -> None:
    """Aborted or switched off, its data are gone; after power it warms up anew."""
    instrument = warm.device
    instrument.start(5.0)
    instrument.abort()
    warm.pass_s(6.0)
    assert instrument.poll() is None
    instrument.start(5.0)
    warm.set_power(False)
    with pytest.raises(NotReady, match="unpowered"):
        instrument.poll()
    warm.set_power(True)
    warm.pass_s(6.0)
    assert instrument.poll() is None
    assert not instrument.status().ready


@pytest.mark.parametrize("duration_s", [0.0, -1.0, 1e9, float("nan")])
@pytest.mark.parametrize("name", INSTRUMENTS)
def test_a_senseless_duration_is_refused(name: str, duration_s: float) -> None:
    """Nothing is started."""
    rig = _sim(name)
    rig.device.status()
    rig.pass_s(31.0)
    with pytest.raises(DeviceError):
        rig.device.start(duration_s)
    assert rig.device.status().ready


def test_a_frozen_bay_lets_no_instrument_start() -> None:
    """Below -20 C the detector electronics stay off."""
    bench = sim_bench()
    bench.simulation.world.energy.thermal.web_k = 240.0
    rig = bench.rig(bench.hal.instruments["dosimeter"], "dosimeter")
    rig.device.status()
    rig.pass_s(31.0)
    with pytest.raises(NotReady, match="cold"):
        rig.device.start(5.0)


def test_records_hold_what_their_layout_says() -> None:
    """Dose near the published rate, counts in the right order, a probe curve that rises."""
    bench = sim_bench()
    bench.power(*INSTRUMENTS)
    for instrument in bench.hal.instruments.values():
        instrument.status()
    bench.rig(bench.hal).pass_s(31.0)
    for instrument in bench.hal.instruments.values():
        instrument.start(60.0)
    bench.power(*INSTRUMENTS)
    bench.rig(bench.hal).pass_s(61.0)
    data = {}
    for name, instrument in bench.hal.instruments.items():
        record = instrument.poll()
        assert record is not None
        data[name] = record.data

    magic, duration_ms, dose_ngy, particles, *_ = dosimeter.RECORD.unpack(data["dosimeter"])
    assert (magic, duration_ms) == (b"RDS1", 60_000)
    assert dose_ngy == pytest.approx(220.0, rel=0.15)  # 13.2 microgray an hour, one minute
    assert 120 <= particles <= 240
    magic, _, thermal, epithermal, fast, *channels = spectrometer.RECORD.unpack(data["spectrometer"])
    assert magic == b"RNS1"
    assert thermal > epithermal > fast > 0
    assert len(channels) == 32
    magic, _, density, temperature, *currents = plasma.RECORD.unpack(data["plasma"])
    assert magic == b"RPP1"
    assert density > 10.0
    assert 1.0 < temperature < 4.0
    assert currents[-1] > currents[0]


def test_hydrogen_is_patchy_and_bounded() -> None:
    """The same place always has the same ground."""
    places = [spectrometer.hydrogen(8.0 * x, 8.0 * y) for x in range(-20, 20) for y in range(-20, 20)]
    assert 0.0 <= min(places) < 0.004
    assert 0.016 < max(places) <= 0.02
    assert spectrometer.hydrogen(3.0, -5.0) == spectrometer.hydrogen(4.0, -4.0)


def _sim_camera() -> Rig[Camera]:
    bench = sim_bench()
    assert bench.hal.camera is not None
    return bench.rig(bench.hal.camera, "camera")


def _fake_camera() -> Rig[Camera]:
    clock, supply = fake_clock(), Supply()
    return Rig(FakeCamera(clock, supply.is_on), clock, supply.set)


@pytest.mark.parametrize("make", [_sim_camera, _fake_camera])
def test_a_picture_comes_after_exposure_and_readout(make: Callable[[], Rig[Camera]]) -> None:
    """One at a time, whole, and only with power."""
    rig = make()
    camera = rig.device
    camera.start(0.1)
    with pytest.raises(NotReady, match="busy"):
        camera.start(0.1)
    assert camera.poll() is None
    rig.pass_s(3.0)
    image = camera.poll()
    assert image is not None
    assert len(image.pixels) == image.width_px * image.height_px
    assert camera.poll() is None

    camera.start(0.1)
    rig.set_power(False)
    with pytest.raises(NotReady, match="unpowered"):
        camera.poll()
    rig.set_power(True)
    rig.pass_s(3.0)
    assert camera.poll() is None


@pytest.mark.parametrize("exposure_s", [0.0, -1.0, 11.0, float("nan")])
def test_a_senseless_exposure_is_refused(exposure_s: float) -> None:
    """Nothing is started."""
    camera = _sim_camera().device
    with pytest.raises(DeviceError):
        camera.start(exposure_s)
    camera.start(0.1)
