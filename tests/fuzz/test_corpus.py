"""All that fuzzing has kept and a few damaged inputs more, through each target: fast, and the same each time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

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
