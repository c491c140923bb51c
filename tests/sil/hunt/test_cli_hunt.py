"""`rahi hunt`: exit codes, what it says, and its workers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sil.cli.app import run
from sil.hunt import search
from sil.hunt.team import Progress, Team
from sil.properties.catalogue import PROPERTIES
from sil.scenario import Scenario
from tests.mutants.mutant import ROOT
from tests.sil.hunt.invented import Examiner, no_arc, plan

pytestmark = pytest.mark.process

SMALL = ("--workers", "1", "--seed", "1", "--long", "40")
MUTANT = "thermostat_inverted"
BROKEN = "warm_battery_is_not_heated"


STARTED: list[subprocess.Popen[str]] = []


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """And nothing that a failed test has started goes on."""
    monkeypatch.chdir(tmp_path)
    yield
    while STARTED:
        STARTED.pop().kill()


def test_nothing_found_ends_with_0(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The table on standard output, the figures in the folder; the corpus beside it."""
    assert run(["hunt", "--examples", "6", *SMALL]) == 0

    shown = capfd.readouterr()
    assert all(any(text.startswith(name) for text in shown.out.splitlines()) for name in PROPERTIES)
    assert "6 examples in" in shown.out
    assert "seed 1: nothing found" in shown.out
    assert shown.err.startswith("hunting with seed 1, 1 workers, missions of 40 s")
    content = json.loads((tmp_path / "found" / "hunt.json").read_bytes())
    assert (content["examples"], content["found"], content["sim_s"]) == (6, [], 240.0)
    assert (tmp_path / ".hunt").is_dir()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--property", "stops_on_stal"], "did you mean 'stops_on_stall'?"),
        (["--property", "zzz"], "'zzz' is no property; docs/properties.md lists them"),
        (["--examples", "0"], "--examples"),
        (["--workers", "0"], "--workers"),
        (["--long", "10"], "--long"),
        (["--rover", "north_pole"], "north_pole"),
        (["--out", "taken"], "taken: --out: expected a folder"),
        (["--corpus", "taken"], "taken: --corpus: expected a folder"),
    ],
)
def test_bad_input_ends_with_2(
    arguments: list[str], told: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """One line that names it; nothing is flown."""
    (tmp_path / "taken").write_text("a file")

    assert run(["hunt", *arguments]) == 2

    shown = capfd.readouterr()
    assert told in shown.err
    assert shown.err.count("\n") == 1
    assert shown.out == ""


def test_a_worker_that_fails_ends_with_3(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """With its traceback."""

    def fail(*_: object) -> object:
        raise RuntimeError("the examiner is ill")

    monkeypatch.setattr(search, "examine", fail)

    assert run(["hunt", "--examples", "4", *SMALL]) == 3
    assert "RuntimeError: the examiner is ill" in capfd.readouterr().err


def _hunting(*before: str, arguments: tuple[str, ...], folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", *before, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    STARTED.append(process)
    return process


def test_a_defect_is_found_and_replayed(tmp_path: Path) -> None:
    """A rover with a defect: exit 1, a scenario that fails with the defect each time and passes without it."""
    mutant, plain = ("tests.mutants", MUTANT, "--", "rahi"), ("sil.cli",)
    hunt = ("hunt", "--property", BROKEN, "--examples", "6", *SMALL)
    process = _hunting(*mutant, arguments=hunt, folder=tmp_path)
    out, err = process.communicate(timeout=200.0)

    assert process.returncode == 1, err
    (found,) = json.loads((tmp_path / "found" / "hunt.json").read_bytes())["found"]
    assert (found["property"], found["commands"], found["faults"]) == (BROKEN, 0, 0)
    assert 0.0 < found["found_s"] <= found["shrunk_s"]
    assert f"{BROKEN} is broken" in out
    assert (tmp_path / found["file"]).with_suffix(".png").exists()
    codes = []
    for who in (mutant, mutant, plain):
        replay = _hunting(*who, arguments=("sil", found["file"], "--no-pictures"), folder=tmp_path)
        replay.communicate(timeout=100.0)
        codes.append(replay.returncode)
    assert codes == [1, 1, 0]


@pytest.mark.parametrize("what", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_with_130(what: signal.Signals, tmp_path: Path) -> None:
    """What was covered is told, and no worker is left behind."""
    process, workers = _at_work(tmp_path)
    process.send_signal(what)
    out, err = process.communicate(timeout=60.0)

    assert process.returncode == 130, err
    assert "examples in" in out
    assert "Traceback" not in err
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


def test_a_lost_worker_is_no_clean_hunt(tmp_path: Path) -> None:
    """The system kills one where memory is short."""
    process, workers = _at_work(tmp_path)
    os.kill(workers[0], signal.SIGKILL)
    _, err = process.communicate(timeout=60.0)

    assert process.returncode == 3
    assert "a worker failed:\nworker 0 was lost (exit code -9)" in err


def test_workers_do_not_outlive_their_leader(tmp_path: Path) -> None:
    """Nobody would ever stop them."""
    process, workers = _at_work(tmp_path)
    process.kill()
    process.communicate(timeout=60.0)
    until_s = time.monotonic() + 60.0
    while any(_runs(pid) for pid in workers) and time.monotonic() < until_s:
        time.sleep(0.05)

    assert not any(_runs(pid) for pid in workers)


def _at_work(folder: Path) -> tuple[subprocess.Popen[str], list[int]]:
    """A hunt and its two workers."""
    process = _hunting("sil.cli", arguments=("hunt", "--minutes", "5", "--workers", "2"), folder=folder)
    workers: list[int] = []
    until_s = time.monotonic() + 60.0
    while len(workers) < 2 and time.monotonic() < until_s:
        workers = _children(process.pid)
        time.sleep(0.05)
    assert len(workers) == 2
    return process, workers


def _runs(pid: int) -> bool:
    """A zombie that nobody has waited for runs no longer."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []


def test_workers_share_the_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has its part and a seed of its own; what they covered is summed."""
    monkeypatch.setattr(search, "examine", Examiner(holds=lambda scenario: 0.5))
    shown: list[Progress] = []

    progress = Team(plan("holds", examples=30), 2, None).run(shown.append)

    assert progress.coverage.examples == 30
    assert progress.coverage.tested == {"holds": 30}
    assert (progress.find, progress.error, progress.found_s) == (None, None, None)
    assert shown


def test_the_first_find_ends_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes back whole, reduced by what a scenario is made of."""
    monkeypatch.setattr(search, "examine", Examiner(arcs_are_never_ordered=no_arc))
    monkeypatch.setattr("sil.hunt.team.examine", Examiner(arcs_are_never_ordered=no_arc))

    progress = Team(plan("arcs_are_never_ordered", examples=None), 2, 100.0).run(lambda progress: None)

    assert progress.find is not None
    assert [command.name for command in progress.find.scenario.command] == ["mobility.arc"]
    assert isinstance(progress.find.scenario, Scenario)
    assert progress.found_s is not None
    assert progress.shrunk_s is not None
    assert progress.found_s <= progress.shrunk_s


def test_time_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a find."""
    monkeypatch.setattr(search, "examine", Examiner(holds=lambda scenario: 1.0))

    progress = Team(plan("holds", examples=None), 1, 1.0).run(lambda progress: None)

    assert progress.find is None
    assert 1.0 <= progress.seconds < 60.0
    assert progress.coverage.examples > 0
