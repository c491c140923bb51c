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
N = 16
FEW = 4
DEADLINE_S = 240.0
LONG = TEXT.replace("duration_s = 20.0", "duration_s = 90.0")
"""About half a second a run: time enough to be hit in the middle."""


def _environment() -> dict[str, str]:
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path}


class Shell:
    """Starts campaigns, and leaves none behind."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._started: list[subprocess.Popen[str]] = []

    def rahi(self, out: str, *more: str, n: int = N) -> subprocess.Popen[str]:
        """In a process group of its own, as a shell would start it; what it says on standard error goes into a file."""
        command = [sys.executable, "-m", "sil.cli", "campaign", "long.toml", "--n", str(n), "--out", out, *more]
        with self.log(out).open("w") as log:
            process = subprocess.Popen(
                command, cwd=self.folder, env=_environment(), stdout=subprocess.PIPE, stderr=log, text=True,
                start_new_session=True,
            )  # fmt: skip
        self._started.append(process)
        return process

    def log(self, out: str) -> Path:
        """Standard error of the last campaign into that folder."""
        return self.folder / f"{out}.log"

    def ended(self, out: str, process: subprocess.Popen[str]) -> tuple[int, str, str]:
        """Exit code, and what it said."""
        told, _ = process.communicate(timeout=DEADLINE_S)
        return process.returncode, told, self.log(out).read_text()

    def end(self) -> None:
        """Whatever a failed test has left running."""
        for process in self._started:
            if process.poll() is None:
                process.kill()
                process.communicate()


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
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """Where the scenario lies."""
    path = tmp_path_factory.mktemp("campaign")
    (path / "long.toml").write_text(LONG, encoding="utf-8")
    shell = Shell(path)
    yield shell
    shell.end()


@pytest.fixture(scope="module")
def whole(shell: Shell) -> dict[str, list[Any]]:
    """The tables of a campaign that one worker flew from end to end."""
    code, out, err = shell.ended("whole", shell.rahi("whole", "--workers", "1"))
    assert code == 1, err
    assert f"{N} of {N} runs" in out
    assert f"{N} of {N} runs" in err
    tables = dump(shell.folder / "whole")
    assert len(tables["runs"]) == N
    assert len({row[1] for row in tables["runs"]}) == 2, "some pass and some fail"
    return tables


def test_a_campaign_survives_its_workers_and_its_leader(shell: Shell, whole: dict[str, list[Any]]) -> None:
    """A worker is killed: others come. The leader is killed: its workers end, and the same command flies the rest."""
    out = shell.folder / "hurt"
    process = shell.rahi("hurt", "--workers", "2")
    _has_rows(out, 1)
    os.kill(_workers(out)[0], signal.SIGKILL)
    log = shell.log("hurt")
    _until(lambda: "a worker was lost" in log.read_text() or process.poll() is not None, "nobody saw it")
    assert process.poll() is None, "it was over before the worker was missed"
    there = len(_query(out, "SELECT seed FROM runs"))
    _has_rows(out, there + 1)
    process.kill()
    assert shell.ended("hurt", process)[0] == -signal.SIGKILL, "it was over before it could be killed"
    assert "a worker was lost" in log.read_text()
    before = _query(out, "SELECT * FROM walls")
    assert 2 <= len(before) < N
    _until(lambda: not any(map(_alive, _workers(out))), "workers were left behind")
    code, told, err = shell.ended("hurt", shell.rahi("hurt", "--workers", "1"))
    assert code == 1, err
    assert f"{len(before)} of {N} runs are there already" in err
    assert f"{N} of {N} runs" in told
    assert dump(out) == whole
    assert set(before) <= set(_query(out, "SELECT * FROM walls")), "what was there was flown again"


@pytest.mark.soak
def test_ctrl_c_ends_cleanly_and_tells_how_to_go_on(shell: Shell, whole: dict[str, list[Any]]) -> None:
    """As a terminal sends it, to the whole group; exit code 130, nobody left, one line and no traceback."""
    out = shell.folder / "interrupted"
    process = shell.rahi("interrupted", "--workers", "2")
    _has_rows(out, 1)
    os.killpg(process.pid, signal.SIGINT)
    code, _, err = shell.ended("interrupted", process)
    assert code == 130, err
    assert "the same command flies the rest" in err
    assert "Traceback" not in err
    assert not any(map(_alive, _workers(out)))
    assert (out / "summary.html").exists()
    assert set(dump(out)["runs"]) < set(whole["runs"])


def test_a_run_of_the_campaign_is_replayed_by_the_command_of_its_summary(
    shell: Shell, whole: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same packets, same verdict."""
    failed = next(row for row in whole["runs"] if row[1] == "failed")
    folder = shell.folder
    text = (folder / "whole" / "summary.html").read_text()
    command = re.search(rf"<td>rahi (sil [^<]*--seed {failed[0]})</td>", text)
    assert command is not None
    monkeypatch.chdir(folder)
    assert run([*command[1].split(), "--no-pictures", "--out", "replayed"]) == 1
    result = json.loads((folder / "replayed" / "result.json").read_bytes())
    assert result["downlink_sha256"] in failed


def _address(log: Path) -> str:
    """Where the scheduler listens, from what it says."""
    said = re.compile(r"Scheduler at:\s+(tcp://\S+)\n")
    _until(lambda: said.search(log.read_text()) is not None, "the scheduler has not come up")
    return said.findall(log.read_text())[0]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[str]:
    """A scheduler and two workers on the loopback, as docs/campaign.md starts them."""
    if importlib.util.find_spec("distributed") is None:
        pytest.skip("distributed is not installed (pip install 'rahi[dask]')")
    started: list[subprocess.Popen[str]] = []
    log = tmp_path / "log"

    def start(what: str, *arguments: str) -> None:
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *arguments, "--host", "127.0.0.1"]
        with log.open("a") as file:
            started.append(
                subprocess.Popen([*command, "--no-dashboard"], cwd=tmp_path, env=_environment(), stderr=file, text=True)
            )

    try:
        start("scheduler", "--port", "0")
        address = _address(log)
        for _ in range(2):
            start("worker", address, "--nthreads", "1", "--no-nanny")
        yield address
    finally:
        for process in reversed(started):
            process.kill()  # a worker that is asked politely waits for a scheduler that has gone
            process.wait(timeout=DEADLINE_S)


def test_a_dask_cluster_flies_the_same_rows(
    shell: Shell, whole: dict[str, list[Any]], cluster: str, tmp_path: Path
) -> None:
    """Nothing changes but the address."""
    code, _, err = shell.ended("dask", shell.rahi("dask", "--scheduler", cluster, n=FEW))
    assert code == 1, err
    assert dump(shell.folder / "dask") == {name: [row for row in rows if row[0] <= FEW] for name, rows in whole.items()}
    assert len(_workers(shell.folder / "dask")) == 2
    assert "Exception ignored" not in (tmp_path / "log").read_text()
