"""`first_drive`: the default mission holds, and an unarmed release would have taken the rover off its lander."""

import pytest

from flight.commanding.arming import Arming
from tests.sil.scenarios.flown import failed, failures, fly


def test_first_drive_holds() -> None:
    """Checkout, egress, traverse, two whole products and charging, within one hour."""
    mission, result = fly("first_drive")
    assert failures(result) == []
    assert result.sim_s <= 3600.0
    assert [product.kind() for product in mission.products if product.complete] == ["camera", "spectrometer"]


def test_an_unarmed_release_would_run_without_the_arming_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without arming the first, unarmed release opens the hold-down, and the scenario says so."""
    monkeypatch.setattr(Arming, "is_armed", lambda self, code, now_ns: True)
    _, result = fly("first_drive", duration_s=60.0)
    assert failed(result, "unarmed_release fails with NOT_ARMED")
    assert failed(result, "world.released")
