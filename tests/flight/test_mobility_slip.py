"""Slip, measured and estimated, and ground motion fixes that are late, wild or missing."""

from __future__ import annotations

import math

import pytest

from hal.api.errors import DeviceTimeout, NotReady
from telemetry_defs.areas import mobility as area, mobility_events as events
from telemetry_defs.areas.mobility_reports import SlipSource, StopReason
from telemetry_defs.definitions import Mode
from tests.flight.mobility_bench import Rover, driving, stops

DEGREE = math.pi / 180.0


def test_slip_ladder() -> None:
    """0.35 is told, 0.55 stops."""
    rover, execution = driving()
    rover.slip = 0.35
    rover.until(lambda: rover.events.count(events.SLIP_HIGH) > 0, 30.0)
    rover.stand(5.0)
    assert not execution.ended

    rover.slip = 0.6
    stops(rover, execution, StopReason.SLIP, events.SLIP_STOP, 20.0)

    assert Mode.SAFE not in rover.modes.requested


def test_embedding_asks_for_safe_and_stays_known() -> None:
    """Wheels that turn without the ground passing: stopped by slip before, or SAFE when it comes at once."""
    rover = Rover()
    rover.slip = 0.95
    execution = rover.send(area.ARC, curvature_1_m=0.0, distance_m=5.0, speed_m_s=0.05, timeout_s=300.0)

    rover.until(lambda: execution.ended, 60.0)

    assert execution.detail == StopReason.EMBEDDED
    assert rover.modes.mode is Mode.SAFE
    assert not rover.turning
    rover.stand(2.0)
    assert rover.mobility.housekeeping().embedded is True
    rover.send(area.CLEAR_EMBEDDED)
    rover.stand(2.0)
    assert rover.mobility.housekeeping().embedded is False


def test_without_fix_slip_is_estimated_and_distance_bounded() -> None:
    """In the dark driving goes on, flagged as estimated, for 10 m and no further."""
    rover, execution = driving()
    assert rover.ground is not None
    rover.ground.valid = False
    start_m = rover.travelled_m
    rover.until(lambda: rover.events.count(events.FIX_LOST) > 0, 20.0)
    assert rover.mobility.housekeeping().slip_source is SlipSource.ESTIMATE

    stops(rover, execution, StopReason.NO_FIX, events.NO_FIX_LIMIT, 250.0)

    assert 9.0 < rover.travelled_m - start_m < 10.3


def test_a_new_motion_in_the_dark_brings_no_fix_back() -> None:
    """Beginning anew is no news of the ground: blindness stays flagged until a fix comes, and is told once."""
    rover, execution = driving()
    assert rover.ground is not None
    rover.ground.valid = False
    stops(rover, execution, StopReason.NO_FIX, events.NO_FIX_LIMIT, 300.0)

    rover.send(area.ARC, curvature_1_m=0.0, distance_m=2.0, speed_m_s=0.05, timeout_s=300.0)
    rover.stand(20.0)
    assert rover.events.count(events.FIX_RECOVERED) == 0
    assert rover.events.count(events.FIX_LOST) == 1
    assert rover.mobility.housekeeping().slip_source is SlipSource.ESTIMATE

    rover.ground.valid = True
    rover.stand(10.0)
    assert rover.events.count(events.FIX_RECOVERED) == 1


def test_broken_ground_motion_is_a_missing_fix() -> None:
    """A device that raises counts as no fix; when it answers again, so does measured slip."""
    rover, execution = driving()
    assert rover.ground is not None
    rover.ground.error = DeviceTimeout("ground_motion")
    rover.until(lambda: rover.events.count(events.FIX_LOST) > 0, 20.0)

    rover.ground.error = None
    rover.until(lambda: rover.mobility.housekeeping().slip_source is SlipSource.GROUND_MOTION, 60.0)

    assert rover.events.count(events.FIX_RECOVERED) == 1
    assert not execution.ended


def test_wild_fix_is_not_believed() -> None:
    """A fix that says the rover has gone twenty times as far as its wheels is no fix."""
    rover, _ = driving()
    assert rover.ground is not None
    rover.ground.scale = 20.0

    rover.until(lambda: rover.events.count(events.FIX_LOST) > 0, 20.0)

    assert rover.believed[0] == pytest.approx(rover.x_m, abs=0.05)


def test_rover_without_ground_motion_drives_on_the_estimate() -> None:
    """Where there is no such device, the estimate is permanent, flagged, and bounds nothing."""
    rover, execution = driving(ground=False, distance_m=13.0)

    rover.until(lambda: execution.ended, 400.0)

    assert execution.completed
    assert rover.mobility.housekeeping().slip_source is SlipSource.ESTIMATE


def test_estimated_slip_stops_on_a_slope() -> None:
    """Without ground motion, pitch and current alone stop the rover where the drawbar curve ends."""
    rover, execution = driving(ground=False)
    rover.wheels.running_a = 0.073
    rover.imu.pitch_rad = 19.5 * DEGREE
    rover.parameters.set(area.SLIP_STOP, 0.28)

    stops(rover, execution, StopReason.SLIP, events.SLIP_STOP, 15.0)


def test_navigation_power_that_returns_brings_fixes_back() -> None:
    """Fixes switched off below flight are asked for again."""
    rover, _ = driving()
    assert rover.ground is not None
    rover.ground.enabled = False
    rover.ground.error = NotReady("ground_motion", "navigation computer unpowered")
    rover.stand(10.0)

    rover.ground.error = None
    rover.stand(12.0)

    assert rover.ground.enabled
    assert rover.events.count(events.FIX_RECOVERED) == 1
