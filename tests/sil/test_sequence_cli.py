"""`rahi sequence`: check, dry-run after a real run, load and start on a live rover; output and exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ground.sequence_load import load_arguments
from hal.api.clock import NS_PER_S
from sil.cli.app import run
from sil.dry_run import DryRun, flown
from sil.folder import write_folder, write_scenario
from sil.live.log import LIVE_FILE, LiveLog
from sil.live.session import open_ended
from sil.loader import load_scenario
from sil.mission import Mission
from sil.run import conclude, run as fly
from sil.sequence_check import judge_file
from telemetry_defs.areas.sequences import PART_BYTES
from telemetry_defs.framing import encode_frame
from telemetry_defs.packets import build_tc
from tests.flight.sequence_bench import HEAD as IDLE_HEAD, PING, STOP, step
from tests.flight.test_sequence_runner import ARC

SCENARIO = """
name = "tiny"
world = "flat"
duration_s = 60.0
[start]
time_utc = 2029-09-24T00:00:00Z
[[command]]
at_s = 5.0
name = "mobility.arc"
args = { curvature_1_m = 0.0, distance_m = 0.1, speed_m_s = 0.03, timeout_s = 60.0 }
"""
HEAD = IDLE_HEAD.replace('["IDLE"]', '["IDLE", "DRIVE"]')
GOOD = HEAD + ARC + step(1.0, "system.set_mode", '{ mode = "IDLE" }') + STOP
LONG_WAIT = '[[step]]\nwait = "power.hk.soc"\nmax = 0.1\ntimeout_s = 20.0\n'


@pytest.fixture(scope="module")
def flown_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute's run; read only."""
    folder = tmp_path_factory.mktemp("flown")
    (folder / "tiny.toml").write_text(SCENARIO)
    fly(load_scenario(str(folder / "tiny.toml")), out=folder / "run", pictures=False)
    return folder / "run"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def written(text: str) -> str:
    Path("it.toml").write_text(text)
    return "it.toml"


def test_check_prints_every_step_with_its_modes_and_good(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sequence", "check", written(GOOD)]) == 0
    lines = capsys.readouterr().out.splitlines()

    assert lines[0].startswith("test, sequence 64, ")
    assert re.fullmatch(r" +1  0 s +IDLE, DRIVE +mobility\.arc curvature_1_m=0\.0 .*", lines[1])
    assert re.fullmatch(r" +2  1 s +IDLE, DRIVE +system\.set_mode mode=IDLE", lines[2])
    assert lines[3].split() == ["abort", "1", "mobility.stop"]
    assert lines[-1] == "good"


def test_check_tells_every_problem_in_a_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    bad = HEAD + step(0.0, "system.pong") + step(0.0, "system.set_mode", '{ mode = "WAKE" }') + ARC
    assert run(["sequence", "check", written(bad)]) == 1
    out = capsys.readouterr().out

    problems = [line for line in out.splitlines() if line.startswith("it.toml: ")]
    assert [line.split(": ")[1] for line in problems] == [
        "it moves the rover, so an abort step must be mobility.stop",
        "step 1",
        "step 2",
        "step 3",
    ]
    assert "good" not in out


@pytest.mark.parametrize("text", ["not = [toml", "name = 1", HEAD, HEAD + "[[step]]\nat_s = -1.0\n"])
def test_what_is_no_sequence_file_ends_with_2(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sequence", "check", written(text)]) == 2
    assert capsys.readouterr().err.startswith("rahi: it.toml: ")


def test_a_missing_file_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sequence", "check", "nothing.toml"]) == 2
    assert "nothing.toml: no such file" in capsys.readouterr().err


def test_check_says_that_a_load_must_be_armed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sequence", "check", written(HEAD + step(0.0, "system.restart"))]) == 0
    assert "hazardous: its load must be armed" in capsys.readouterr().out


def test_dry_run_goes_on_from_the_run_and_tells_what_happens(
    flown_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It begins as the run did, byte for byte, and ends with the rover a metre on."""
    assert run(["sequence", "dry-run", written(GOOD), "--from", str(flown_run)]) == 0
    out = capsys.readouterr().out

    assert re.search(r"60\.0 s  the run has ended in (IDLE|DRIVE)", out)
    told = [
        "sequences.load, part 0: completed",
        "sequences.start: completed",
        "step 1 done: mobility.arc",
        "step 2 done: system.set_mode mode=IDLE",
        "completed after",
        "soc 0.",
        "mode DRIVE before, IDLE after",
    ]
    assert [text for text in told if text in out] == told
    moved = re.search(r"x_m [\d.]+ -> [\d.]+ \(\+([\d.]+)\)", out)
    assert moved is not None
    assert float(moved[1]) == pytest.approx(1.0, abs=0.1)
    assert f"up to its end the downlink is byte for byte that of {flown_run}" in out


def test_dry_run_of_a_sequence_that_is_aborted_ends_with_1(flown_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sequence", "dry-run", written(HEAD + LONG_WAIT + PING), "--from", str(flown_run)]) == 1
    assert "aborted at step 1: TIMEOUT" in capsys.readouterr().out


def test_dry_run_says_when_it_was_not_watched_to_its_end(flown_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sequence", "dry-run", written(HEAD + LONG_WAIT), "--from", str(flown_run), "--for", "5"]) == 1
    assert "not known to have ended 5 s after its start" in capsys.readouterr().out


def test_dry_run_of_a_start_that_is_refused_ends_with_1(flown_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = IDLE_HEAD.replace("IDLE", "CHARGE") + PING
    assert run(["sequence", "dry-run", written(text), "--from", str(flown_run)]) == 1
    assert "sequences.start: start failed (MODE)" in capsys.readouterr().out


def test_dry_run_does_not_pretend_that_the_rover_ships_with_a_file(
    flown_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (HEAD + PING).replace("id = 64", "id = 1")
    assert run(["sequence", "dry-run", written(text), "--from", str(flown_run)]) == 1
    assert "the rover ships with no such sequence 1" in capsys.readouterr().out


def tried_through_a_gap(flown_run: Path, to_s: int) -> tuple[DryRun, list[str]]:
    """A dry run with both links in a gap from 50 s on."""
    mission = Mission(flown(flown_run)[0])
    for radio in ("local", "relay"):
        mission.simulation.add_gap(radio, 50 * NS_PER_S, to_s * NS_PER_S)
    told: list[str] = []
    trial = DryRun(mission, None, judge_file(Path(written(GOOD))), 100.0, lambda _, text: told.append(text))
    mission.run(trial.pace)
    return trial, told


def test_dry_run_without_a_link_says_so(flown_run: Path) -> None:
    """Nothing is put on board by any other way."""
    trial, told = tried_through_a_gap(flown_run, 10_000)

    assert told[-1] == "no answer on either radio for 120 s: nothing can be put on board now"
    assert not trial.completed


def test_dry_run_waits_for_the_end_of_a_gap(flown_run: Path) -> None:
    """The first pings are lost; it begins a minute late."""
    trial, told = tried_through_a_gap(flown_run, 120)

    assert trial.completed
    assert "mode IDLE before, IDLE after" in told


def test_dry_run_tells_a_rover_that_is_another_one(
    flown_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It goes on all the same: the operator knows why the software is newer, or does not."""
    changed = tmp_path / "changed"
    changed.mkdir()
    for name in ("scenario.toml", "result.json"):
        (changed / name).write_bytes((flown_run / name).read_bytes())
    result = json.loads((changed / "result.json").read_text())
    (changed / "result.json").write_text(json.dumps(result | {"downlink_sha256": "0" * 64}))

    assert run(["sequence", "dry-run", written(GOOD), "--from", str(changed)]) == 0
    assert "the downlink DIFFERS" in capsys.readouterr().out


@pytest.mark.parametrize("folder", ["nowhere", "."])
def test_dry_run_from_what_is_no_result_folder_ends_with_2(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sequence", "dry-run", written(GOOD), "--from", folder]) == 2
    assert "scenario.toml" in capsys.readouterr().err


def test_dry_run_keeps_its_results_if_asked(flown_run: Path, tmp_path: Path) -> None:
    arguments = ["sequence", "dry-run", written(GOOD), "--from", str(flown_run), "--out", "longer"]
    assert run(arguments) == 0
    result = json.loads((tmp_path / "longer" / "result.json").read_text())
    assert result["sim_s"] > 90.0
    assert result["events"]["sequences.completed"] == 1

    assert run(arguments) == 2  # not empty


def live_session(folder: Path) -> None:
    """What `rahi live` leaves behind, without its sockets: a ping of an operator at 30 s, the end at 40 s."""
    (folder / "tiny.toml").write_text(SCENARIO)
    mission = Mission(open_ended(load_scenario(str(folder / "tiny.toml"))))
    write_scenario(folder, mission)
    ping = b"\x00" + encode_frame(build_tc(0x100, 17, 1, 0, 2, b""))
    with LiveLog(folder / LIVE_FILE) as log:

        def pace(now_ns: int) -> None:
            if now_ns == 30 * NS_PER_S:
                log.received(now_ns, "local", ping)
                mission.uplink("local", ping)
            elif now_ns == 40 * NS_PER_S:
                log.ended(now_ns)
                mission.end()

        mission.run(pace)
    write_folder(folder, mission, conclude(mission, 1.0, folder), pictures=False)


def test_dry_run_goes_on_from_a_live_session_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its log is repeated."""
    folder = tmp_path / "session"
    folder.mkdir()
    live_session(folder)

    assert run(["sequence", "dry-run", written(GOOD), "--from", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "up to its end the downlink is byte for byte" in out
    assert "completed after" in out


def test_load_refuses_before_it_connects(capsys: pytest.CaptureFixture[str]) -> None:
    """A bad sequence with 1; one that must be armed, or cannot be loaded, with 2; a good one finds no rover: 2."""
    assert run(["sequence", "load", written(HEAD + ARC)]) == 1
    assert run(["sequence", "load", written(HEAD + step(0.0, "system.restart"))]) == 2
    assert "needs --arm" in capsys.readouterr().err
    assert run(["sequence", "load", written((HEAD + PING).replace("id = 64", "id = 3"))]) == 2
    assert "ground loads 64..127" in capsys.readouterr().err
    assert run(["sequence", "load", written(HEAD + PING), "--port", "1"]) == 2
    assert "no live rover" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["200", "nothing.toml"])
def test_start_refuses_what_is_no_sequence(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sequence", "start", name, "--port", "1"]) == 2
    assert capsys.readouterr().err.startswith("rahi: ")


def test_the_parts_of_a_load_are_whole() -> None:
    data = bytes(range(256)) * 4
    parts = load_arguments(64, data, hazardous=True)

    assert b"".join(bytes(part["data"]) for part in parts) == data  # type: ignore[call-overload]  # bytes, as declared
    assert [part["part"] for part in parts] == list(range(len(parts)))
    assert {part["parts"] for part in parts} == {-(-len(data) // PART_BYTES)}
