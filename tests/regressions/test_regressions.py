"""Scenarios that the hunt has found and that have been mended; docs/found-bugs.md tells the story of each."""

from pathlib import Path

import pytest

from sil.loader import load_scenario
from sil.run import run

FOLDER = Path(__file__).parent
FOUND = sorted(FOLDER.glob("*.toml"))


@pytest.mark.parametrize("file", FOUND, ids=lambda file: file.stem)
def test_what_was_found_stays_mended(file: Path) -> None:
    """Every expectation holds."""
    result = run(load_scenario(str(file)))
    assert [verdict for verdict in result.expectations if not verdict.passed] == []
    assert result.expectations
