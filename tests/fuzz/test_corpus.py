"""All that fuzzing has kept and a few damaged inputs more, through each target: fast, and the same each time."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.fuzz.__main__ import main
from tests.fuzz.mutation import inputs
from tests.fuzz.target import target
from tests.fuzz.targets import NAMES

EXAMPLES = 25


@pytest.mark.parametrize("name", NAMES)
def test_kept_inputs_find_nothing_any_more(name: str) -> None:
    """Seeds of today, kept inputs, and those that once found a defect."""
    it = target(name)
    for data in (*it.seeds(), *(path.read_bytes() for path in it.kept())):
        it.check(data)


@pytest.mark.parametrize("name", NAMES)
def test_damaged_inputs_find_nothing(name: str) -> None:
    """Kept inputs with a few changes, and bytes out of nothing."""
    it = target(name)
    settings(max_examples=EXAMPLES)(given(inputs(it))(it.check))()


@pytest.mark.parametrize("name", NAMES)
def test_a_corpus_stays_small(name: str) -> None:
    """Seeds, not a heap."""
    sizes = [path.stat().st_size for path in target(name).kept()]
    assert len(sizes) <= 24
    assert sum(sizes) <= 6000


def test_an_input_that_cannot_be_read_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line that names it, before any is run; a folder is none either."""
    (tmp_path / "good").write_bytes(b"")
    for bad in (tmp_path / "none", tmp_path):
        with pytest.raises(SystemExit) as ended:
            main(["replay", "packets", str(tmp_path / "good"), str(bad)])
        captured = capsys.readouterr()
        assert ended.value.code == 2
        assert captured.err.startswith(f"python -m tests.fuzz: {bad}: cannot be read (")
        assert captured.err.count("\n") == 1
        assert captured.out == ""
