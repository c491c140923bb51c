"""What a user installs: the built wheel, outside the checkout, holds everything that it needs and nothing else."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("flight", "ground", "hal", "sil", "sim_hal", "telemetry_defs")

pytestmark = pytest.mark.process


def _run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Run a command to its end; what it printed, or a failure that shows what it complained of."""
    run = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, f"{command} ended with {run.returncode}:\n{run.stdout[-2000:]}\n{run.stderr[-4000:]}"
    return run.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without the network from a copy, so that the checkout is left alone."""
    copy = tmp_path_factory.mktemp("source")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "tests", copy / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", copy / "dist", copy, cwd=copy)
    (built,) = (copy / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds only what the wheel installs; the libraries come from the environment of the tests."""
    target = tmp_path_factory.mktemp("installed")
    _run(sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", target, wheel, cwd=target)
    return target


def test_the_wheel_holds_every_module_and_data_file(wheel: Path) -> None:
    """Each module, each TOML and each typing marker of the packages, and not one test."""
    inside = set(zipfile.ZipFile(wheel).namelist())
    expected = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert expected - inside == set()
    assert {name.split("/")[0] for name in inside if ".dist-info/" not in name} == set(PACKAGES)


def test_the_installed_rover_flies_its_first_mission(installed: Path, tmp_path: Path) -> None:
    """Outside the checkout, the default mission runs and holds, from installed files alone."""
    python = {"PYTHONPATH": str(installed), "PYTHONNOUSERSITE": "1"}

    where = _run(sys.executable, "-c", "import sil, flight; print(sil.__file__)", cwd=tmp_path, **python)
    printed = _run(
        sys.executable,
        "-m",
        "sil.cli",
        "sil",
        "first_drive",
        "--json",
        "--out",
        tmp_path / "run",
        cwd=tmp_path,
        **python,
    )

    assert Path(where.strip()).is_relative_to(installed)
    result = json.loads(printed)
    assert result["scenario"] == "first_drive"
    assert result["passed"] is True
    for name in ("downlink.bin", "telemetry.sqlite", "overview.png", "report.html"):
        assert (tmp_path / "run" / name).stat().st_size > 0, name


def test_the_installed_command_reads_the_dictionary(installed: Path, tmp_path: Path) -> None:
    """`rahi defs`, by the script that the wheel installs, prints the commands of the installed package."""
    printed = _run(installed / "bin" / "rahi", "defs", cwd=tmp_path, PYTHONPATH=str(installed))

    assert "mobility.drive_to" in printed
