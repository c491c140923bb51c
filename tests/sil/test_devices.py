"""docs/devices.md, row by row: what happens to a whole simulated rover when one device is dead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from flight.health.devices import FACTS
from hal.api.values import ResetCause
from sil.docs.devices import LOSSES
from telemetry_defs.areas import health
from telemetry_defs.areas.health import DEVICES, DeviceId, DeviceState
from telemetry_defs.definitions import FailureCode, Mode
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.framing import encode_frame
from telemetry_defs.reports import HOUSEKEEPING_SERVICE
from tests.sil.lone_rover import CODECS, LoneRover, packed

NOT_STARTED, COMPLETED, FAILED = 4, 7, 8
ARC: Mapping[str, Any] = {"curvature_1_m": 0.2, "distance_m": 0.3, "speed_m_s": 0.03, "timeout_s": 100.0}
DOSE: Mapping[str, Any] = {"instrument": "DOSIMETER", "duration_s": 10.0}
STILL: Mapping[str, Mapping[str, Any]] = {
    "mobility.arc": ARC,
    "instruments.acquire": DOSE,
    "power.auto_load": {"load": "NAV"},
}
INSTRUMENTS = (DeviceId.SPECTROMETER, DeviceId.DOSIMETER, DeviceId.PLASMA)
USES: Mapping[DeviceId, tuple[str, Mapping[str, Any]]] = {
    **dict.fromkeys((DeviceId.WHEELS, DeviceId.STEERING, DeviceId.IMU, DeviceId.GROUND_MOTION), ("mobility.arc", ARC)),
    DeviceId.CAMERA: ("instruments.acquire_image", {"exposure_s": 0.01}),
    **{d: ("instruments.acquire", {"instrument": d.name, "duration_s": 10.0}) for d in INSTRUMENTS},
}
"""What ground does with a device that is not in use all the time."""
ONLY_AT_TIMES = (DeviceId.POWER_CONTROLLER, DeviceId.RTC)
"""Asked at a boot or before hibernation: their loss is not noticed in between."""
RUN_S = 110.0


class Lamed(LoneRover):
    """A rover with one dead device, commanded over the radio that is left."""

    def __init__(self, device: DeviceId) -> None:
        held = device is DeviceId.EGRESS
        super().__init__(mode=Mode.STOWED if held else Mode.IDLE, released=not held)
        self.device = device
        self.home = Mode.STOWED if held else Mode.IDLE
        self.up = "relay" if device is DeviceId.RADIO_LOCAL else "local"

    def break_it(self) -> None:
        self.make_dead(self.device.name.lower())

    def command(self, name: str, args: Mapping[str, Any], wait_s: float) -> int:
        """Send it and let time pass; the last verification report that came down."""
        packet = packed(name, args, self.take_count())
        self.send_bytes(b"\x00" + encode_frame(packet), self.up)
        self.run_s(wait_s)
        return self.answers(int.from_bytes(packet[:4], "big"))[-1]

    def state(self) -> DeviceState | None:
        """Of the device, in the newest `health.hk`."""
        records = [item.tm.data for item in self.sent if item.tm.service == HOUSEKEEPING_SERVICE]
        newest = [data[1:] for data in records if data[0] == health.HK.structure_id][-1]
        state: DeviceState | None = CODECS.of(health.HealthHk).unpack(newest).state[DEVICES.index(self.device)]
        return state

    def told(self, name: str) -> bool:
        return any(self.events(DICTIONARY.event(name).event_id))

    def well_but_for_it(self) -> None:
        """One process, no failed row, in the mode it was in; all others are good."""
        assert self.flight is not None
        assert sum(state.failures for state in self.flight.executive.rows.values()) == 0
        assert self.flight.core.modes.mode is self.home
        for other, record in self.flight.core.devices.records.items():
            assert other is self.device or record.state is DeviceState.GOOD, other


@pytest.mark.parametrize("device", LOSSES)
@pytest.mark.parametrize("from_the_start", [True, False])
def test_the_loss_of_one_device_is_told_and_the_rest_works(device: DeviceId, from_the_start: bool) -> None:
    """It fails for two minutes, ground gives it up, and a restart later it is still given up."""
    rover = Lamed(device)
    loss = LOSSES[device]
    if from_the_start:
        rover.break_it()
    rover.run_s(12.0)
    rover.break_it()
    if device in USES:
        answer = rover.command(*USES[device], wait_s=RUN_S)
        assert answer == COMPLETED if device is DeviceId.GROUND_MOTION else answer in (NOT_STARTED, FAILED)
    else:
        rover.run_s(RUN_S)

    assert rover.state() is (DeviceState.GOOD if device in ONLY_AT_TIMES else DeviceState.FAILING)
    assert all(rover.told(name) for name in loss.tells)
    rover.well_but_for_it()

    assert rover.command("health.declare_dead", {"device": device.name}, wait_s=10.0) == COMPLETED
    rover.stop_computer(ResetCause.WATCHDOG)
    rover.run_s(45.0)
    assert rover.lives == 2
    assert rover.state() is DeviceState.DEAD
    instead = DeviceId.SPECTROMETER.name if device is DeviceId.DOSIMETER else DeviceId.DOSIMETER.name
    args = {**STILL[loss.still], "instrument": instead} if loss.still == "instruments.acquire" else STILL[loss.still]
    assert rover.command(loss.still, args, wait_s=RUN_S) == COMPLETED
    rover.well_but_for_it()


def test_recovery_gives_a_device_up_by_itself_and_brings_it_back() -> None:
    """Power cycles with the true switches, death, probes, revival, in one life."""
    rover = Lamed(DeviceId.IMU)
    rover.break_it()
    rover.run_s(420.0)
    assert rover.state() is DeviceState.DEAD
    assert sum(1 for _ in rover.events(health.POWER_CYCLED.event_id)) == 3
    rover.dead.clear()

    rover.run_s(1900.0)

    assert rover.state() is DeviceState.GOOD
    assert rover.told("health.device_revived")
    assert rover.command("mobility.arc", ARC, wait_s=RUN_S) == COMPLETED


def test_a_dead_instrument_is_not_available() -> None:
    """Refused before its load is switched on."""
    rover = Lamed(DeviceId.CAMERA)
    rover.run_s(12.0)
    rover.command("health.declare_dead", {"device": "CAMERA"}, wait_s=3.0)

    assert rover.command("instruments.acquire_image", {"exposure_s": 0.01}, wait_s=3.0) == NOT_STARTED
    report = [item.tm.data for item in rover.sent if item.tm.service == 1 and item.tm.subtype == NOT_STARTED][-1]
    assert int.from_bytes(report[4:6], "big") == FailureCode.NOT_AVAILABLE


def test_the_page_has_every_device_that_the_rover_can_live_without() -> None:
    assert list(LOSSES) == [device for device, facts in FACTS.items() if not facts.critical]
