"""`rahi campaign` with real workers: killed, interrupted, shared out differently; the rows stay the same."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sil.cli.app import run
from tests.sil.campaign.rig import TEXT, dump

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[2]
N = 6
DEADLINE_S = 60.0
LONG = TEXT.replace("duration_s = 20.0", "duration_s = 120.0")
"""About half a second a run: time enough to be hit in the middle."""


def _rahi(folder: Path, out: str, *more: str, n: int = N) -> subprocess.Popen[str]:
    """In a process group of its own, as a shell would start it."""
    command = [sys.executable, "-m", "sil.cli", "campaign", "long.toml", "--n", str(n), "--out", out, *more]
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip


def _ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=DEADLINE_S)
    return process.returncode, out, err


def _until(true: Callable[[], bool], what: str) -> None:
    end_s = time.monotonic() + DEADLINE_S
    while not true():
        assert time.monotonic() < end_s, what
        time.sleep(0.05)


def _query(out: Path, text: str) -> list[Any]:
    try:
        db = sqlite3.connect(f"file:{out / 'results.sqlite'}?mode=ro", uri=True)
    except sqlite3.OperationalError:
        return []
    try:
        return db.execute(text).fetchall()
    except sqlite3.OperationalError:  # the leader is making its tables
        return []
    finally:
        db.close()


def _has_rows(out: Path, least: int) -> None:
    _until(lambda: len(_query(out, "SELECT seed FROM runs")) >= least, "no rows came")


def _workers(out: Path) -> list[int]:
    return [int(name.rpartition(":")[2]) for (name,) in _query(out, "SELECT DISTINCT worker FROM walls")]


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the scenario lies."""
    path = tmp_path_factory.mktemp("campaign")
    (path / "long.toml").write_text(LONG, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def whole(folder: Path) -> dict[str, list[Any]]:
    """The tables of a campaign that one worker flew from end to end."""
    code, out, err = _ended(_rahi(folder, "whole", "--workers", "1"))
    assert code == 1, err
    assert f"{N} of {N} runs" in out
    assert f"{N} of {N} runs" in err
    tables = dump(folder / "whole")
    assert len(tables["runs"]) == N
    assert len({row[1] for row in tables["runs"]}) == 2, "some pass and some fail"
    return tables


def test_two_workers_fly_the_same_rows(folder: Path, whole: dict[str, list[Any]]) -> None:
    """And both of them fly."""
    code, _, err = _ended(_rahi(folder, "two", "--workers", "2"))
    assert code == 1, err
    assert dump(folder / "two") == whole
    assert len(_workers(folder / "two")) == 2


def test_a_campaign_that_was_killed_is_finished_by_the_same_command(folder: Path, whole: dict[str, list[Any]]) -> None:
    """kill -9 of the leader: its workers end by themselves, the rows that were told stay, only the rest is flown."""
    process = _rahi(folder, "killed", "--workers", "2")
    _has_rows(folder / "killed", 2)
    process.kill()
    _ended(process)
    left = dump(folder / "killed")["runs"]
    walls = _query(folder / "killed", "SELECT * FROM walls")
    assert 2 <= len(left) < N
    _until(lambda: not any(map(_alive, _workers(folder / "killed"))), "workers were left behind")
    code, out, err = _ended(_rahi(folder, "killed", "--workers", "1"))
    assert code == 1, err
    assert f"{N} of {N} runs" in out
    assert dump(folder / "killed") == whole
    assert set(walls) <= set(_query(folder / "killed", "SELECT * FROM walls")), "what was there was flown again"


def test_ctrl_c_ends_cleanly_and_tells_how_to_go_on(folder: Path, whole: dict[str, list[Any]]) -> None:
    """As a terminal sends it, to the whole group; exit code 130, nobody left, one line and no traceback."""
    process = _rahi(folder, "interrupted", "--workers", "2")
    _has_rows(folder / "interrupted", 1)
    os.killpg(process.pid, signal.SIGINT)
    code, _, err = _ended(process)
    assert code == 130, err
    assert "the same command flies the rest" in err
    assert "Traceback" not in err
    assert not any(map(_alive, _workers(folder / "interrupted")))
    assert (folder / "interrupted" / "summary.html").exists()
    assert _ended(_rahi(folder, "interrupted"))[0] == 1
    assert dump(folder / "interrupted") == whole


def test_a_worker_that_is_killed_costs_no_row(folder: Path, whole: dict[str, list[Any]]) -> None:
    """The campaign begins again with new workers, and says so."""
    process = _rahi(folder, "bereft", "--workers", "2")
    _has_rows(folder / "bereft", 1)
    os.kill(_workers(folder / "bereft")[0], signal.SIGKILL)
    code, _, err = _ended(process)
    assert code == 1, err
    assert "a worker was lost" in err
    assert dump(folder / "bereft") == whole


def test_a_run_of_the_campaign_is_replayed_by_the_command_of_its_summary(
    folder: Path, whole: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same packets, same verdict."""
    failed = next(row for row in whole["runs"] if row[1] == "failed")
    text = (folder / "whole" / "summary.html").read_text()
    command = re.search(rf"<td>rahi (sil [^<]*--seed {failed[0]})</td>", text)
    assert command is not None
    monkeypatch.chdir(folder)
    assert run([*command[1].split(), "--no-pictures", "--out", "replayed"]) == 1
    result = json.loads((folder / "replayed" / "result.json").read_bytes())
    assert result["downlink_sha256"] in failed


def _address(process: subprocess.Popen[str]) -> str:
    """Where the scheduler listens, from what it says."""
    assert process.stderr is not None
    for line in process.stderr:
        found = re.search(r"Scheduler at:\s+(tcp://\S+)", line)
        if found:
            return found[1]
    raise AssertionError("the scheduler has not come up")


@pytest.fixture
def cluster(folder: Path) -> Iterator[str]:
    """A scheduler and two workers on the loopback, as docs/campaign.md starts them."""
    if importlib.util.find_spec("distributed") is None:
        pytest.skip("distributed is not installed (pip install 'rahi[dask]')")
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]],
            cwd=folder, env={**os.environ, "PYTHONPATH": path}, text=True, stderr=subprocess.PIPE,
        )  # fmt: skip
        started.append(process)
        return process

    try:
        address = _address(start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"))
        for _ in range(2):
            start("worker", address, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard")
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.communicate(timeout=DEADLINE_S)


def test_a_dask_cluster_flies_the_same_rows(folder: Path, whole: dict[str, list[Any]], cluster: str) -> None:
    """Nothing changes but the address."""
    code, _, err = _ended(_rahi(folder, "dask", "--scheduler", cluster))
    assert code == 1, err
    assert dump(folder / "dask") == whole
    assert len(_workers(folder / "dask")) == 2
