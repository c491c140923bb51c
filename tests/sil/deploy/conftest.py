"""A rover, a ground with everything that a deployment needs without network, and slots on both disks."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sil.deploy.deployment import Wishes
from sil.deploy.target.disk import Disk
from tests.sil.deploy.memory_disk import MemoryDisk
from tests.sil.deploy.rover_bench import ROVER, Folder, Ground, make_rover, make_wheels
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


@pytest.fixture(scope="session")
def first_install(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> tuple[Path, Path]:
    """Where a rover lies, and how it looked after version 1: its paths are in its files, so it is put back in place."""
    folder = tmp_path_factory.mktemp("installed")
    rover = make_rover(folder / "rover")
    ground = Ground(folder, shared / "wheels", shared / "cache")
    assert ground.deploy(rover, Wishes(ground.sources("1"), ROVER))
    (rover.root / "starts").unlink()
    shutil.copytree(rover.root, folder / "as-installed", symlinks=True)
    return rover.root, folder / "as-installed"


@pytest.fixture
def installed(first_install: tuple[Path, Path]) -> Folder:
    """A rover on which version 1 runs."""
    root, as_installed = first_install
    shutil.rmtree(root)
    shutil.copytree(as_installed, root, symlinks=True)
    return Folder(root)
