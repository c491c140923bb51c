"""Scenarios that the hunt has found and that have been mended; docs/found-bugs.md tells the story of each."""

from pathlib import Path

import pytest

from sil.loader import load_scenario
from sil.run import run

FOLDER = Path(__file__).parent
FOUND = sorted(FOLDER.glob("*.toml"))
STORY = (FOLDER.parents[1] / "docs" / "found-bugs.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("file", FOUND, ids=lambda file: file.stem)
def test_what_was_found_stays_mended(file: Path) -> None:
    """Every expectation holds."""
    result = run(load_scenario(str(file)))
    assert [verdict for verdict in result.expectations if not verdict.passed] == []
    assert result.expectations


@pytest.mark.parametrize("file", FOUND, ids=lambda file: file.stem)
def test_its_story_is_told(file: Path) -> None:
    """By the name of its file."""
    assert f"`tests/regressions/{file.name}`" in STORY
