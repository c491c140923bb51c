"""docs/sequences.md: its example is good, and check and dry-run print what the page shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flight.sequences.file import AbortStepSection, SequenceFile, StepSection
from sil.cli.app import run

GUIDE = (Path(__file__).parents[2] / "docs" / "sequences.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
CHECK, DRY_RUN = re.findall(r"```text\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture(autouse=True)
def _example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("look_ahead.toml").write_text(EXAMPLE)


def without_numbers(text: str) -> str:
    """Another libm may move the last digit of what was measured, and no more than that."""
    return re.sub(r" +", " ", re.sub(r"[-+]?\d+(\.\d+)?(e-?\d+)?", "#", text))


def test_check_prints_what_the_page_shows(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sequence", "check", "look_ahead.toml"]) == 0
    assert capsys.readouterr().out == CHECK


def test_dry_run_prints_what_the_page_shows(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sil", "hello", "--out", "runs/hello", "--no-pictures"]) == 0
    capsys.readouterr()

    assert run(["sequence", "dry-run", "look_ahead.toml", "--from", "runs/hello"]) == 0
    assert without_numbers(capsys.readouterr().out) == without_numbers(DRY_RUN)


def test_the_page_leaves_no_key_out() -> None:
    for section in (SequenceFile, StepSection, AbortStepSection):
        for key in section.__struct_fields__:
            assert f"`{key}`" in GUIDE or f"`[[{key}]]`" in GUIDE, key
