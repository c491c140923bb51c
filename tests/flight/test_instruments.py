"""Instruments: life cycle, preconditions, and every way in which an acquisition can fail."""

from __future__ import annotations

import msgspec
import pytest

from flight.instruments.table import INSTRUMENTS
from flight.subsystems.instruments import MODE_TARGETS
from telemetry_defs.areas import instruments as area
from telemetry_defs.areas.instruments import InstrumentId, LifeState, Reason
from telemetry_defs.codec import Codec
from telemetry_defs.definitions import Event, FailureCode, Mode
from tests.flight.instruments_rig import Rig, unpack_product

CAMERA, SPECTROMETER, PLASMA = InstrumentId.CAMERA, InstrumentId.SPECTROMETER, InstrumentId.PLASMA


@pytest.fixture
def rig() -> Rig:
    return Rig()


def _reasons(rig: Rig, event: Event) -> list[tuple[InstrumentId, Reason]]:
    reports = [msgspec.to_builtins(fields) for fields in rig.bench.events.of(event)]
    return [(InstrumentId(report["instrument"]), Reason(report["reason"])) for report in reports]


def test_tables_are_complete() -> None:
    """Every mode has a target, and every row of the instrument table its module and its load."""
    assert set(MODE_TARGETS) == set(Mode)
    assert [spec.instrument for spec in INSTRUMENTS] == list(InstrumentId)
    assert [spec.name for spec in INSTRUMENTS] == ["camera", "spectrometer", "dosimeter", "plasma"]


def test_image_from_idle(rig: Rig) -> None:
    """One command in IDLE: SCIENCE, camera on, image, product durable, camera off, complete."""
    execution = rig.image()
    assert execution.started
    assert rig.bench.modes.mode is Mode.SCIENCE
    assert rig.acquiring()
    rig.run(20)
    assert execution.completed
    assert execution.steps == [1, 2]
    assert rig.state(CAMERA) is LifeState.OFF
    assert not rig.loads.wanted("camera")
    assert not rig.acquiring()
    header, pixels = unpack_product(rig.storage.files["product_00001.bin"])
    assert (header.instrument, header.product_id, header.width_px, header.height_px) == (CAMERA, 1, 320, 240)
    assert pixels == rig.camera.pixels
    assert rig.bench.events.count(area.PRODUCT_READY) == 1
    assert rig.bench.board.instruments is not None
    assert rig.bench.board.instruments.acquisition_ended_ns is not None


def test_record_of_every_integrating_instrument(rig: Rig) -> None:
    """Three instruments acquire at the same time and give three products."""
    executions = [rig.record(instrument) for instrument in list(InstrumentId)[1:]]
    rig.run(100)
    assert all(execution.completed for execution in executions)
    assert rig.instruments.housekeeping().products == 3
    payloads = [unpack_product(content)[1] for name, content in rig.storage.files.items() if name.endswith(".bin")]
    assert payloads == [b"record" * 20] * 3


def test_instrument_switched_on_by_ground_stays_on(rig: Rig) -> None:
    """Power on, ready, acquire, still ready; power off is off."""
    assert rig.power(SPECTROMETER, True).failure is None
    assert rig.state(SPECTROMETER) is LifeState.WARMUP
    rig.run(40)
    assert rig.state(SPECTROMETER) is LifeState.READY
    assert rig.bench.events.count(area.READY) == 1
    execution = rig.record()
    rig.run(40)
    assert execution.completed
    assert rig.state(SPECTROMETER) is LifeState.READY
    rig.power(SPECTROMETER, False)
    assert rig.state(SPECTROMETER) is LifeState.OFF
    assert not rig.loads.wanted("spectrometer")


@pytest.mark.parametrize("temperature_c", [-40.0, 80.0, None])
def test_no_power_outside_its_temperature(rig: Rig, temperature_c: float | None) -> None:
    """Too cold, too hot or unknown: neither switched on nor warmed up, and the mode does not change."""
    rig.temperature_c = temperature_c
    rig.run(1)
    assert rig.power(SPECTROMETER, True).failure is FailureCode.PRECONDITION
    execution = rig.record()
    assert (execution.failure, execution.detail) == (FailureCode.PRECONDITION, Reason.TEMPERATURE)
    assert rig.bench.modes.requested == []
    assert not rig.loads.wanted("spectrometer")


@pytest.mark.parametrize("soc", [0.39, None])
def test_no_power_without_charge(rig: Rig, soc: float | None) -> None:
    """A low or unknown state of charge refuses instruments."""
    rig.soc = soc
    rig.run(1)
    assert rig.image().failure is FailureCode.PRECONDITION
    assert rig.power(CAMERA, True).failure is FailureCode.PRECONDITION


def test_stale_temperature_counts_as_bad(rig: Rig) -> None:
    """A temperature from a thermal row that stopped is no temperature."""
    rig.bench.clock.advance_s(11.0)
    assert rig.power(CAMERA, True).failure is FailureCode.PRECONDITION


def test_cold_while_on_switches_off(rig: Rig) -> None:
    """Leaving the working temperature for half a minute ends it; a shorter excursion does not."""
    rig.power(SPECTROMETER, True)
    rig.run(40)
    rig.temperature_c = 70.0
    rig.run(20)
    rig.temperature_c = 10.0
    rig.run(5)
    assert rig.state(SPECTROMETER) is LifeState.READY
    rig.temperature_c = None
    rig.run(40)
    assert rig.state(SPECTROMETER) is LifeState.OFF
    assert _reasons(rig, area.SWITCHED_OFF) == [(SPECTROMETER, Reason.TEMPERATURE)]


def test_refused_mode_refuses_the_acquisition(rig: Rig) -> None:
    """A guard of SCIENCE that says no is the failure of the command; nothing is switched on."""
    rig.bench.modes.refuse_with(Mode.SCIENCE, FailureCode.GUARD_REFUSED)
    assert rig.image().failure is FailureCode.GUARD_REFUSED
    assert not rig.loads.wanted("camera")


def test_busy(rig: Rig) -> None:
    """One acquisition an instrument at a time."""
    rig.record()
    assert rig.record().failure is FailureCode.BUSY


def test_power_never_granted(rig: Rig) -> None:
    """A load that power does not grant fails the acquisition after a few seconds."""
    rig.shed.add("camera")
    execution = rig.image()
    rig.run(10)
    assert execution.failure is FailureCode.PRECONDITION
    assert _reasons(rig, area.POWER_LOST) == [(CAMERA, Reason.NO_POWER)]
    assert not rig.loads.wanted("camera")


def test_power_shed_in_mid_acquisition(rig: Rig) -> None:
    """Shed while integrating: the acquisition fails, and the load does not come back by itself."""
    execution = rig.record(duration_s=60.0)
    rig.run(50)
    assert rig.state(SPECTROMETER) is LifeState.ACQUIRING
    rig.shed.add("spectrometer")
    rig.run(2)
    assert execution.failure is FailureCode.ABORTED
    assert _reasons(rig, area.POWER_LOST) == [(SPECTROMETER, Reason.POWER_SHED)]
    rig.shed.clear()
    rig.run(5)
    assert not rig.loads.wanted("spectrometer")
    assert not rig.acquiring()


def test_never_ready_is_a_fault(rig: Rig) -> None:
    """Not ready in time: fault, switched off, and only a power command leads out."""
    rig.devices["plasma"].never_ready = True
    execution = rig.record(PLASMA)
    rig.run(125)
    assert execution.failure is FailureCode.TIMEOUT
    assert rig.state(PLASMA) is LifeState.FAULT
    assert _reasons(rig, area.FAULT) == [(PLASMA, Reason.NOT_READY)]
    assert not rig.loads.wanted("plasma")
    rig.power(PLASMA, False)
    assert rig.state(PLASMA) is LifeState.OFF


def test_stuck_camera_is_a_fault(rig: Rig) -> None:
    """An image that never comes ends the acquisition with a timeout and the camera off."""
    rig.camera.stuck = True
    execution = rig.image()
    rig.run(40)
    assert execution.failure is FailureCode.TIMEOUT
    assert _reasons(rig, area.FAULT) == [(CAMERA, Reason.STUCK)]
    assert not rig.loads.wanted("camera")
    rig.camera.stuck = False
    again = rig.image()
    rig.run(20)
    assert again.completed


def test_silent_instrument_is_a_fault(rig: Rig) -> None:
    """Three device errors in a row are a fault; one alone is not."""
    execution = rig.record(duration_s=60.0)
    rig.run(45)
    rig.devices["spectrometer"].silent = True
    rig.run(1)
    rig.devices["spectrometer"].silent = False
    rig.run(1)
    assert not execution.ended
    rig.devices["spectrometer"].silent = True
    rig.run(3)
    assert execution.failure is FailureCode.DEVICE
    assert _reasons(rig, area.FAULT) == [(SPECTROMETER, Reason.DEVICE)]
    assert rig.instruments.housekeeping().faults == 1


def test_errors_that_come_and_go_are_no_fault(rig: Rig) -> None:
    """Two errors, an answer, two errors: only errors in a row count."""
    execution = rig.record(duration_s=60.0)
    rig.run(45)
    for _ in range(3):
        rig.devices["spectrometer"].silent = True
        rig.run(2)
        rig.devices["spectrometer"].silent = False
        rig.run(1)
    assert not execution.ended
    rig.run(60)
    assert execution.completed


def test_abort(rig: Rig) -> None:
    """Ground ends an integration; the instrument it had switched on stays on, without data."""
    rig.power(SPECTROMETER, True)
    rig.run(40)
    execution = rig.record(duration_s=100.0)
    rig.run(5)
    assert rig.command("abort", area.Abort(instrument=SPECTROMETER)).failure is None
    assert execution.failure is FailureCode.ABORTED
    assert rig.state(SPECTROMETER) is LifeState.READY
    assert rig.devices["spectrometer"].aborts == 1
    assert rig.command("abort", area.Abort(instrument=SPECTROMETER)).failure is FailureCode.REFUSED


@pytest.mark.parametrize(("mode", "on"), [(Mode.IDLE, True), (Mode.SAFE, False), (Mode.HIBERNATE, False)])
def test_leaving_science_ends_acquisitions(rig: Rig, mode: Mode, on: bool) -> None:
    """In IDLE what ground switched on stays on; in SAFE and HIBERNATE everything goes off."""
    rig.power(SPECTROMETER, True)
    rig.run(40)
    execution = rig.record(duration_s=100.0)
    rig.run(5)
    rig.bench.modes.put(mode)
    rig.run(1)
    assert execution.failure is FailureCode.ABORTED
    assert rig.loads.wanted("spectrometer") is on
    assert not rig.acquiring()


def test_make_safe_gives_everything_back(rig: Rig) -> None:
    """Loads given back, commands failed; a rebuilt row begins with everything off."""
    execution = rig.record()
    rig.power(PLASMA, True)
    rig.run(40)
    rig.instruments.make_safe()
    assert execution.failure is not None
    assert not any(rig.loads.wanted(name) for name in rig.loads.names)
    rig.loads.request("plasma", True)
    rig.boot()
    assert not rig.loads.wanted("plasma")


def test_what_is_not_carried_is_unknown(rig: Rig) -> None:
    """An instrument this rover does not carry has no state and refuses its commands."""
    del rig.devices["plasma"]
    rig.boot()
    rig.run(1)
    assert rig.state(PLASMA) is None
    assert rig.record(PLASMA).failure is FailureCode.UNKNOWN_ID
    assert rig.power(PLASMA, True).failure is FailureCode.UNKNOWN_ID
    assert rig.record(CAMERA).failure is FailureCode.REFUSED


def test_housekeeping_travels(rig: Rig) -> None:
    """The packet survives the wire, in the middle of an acquisition and without a temperature."""
    rig.record()
    rig.temperature_c = None
    rig.run(20)
    value = rig.instruments.housekeeping()
    codec = Codec(area.InstrumentsHk)
    assert codec.unpack(codec.pack(value)) == value
    assert codec.saturation_count == 0
