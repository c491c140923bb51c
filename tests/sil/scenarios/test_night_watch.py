"""night_watch: the night on the relay alone, with everything that carries the record through it, and without."""

from __future__ import annotations

import pytest

from flight.store.packet_store import PacketStore
from tests.sil.scenarios.flown import failed, failures, fly

SHORT_S = 6000.0
"""The first gap and what comes down after it."""
STORED = "exactly once"


def test_every_stored_packet_comes_down_once_and_a_monitor_sends_the_rover_to_rest() -> None:
    """The scenario as shipped."""
    _, result = fly("night_watch")
    assert failures(result) == []


def test_without_asking_again_what_the_channel_takes_is_lost() -> None:
    _, result = fly("night_watch", ask_again=False)
    assert failed(result, STORED)


def test_without_a_packet_store_the_gap_is_a_hole(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was made while the relay was away is nowhere."""
    monkeypatch.setattr(PacketStore, "record", lambda *args: False)
    _, result = fly("night_watch", duration_s=SHORT_S)
    assert failed(result, "no hole")


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 22))
def test_with_other_noise(seed: int) -> None:
    _, result = fly("night_watch", seed=seed)
    assert failures(result) == []
