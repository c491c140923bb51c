"""The default mission, flown once a test process, for every test that only looks at what it left behind."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from sil.loader import load_scenario
from sil.result import Result
from sil.run import run


class Flown(NamedTuple):
    """A finished run and its folder.  Read only: the tests share it."""

    result: Result
    folder: Path


@pytest.fixture(scope="session")
def first_drive(tmp_path_factory: pytest.TempPathFactory) -> Flown:
    """`first_drive` with its own seed, without pictures."""
    folder = tmp_path_factory.mktemp("first_drive") / "run"
    return Flown(run(load_scenario("first_drive"), out=folder, pictures=False), folder)
