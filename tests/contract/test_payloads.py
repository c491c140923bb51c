"""Contracts of `Camera` and `Instrument`: started, polled, ended; and the layout of their records."""

from __future__ import annotations

import pytest

from hal.api.devices import Instrument
from hal.api.errors import DeviceError, NotReady
from sim_hal.devices import dosimeter, plasma, spectrometer
from tests.contract.rigs import SimBench, sim_bench

INSTRUMENTS = ("spectrometer", "dosimeter", "plasma")


def _ready(name: str) -> tuple[SimBench, Instrument]:
    bench = sim_bench()
    instrument = bench.hal.instruments[name]
    bench.power(name)
    assert not instrument.status().ready
    bench.rig(bench.hal).pass_s(31.0)
    assert instrument.status().ready
    return bench, instrument


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_an_acquisition_gives_one_record_after_its_time(name: str) -> None:
    """Busy meanwhile, one record at the end, then ready again."""
    bench, instrument = _ready(name)
    instrument.start(20.0)
    assert instrument.status().acquiring
    with pytest.raises(NotReady, match="busy"):
        instrument.start(1.0)
    bench.rig(bench.hal).pass_s(19.0)
    assert instrument.poll() is None
    bench.rig(bench.hal).pass_s(1.0)
    record = instrument.poll()
    assert record is not None
    assert len(record.data) > 40
    assert instrument.poll() is None
    assert instrument.status().ready


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_no_start_without_power_warm_up_or_sense(name: str) -> None:
    """Unpowered, cold from switch-on, or asked for nothing: refused."""
    bench = sim_bench()
    instrument = bench.hal.instruments[name]
    for call in (instrument.poll, lambda: instrument.start(5.0)):
        with pytest.raises(NotReady, match="unpowered"):
            call()
    bench.power(name)
    with pytest.raises(NotReady, match="warming"):
        instrument.start(5.0)
    bench, instrument = _ready(name)
    for duration_s in (0.0, -1.0, 1e9, float("nan")):
        with pytest.raises(DeviceError):
            instrument.start(duration_s)


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_an_acquisition_ends_with_abort_and_with_its_power(name: str) -> None:
    """Aborted or switched off, its data are gone; after power it warms up anew."""
    bench, instrument = _ready(name)
    instrument.start(5.0)
    instrument.abort()
    bench.rig(bench.hal).pass_s(6.0)
    assert instrument.poll() is None
    instrument.start(5.0)
    bench.hal.loads.make_safe()
    with pytest.raises(NotReady, match="unpowered"):
        instrument.poll()
    bench.power(name)
    bench.rig(bench.hal).pass_s(6.0)
    assert instrument.poll() is None
    assert not instrument.status().ready


def test_records_hold_what_their_layout_says() -> None:
    """Dose near the published rate, counts that follow the ground, a probe curve that rises."""
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


def test_a_picture_comes_after_exposure_and_readout() -> None:
    """One at a time, whole, and only with power."""
    bench = sim_bench()
    camera = bench.hal.camera
    assert camera is not None
    with pytest.raises(NotReady, match="unpowered"):
        camera.start(0.1)
    bench.power("camera")
    with pytest.raises(DeviceError):
        camera.start(-1.0)
    camera.start(0.1)
    with pytest.raises(NotReady, match="busy"):
        camera.start(0.1)
    assert camera.poll() is None
    bench.rig(bench.hal).pass_s(3.0)
    image = camera.poll()
    assert image is not None
    assert len(image.pixels) == image.width_px * image.height_px
    assert camera.poll() is None
