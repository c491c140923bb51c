"""`steep_slope`: stops by slip, below the tilt limit, before it embeds; without the slip check it digs itself in."""

import pytest

from flight.mobility.checks import MotionChecks
from flight.mobility.limits import Limits
from telemetry_defs.areas.mobility_reports import StopReason
from tests.sil.scenarios.flown import failed, failures, fly


@pytest.mark.parametrize("seed", [1, 2])
def test_steep_slope_holds(seed: int) -> None:
    """The climb ends by slip and the rover backs down by itself, whatever the noise."""
    _, result = fly("steep_slope", seed=seed)
    assert failures(result) == []


def test_the_rover_embeds_without_the_slip_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other check sees it: tilt and current stay ordinary, the wheels dig until nothing helps."""
    monkeypatch.setattr(MotionChecks, "slip", lambda self, now_ns: StopReason.NONE)
    _, result = fly("steep_slope")
    assert failed(result, "event mobility.slip_stop")
    assert failed(result, "world.embedded")
    assert failed(result, "world.sinkage_m")
    assert failed(result, "world.x_m")


def test_the_embedding_limit_stands_behind_the_stop_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stop limit that never trips leaves the embedding limit, which ends in SAFE before the soil has won."""
    refresh = Limits.refresh

    def never_stop(limits: Limits) -> None:
        refresh(limits)
        limits.slip_stop = 10.0

    monkeypatch.setattr(Limits, "refresh", never_stop)
    mission, result = fly("steep_slope", duration_s=220.0)
    assert failed(result, "event mobility.slip_stop")
    assert failed(result, "event mobility.embedded not seen")
    assert mission.mode_name == "SAFE"
    assert max(mission.simulation.truth.column("embedded")) == 0.0
