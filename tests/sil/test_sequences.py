"""Stored sequences on a whole rover: loaded over the link, run through its queue, ended by modes, cuts and STOPs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from flight.sequences.record import Sequence, encode
from flight.state_image import FIRST_COPY, StateImage, encode as encode_state
from ground.sequence_load import load_arguments
from hal.api.clock import NS_PER_S
from hal.api.values import ResetCause
from telemetry_defs.areas import sequences as area
from telemetry_defs.definitions import FailureCode, Mode
from telemetry_defs.formats import DecodedTm, decode_tm
from tests.flight.sequence_bench import HEAD, PING, STOP, compiled, hk_step, step
from tests.sil.lone_rover import GPS_NS, LoneRover

ARC = step(0.0, "mobility.arc", "{ curvature_1_m = 0.0, distance_m = 2.0, speed_m_s = 0.03, timeout_s = 120.0 }")
DRIVE = HEAD + ARC + STOP
LONG = HEAD + hk_step(0.0, 1) + hk_step(500.0, 2)
COMPLETED = [1, 3, 7]


class Rover(LoneRover):
    """With what ground does about sequences."""

    def order(self, name: str, args: dict[str, Any] | None = None, wait_s: float = 1.0) -> list[int]:
        request = self.send(name, args)
        self.run_s(wait_s)
        return self.answers(request)

    def load(self, text: str, *, hazardous: bool = False) -> None:
        sequence: Sequence = compiled(text)
        for arguments in load_arguments(sequence.sequence_id, encode(sequence), hazardous=hazardous):
            assert self.order("sequences.load", arguments) == COMPLETED

    def start(self, sequence_id: int = 64) -> None:
        assert self.order("sequences.start", {"sequence_id": sequence_id}) == COMPLETED

    def told(self, event_id: int) -> list[dict[str, Any]]:
        return [dict(decode_tm(item.raw).fields) for item in self.events(event_id)]

    def aborts(self) -> list[tuple[int, FailureCode]]:
        return [(fields["step"], fields["code"]) for fields in self.told(area.ABORTED.event_id)]

    def housekeeping(self) -> Iterator[DecodedTm]:
        return (decode_tm(item.raw) for item in self.sent if item.raw[7:9] == b"\x03\x19" and item.raw[19] == 85)


@pytest.fixture
def rover() -> Rover:
    rover = Rover()
    rover.run_s(6.0)
    return rover


def test_night_quiet_leads_to_charge(rover: Rover) -> None:
    rover.order("instruments.power", {"instrument": "SPECTROMETER", "on": True}, wait_s=5.0)
    rover.start(1)
    rover.run_s(10.0)

    assert rover.flight is not None
    assert rover.flight.core.modes.mode is Mode.CHARGE
    assert not rover.flight.core.loads.is_on("spectrometer")
    assert [fields["sequence_id"] for fields in rover.told(area.COMPLETED.event_id)] == [1]


def test_a_loaded_sequence_drives_and_completes(rover: Rover) -> None:
    rover.load(DRIVE)
    rover.start()
    rover.run_s(100.0)

    assert [fields["step"] for fields in rover.told(area.STEP_DONE.event_id)] == [1]
    assert len(rover.told(area.COMPLETED.event_id)) == 1


def test_safe_aborts_a_sequence_and_no_later_step_runs(rover: Rover) -> None:
    rover.load(LONG)
    rover.start()
    rover.order("system.set_mode", {"mode": "SAFE"})

    assert rover.aborts() == [(2, FailureCode.MODE)]
    rover.run_s(600.0)
    assert len(rover.told(area.STEP_DONE.event_id)) == 1


def test_a_stop_ends_the_motion_and_the_sequence(rover: Rover) -> None:
    rover.load(HEAD + ARC + ARC + STOP)
    rover.start()
    rover.run_s(10.0)
    assert rover.flight is not None
    assert rover.flight.core.modes.mode is Mode.DRIVE
    rover.order("system.stop", wait_s=3.0)

    (abort,) = rover.aborts()
    assert abort[0] == 1
    assert abort[1] in (FailureCode.ABORTED, FailureCode.SUPERSEDED)
    rover.run_s(60.0)
    assert rover.told(area.STEP_DONE.event_id) == []


def test_the_longest_run_ends_a_motion_through_the_abort_step(rover: Rover) -> None:
    rover.load(DRIVE.replace("1000.0", "10.0"))
    rover.start()
    rover.run_s(15.0)

    assert rover.aborts() == [(1, FailureCode.LIMIT)]
    state = rover.flight.core.board.mobility if rover.flight is not None else None
    assert state is not None
    assert not state.moving


@pytest.mark.parametrize("cause", [ResetCause.POWER_CUT, ResetCause.WATCHDOG])
def test_a_restart_ends_a_sequence_and_keeps_it_on_board(rover: Rover, cause: ResetCause) -> None:
    rover.load(LONG)
    rover.start()
    rover.stop_computer(cause)
    rover.run_s(60.0)

    assert rover.told(area.INTERRUPTED.event_id) == [{"sequence_id": 64}]
    assert rover.told(area.STEP_DONE.event_id) == [{"sequence_id": 64, "step": 1}]
    rover.start()


def test_a_waiting_sequence_goes_on_once_telemetry_says_so(rover: Rover) -> None:
    """The real value, from the provider of the housekeeping packet."""
    wait = '[[step]]\nwait = "system.hk.mode"\nequals = "CHARGE"\ntimeout_s = 60.0\n'
    rover.load(HEAD + wait + PING)
    rover.start()
    rover.run_s(10.0)
    assert rover.told(area.STEP_DONE.event_id) == []
    rover.order("system.set_mode", {"mode": "CHARGE"}, wait_s=3.0)

    assert len(rover.told(area.COMPLETED.event_id)) == 1


def test_a_window_needs_a_clock_that_is_trusted_and_ends_the_sequence(rover: Rover) -> None:
    """On-board time is 2029-09-24 and some seconds; it is set forward over the end of the window."""
    window = "valid_from_utc = 2029-09-24T00:00:00Z\nvalid_until_utc = 2029-09-24T12:00:00Z\n"
    rover.load(HEAD + window + hk_step(500.0, 1))
    rover.start()
    assert rover.aborts() == []
    rover.order("system.set_time", {"gps_time_s": GPS_NS / NS_PER_S + 50_000.0})

    assert rover.aborts() == [(1, FailureCode.PRECONDITION)]
    assert rover.order("sequences.start", {"sequence_id": 64}) == [1, 4]


def test_a_hazardous_load_must_be_armed(rover: Rover) -> None:
    sequence = compiled(HEAD + step(0.0, "thermal.mask_sensor", "{ sensor = 1, masked = false }"))
    (arguments,) = load_arguments(64, encode(sequence), hazardous=True)
    assert rover.order("sequences.load", arguments) == [2]
    assert rover.order("sequences.load", arguments | {"hazardous": False}) == [1, 4]

    rover.order("system.arm", {"target": "sequences.load"})
    assert rover.order("sequences.load", arguments) == COMPLETED


def test_a_rover_in_trouble_runs_no_sequence() -> None:
    """The minimal set of rows is without them; the answer says so."""
    rover = Rover()
    rover.simulation.disk.preload(
        FIRST_COPY, encode_state(StateImage(boot_count=9, mode=Mode.SAFE, gps_ns=GPS_NS, soc=0.8, boot_loop=True))
    )
    rover.run_s(6.0)

    assert rover.order("sequences.start", {"sequence_id": 1}, wait_s=30.0) == [1, 4]
    assert rover.flight is not None
    assert rover.flight.services.sequences.start(1) is FailureCode.NOT_AVAILABLE


def test_a_monitor_can_start_one(rover: Rover) -> None:
    """By the call that it will make."""
    assert rover.flight is not None
    sequences = rover.flight.services.sequences
    assert sequences.start(99) is FailureCode.UNKNOWN_ID
    assert sequences.start(1) is None
    assert sequences.start(1) is FailureCode.BUSY


def test_housekeeping_says_what_runs(rover: Rover) -> None:
    rover.load(LONG)
    rover.start()
    rover.order("system.report_hk", {"structure_id": "sequences.hk"})

    fields = list(rover.housekeeping())[-1].fields
    assert fields["running"] == (64, None, None, None)
    assert fields["step"] == (2, None, None, None)
    assert (fields["loaded"], fields["started"]) == (2, 1)
