"""`shadow_crossing`: through the dark on battery and estimate, and no further than 10 m without a fix."""

import pytest

from flight.mobility.ground_fix import GroundFix
from flight.mobility.limits import Limits
from tests.sil.scenarios.flown import failed, failures, fly


def test_shadow_crossing_holds() -> None:
    """The short way through is driven, the long one is stopped after 10 m."""
    _, result = fly("shadow_crossing")
    assert failures(result) == []


def test_without_the_limit_the_rover_drives_on_blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit that is never reached lets it go all 16 m along the shadow."""
    monkeypatch.setattr(GroundFix, "limit_reached", False)
    _, result = fly("shadow_crossing", duration_s=1600.0)
    assert failed(result, "command along fails with LIMIT")
    assert failed(result, "event mobility.no_fix_limit")
    assert failed(result, "mobility.hk.no_fix_m")
    assert failed(result, "world.x_m")


def test_stopping_at_the_first_lost_fix_would_strand_it_in_the_dark(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a limit of half a metre the crossing ends inside the shadow."""
    refresh = Limits.refresh

    def short(limits: Limits) -> None:
        refresh(limits)
        limits.no_fix_m = 0.5

    monkeypatch.setattr(Limits, "refresh", short)
    mission, result = fly("shadow_crossing", duration_s=700.0)
    assert failed(result, "command across completes")
    assert mission.simulation.truth.value("array_w") == 0.0


def test_an_estimate_not_flagged_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slip said to be measured in the dark fails the scenario."""
    monkeypatch.setattr(GroundFix, "_tell", lambda self, lost: None)
    _, result = fly("shadow_crossing", duration_s=520.0)
    assert failed(result, "mobility.hk.slip_source is ESTIMATE")
