"""A rover, a ground with everything that a deployment needs without network, and slots on both disks."""

from __future__ import annotations

from pathlib import Path

import pytest

from sil.deploy.target.disk import Disk
from tests.sil.deploy.memory_disk import MemoryDisk
from tests.sil.deploy.rover_bench import Folder, Ground, make_rover, make_wheels
from tests.sil.deploy.slot_bench import Bench


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


@pytest.fixture(params=["memory", "real"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """The same on both disks."""
    root = tmp_path / "rover" if request.param == "real" else Path("/rover")
    return Bench(Disk() if request.param == "real" else MemoryDisk(), root)
