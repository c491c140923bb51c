"""`rahi-flight`: options, exit status, messages in one line."""

from __future__ import annotations

import pytest

from flight.__main__ import EXIT_CODES, main
from flight.executive import ExitReason


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--hal", "moon"], "--hal moon: no such board, have sim"), (["--rover", "nope"], "nope: no such rover")],
)
def test_what_cannot_be_started_is_said_in_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 2, nothing on standard output."""
    assert main(arguments) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1


def test_the_supervisor_can_tell_every_end_from_every_other() -> None:
    """One exit status for each reason, zero only for a stop that was asked for."""
    assert set(EXIT_CODES) == set(ExitReason)
    assert len(set(EXIT_CODES.values())) == len(ExitReason)
    assert EXIT_CODES[ExitReason.STOPPED] == 0
