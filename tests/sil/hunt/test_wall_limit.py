"""What never ends is ended, and is a find."""

from __future__ import annotations

import signal
from contextlib import suppress

import pytest

from sil.hunt import examine as examining
from sil.hunt.examine import CRASH, examine
from sil.hunt.wall_limit import TooLong, wall_limit
from sil.scenario import Scenario, StartSection
from sil.strategies.starts import BRIGHT


def _stubborn() -> None:
    """A row that catches all it knows and begins again."""
    while True:
        try:
            while True:
                pass
        except Exception:  # noqa: BLE001 - as flight does with what a row raises
            continue


def test_a_loop_without_end_is_ended() -> None:
    """Though it catches every `Exception`."""
    with pytest.raises(TooLong, match="not at its end after 0 s"), wall_limit(0.02):
        _stubborn()


def test_a_dropped_alarm_comes_again() -> None:
    """As in a destructor, whose exceptions go nowhere."""
    with wall_limit(0.02):
        with suppress(TooLong):
            _stubborn()
        with pytest.raises(TooLong):
            _stubborn()


def test_what_ends_in_time_leaves_no_alarm() -> None:
    """Whatever comes after it may take as long as it likes."""
    before = signal.getsignal(signal.SIGALRM)
    with wall_limit(60.0):
        pass
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # it may ring in a destructor first
def test_a_mission_that_does_not_end_is_a_find(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what it was doing."""
    monkeypatch.setattr(examining, "START_S", -599.98)
    start = StartSection(time_utc=BRIGHT)
    examined = examine(Scenario(name="long", world="flat", duration_s=600.0, start=start), ())
    assert examined.broken == CRASH
    assert "TooLong" in examined.judgements[CRASH].text
