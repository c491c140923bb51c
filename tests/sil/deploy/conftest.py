"""A rover, and a ground with everything that a deployment needs, without network."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sil.deploy.rover_bench import Folder, Ground, make_rover, make_wheels


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wheels and a cache of what pip made of them."""
    folder = tmp_path_factory.mktemp("ground")
    make_wheels(folder / "wheels")
    return folder


@pytest.fixture
def ground(tmp_path: Path, shared: Path) -> Ground:
    return Ground(tmp_path, shared / "wheels", shared / "cache")


@pytest.fixture
def rover(tmp_path: Path) -> Folder:
    return make_rover(tmp_path / "rover")
