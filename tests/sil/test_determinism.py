"""Equal code, scenario and seed give equal bytes: in another process, under load, at any wall time."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sil.loader import load_scenario
from sil.run import run
from sim_hal.mathid import math_id
from tests.sil.conftest import Flown
from tests.sil.scenarios.flown import fly

ROOT = Path(__file__).parents[2]
NO_FMA = "glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2"
"""Makes glibc on x86-64 choose its plain sin, exp, pow and so on, as on an older processor."""
WALL_CLOCKS = ("time", "monotonic", "perf_counter")


def _fly_elsewhere(folder: Path, **environment: str) -> dict[str, Any]:
    """result.json of `first_drive` flown by another process, from another folder."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "sil.cli",
            "sil",
            "first_drive",
            "--json",
            "--no-pictures",
            "--out",
            str(folder / "run"),
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        cwd=folder,
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr.decode()
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _event_names(folder: Path) -> list[str]:
    return [json.loads(line)["name"] for line in (folder / "events.jsonl").read_bytes().splitlines()]


@pytest.fixture
def busy_core() -> Iterator[None]:
    """A process that spins, so that a run beside it is interrupted and shares caches."""
    spinning = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    yield
    spinning.kill()
    spinning.wait()


@pytest.mark.process
@pytest.mark.usefixtures("busy_core")
def test_another_process_under_load_sends_the_same_bytes(first_drive: Flown, tmp_path: Path) -> None:
    """Neither hash seed, time zone, language, working directory nor load reach the downlink."""
    result = _fly_elsewhere(tmp_path, PYTHONHASHSEED="1", TZ="Asia/Karachi", LC_ALL="C")
    assert result["downlink_sha256"] == first_drive.result.downlink_sha256
    assert result["math_id"] == first_drive.result.math_id
    for name in ("downlink.bin", "events.jsonl", "uplink.jsonl", "truth.csv"):
        assert (tmp_path / "run" / name).read_bytes() == (first_drive.folder / name).read_bytes(), name


def test_the_scenario_kept_with_a_run_replays_it(first_drive: Flown) -> None:
    """scenario.toml of the result folder loads as any other file and leads to the same bytes."""
    again = run(load_scenario(str(first_drive.folder / "scenario.toml")))
    assert again.downlink_sha256 == first_drive.result.downlink_sha256
    assert again.expectations == first_drive.result.expectations


def test_the_wall_clock_does_not_reach_the_downlink(first_drive: Flown, monkeypatch: pytest.MonkeyPatch) -> None:
    """With every wall clock standing still the mission is the same, though it seems to have taken no time."""
    with monkeypatch.context() as patch:
        for name in WALL_CLOCKS:
            patch.setattr(time, name, lambda: 1e9)
            patch.setattr(time, f"{name}_ns", lambda: 10**18)
        result = run(load_scenario("first_drive"))
    assert result.wall_s == 0.0
    assert result.downlink_sha256 == first_drive.result.downlink_sha256


def test_another_seed_sends_other_bytes() -> None:
    """The seed drives the noise, so what was measured differs within the first minute; the same one repeats."""
    digests = [fly("first_drive", seed=seed, duration_s=60.0)[1].downlink_sha256 for seed in (1, 8, 1)]
    assert digests[0] == digests[2]
    assert digests[0] != digests[1]


def _fma_of_glibc() -> bool:
    """Whether there is an FMA variant of glibc's functions to switch off."""
    if platform.libc_ver()[0] != "glibc" or platform.machine() != "x86_64":
        return False
    return " fma " in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")


@pytest.mark.process
@pytest.mark.skipif(not _fma_of_glibc(), reason="needs glibc on an x86-64 processor with FMA, to switch that off")
def test_another_floating_point_library_gives_the_same_mission(first_drive: Flown, tmp_path: Path) -> None:
    """With other last bits of sin, exp and so on: another math_id, the same verdict, the same order of events."""
    result = _fly_elsewhere(tmp_path, GLIBC_TUNABLES=NO_FMA)
    ours = first_drive.result
    assert result["math_id"] != ours.math_id
    assert [item["passed"] for item in result["expectations"]] == [item.passed for item in ours.expectations]
    assert result["final_mode"] == ours.final_mode
    assert _event_names(tmp_path / "run") == _event_names(first_drive.folder)
    assert result["distance_m"] == pytest.approx(ours.distance_m, rel=1e-3)


def test_another_zlib_gives_another_math_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """Images are compressed before they come down, so a library that finds other matches sends other bytes."""
    before = math_id()
    with monkeypatch.context() as patch:
        patch.setattr(zlib, "compress", lambda data, level: zlib.compressobj(1).compress(data))
        assert math_id() != before
    assert math_id() == before
