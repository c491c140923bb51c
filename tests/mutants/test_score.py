"""The score's arithmetic and its lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants import score
from tests.mutants.catalogue import MUTANTS
from tests.mutants.prove import BROKEN, HELD
from tests.mutants.score import FAILED, Outcome, enough, main, table, verdict

FOUND = Outcome(
    name="a", broken="wheels_need_command", as_expected=True, found_s=4.0, shrunk_s=8.0, faults=1, commands=2
)
MISSED = Outcome(name="b", note="not found", examples=700)


@pytest.mark.parametrize(("missed", "passes"), [(3, True), (4, False)])
def test_22_of_25_are_enough(missed: int, passes: bool) -> None:
    """88 % is the promise."""
    assert enough([FOUND] * (25 - missed) + [MISSED] * missed) is passes


def test_the_table_tells_found_missed_and_medians() -> None:
    """A line for each, then the sum; what was not found does not spoil the medians."""
    text = "\n".join(table([FOUND, MISSED]))

    assert "not found (700 examples)" in text
    assert "1 of 2 found" in text
    assert "found after 4.0 s, shrunk after 8.0 s, 3 faults and commands left" in text


def test_a_find_on_another_property_is_marked() -> None:
    """Whoever wrote the mutant should know."""
    other = Outcome(name="a", broken="clock_runs_forward", found_s=4.0, shrunk_s=8.0, faults=0, commands=0)

    assert "not a property that was expected" in next(table([other]))


@pytest.mark.parametrize(
    ("statuses", "crashed", "counts"),
    [
        ((BROKEN, BROKEN, HELD), False, True),
        ((FAILED, FAILED, HELD), True, True),
        ((BROKEN, HELD, HELD), False, False),
        ((BROKEN, BROKEN, BROKEN), False, False),
        ((BROKEN, BROKEN, HELD), True, False),
    ],
)
def test_a_find_counts_if_it_repeats_with_the_defect_only(
    statuses: tuple[int, int, int], crashed: bool, counts: bool
) -> None:
    """Twice with it, not without it, and failing the way the hunt said."""
    assert (verdict(statuses[:2], statuses[2], FAILED if crashed else BROKEN) == "") is counts


def test_an_unknown_mutant_is_refused(tmp_path: Path) -> None:
    """Before anything runs."""
    with pytest.raises(SystemExit) as ended:
        main(["--only", "no_such", "--out", str(tmp_path)])

    assert ended.value.code == 2


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the mutants that would have been hunted."""
    hunted: list[str] = []

    def hunt(name: str, *_: object) -> Outcome:
        hunted.append(name)
        return MISSED

    monkeypatch.setattr(score, "score", hunt)
    return hunted


@pytest.mark.parametrize(
    ("option", "values", "expected"),
    [
        ("--minutes", ("nan", "-1", "0", "inf", "soon"), "number above 0 to 100000"),
        ("--workers", ("0", "257", "1.5"), "whole number from 1 to 256"),
        ("--seed", ("-1", str(2**63)), f"whole number from 0 to {2**63 - 1}"),
    ],
)
def test_a_wrong_number_is_told_before_anything_starts(
    option: str,
    values: tuple[str, ...],
    expected: str,
    tmp_path: Path,
    idle: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One line with option, value and range; what an earlier score left stays."""
    for value in values:
        with pytest.raises(SystemExit) as ended:
            main([option, value, "--out", str(tmp_path / "out")])
        text = capsys.readouterr().err
        assert ended.value.code == 2
        assert f"{option}: '{value}' is not allowed: expected a {expected}\n" in text
        assert text.count("\n") == 1
    assert not idle
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("below", ["", "deeper"])
def test_an_out_that_is_no_folder_is_told(
    below: str, tmp_path: Path, idle: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """One line that names it."""
    (tmp_path / "file").write_text("kept", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["--only", next(iter(MUTANTS)), "--out", str(tmp_path / "file" / below)])
    text = capsys.readouterr().err

    assert ended.value.code == 2
    assert f"--out {tmp_path / 'file' / below}: expected a folder that can be written to" in text
    assert text.count("\n") == 1
    assert not idle
