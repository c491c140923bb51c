"""`rahi sil`, `scenarios`, `defs`, `report`: what they print, and their exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sil.cli import main
from sil.cli.app import run
from sil.display import Lines
from sil.faults.families import families
from sil.faults.registry import REGISTRY
from sil.loader import shipped_scenarios
from sil.mission import Mission
from sim_hal.world_values import NAMES
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.exports.json import to_json
from telemetry_defs.exports.markdown import to_markdown
from telemetry_defs.exports.xtce import to_xtce

GOOD = """
name = "tiny"
world = "flat"
duration_s = 12.0
[start]
time_utc = 2029-09-24T00:00:00Z
[[command]]
at_s = 5.0
name = "mobility.drive_to"
args = { x_m = 1.0, y_m = 0.0, speed_m_s = 0.05, timeout_s = 60.0 }
[[expect]]
final_mode = "DRIVE"
"""


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _file(tmp_path: Path, text: str | bytes) -> str:
    path = tmp_path / "tiny.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def test_scenarios_lists_every_shipped_one(capsys: pytest.CaptureFixture[str]) -> None:
    """One line each, its name first."""
    assert run(["scenarios"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(shipped_scenarios())


@pytest.mark.parametrize(("option", "export"), [("--markdown", to_markdown), ("--json", to_json), ("--xtce", to_xtce)])
def test_defs_writes_each_export(option: str, export: object, capsys: pytest.CaptureFixture[str]) -> None:
    """Byte for byte what the exporter makes, so that it can be redirected into a file."""
    assert run(["defs", option]) == 0
    assert capsys.readouterr().out == export(DICTIONARY)  # type: ignore[operator]  # one of the three exporters


def test_defs_lists_everything_that_has_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    """Housekeeping, commands, events and parameters of all areas."""
    assert run(["defs"]) == 0
    named = {line.split()[1] for line in capsys.readouterr().out.splitlines()[1:]}
    parts = (DICTIONARY.housekeeping, DICTIONARY.commands, DICTIONARY.events, DICTIONARY.parameters)
    assert named == {item.name for part in parts for item in part}


def test_defs_shows_one_command_with_ranges_and_units(capsys: pytest.CaptureFixture[str]) -> None:
    """What an operator needs to send it."""
    assert run(["defs", "mobility.drive_to"]) == 0
    out = capsys.readouterr().out
    assert "0.005..0.05 m/s" in out
    assert "IDLE" in out


def test_a_run_that_holds_what_it_expects_ends_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Plain lines when piped; the first default folder is runs/NAME-SEED-1, the second -2."""
    for number in (1, 2):
        assert run(["sil", _file(tmp_path, GOOD), "--no-pictures", "--seed", "7"]) == 0
        out = capsys.readouterr().out
        assert "\x1b" not in out
        assert out.splitlines()[-1].startswith("passed: tiny, seed 7, 12 s")
        assert (tmp_path / "runs" / f"tiny-7-{number}" / "result.json").exists()


def test_a_run_that_does_not_ends_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The expectation that failed is named, with what was measured."""
    file = _file(tmp_path, GOOD.replace('"DRIVE"', '"CHARGE"'))
    assert run(["sil", file, "--no-pictures", "--out", "out"]) == 1
    out = capsys.readouterr().out
    assert "FAILED  final mode CHARGE: DRIVE" in out


def test_json_prints_the_result_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output is result.json."""
    assert run(["sil", _file(tmp_path, GOOD), "--no-pictures", "--out", "out", "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.out.encode() == (tmp_path / "out" / "result.json").read_bytes()
    assert json.loads(captured.out)["passed"] is True
    assert captured.err == ""


def test_when_rahi_itself_fails_the_exit_code_is_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line for the operator, the traceback in the result folder for us."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug\nin two lines")

    monkeypatch.setattr("sil.run.run", broken)
    assert run(["sil", _file(tmp_path, GOOD), "--out", "out"]) == 3
    captured = capsys.readouterr()
    assert len(captured.err.splitlines()) == 1
    assert "ZeroDivisionError: a bug in two lines" in captured.err
    assert "in broken" in (tmp_path / "out" / "traceback.txt").read_text()


BAD: dict[str, tuple[str | bytes, str]] = {
    "misspelt key": (GOOD.replace("duration_s", "durration_s"), "durration_s"),
    "negative duration": (GOOD.replace("12.0", "-12.0"), "duration_s"),
    "unknown command": (GOOD.replace("mobility.drive_to", "mobility.drive_two"), "mobility.drive_to"),
    "argument out of range": (GOOD.replace("0.05", "5.0"), "0.005..0.05"),
    "unknown argument": (GOOD.replace("x_m", "ex_m"), "ex_m"),
    "truncated": (GOOD[:-8], "tiny.toml"),
    "binary": (bytes(range(256)) * 20, "tiny.toml"),
    "empty": ("", "tiny.toml"),
    "time before on-board time": (GOOD.replace("2029-", "0001-"), "1981..2110"),
    "time after on-board time": (GOOD.replace("2029-", "9999-"), "1981..2110"),
    "dispersed out of range": (GOOD + "[[disperse]]\nkey = 'start.soc'\nlow = -1.0\nhigh = 1.0\n", "from 0.0 to 1.0"),
    "no such place in a field": (
        GOOD.replace('final_mode = "DRIVE"', 'value = "power.hk.faces_w[3]"\nmax = 1.0\nat_end = true'),
        "did you mean 'faces_w[",
    ),
    "place in a field of one value": (
        GOOD.replace('final_mode = "DRIVE"', 'value = "power.hk.soc[0]"\nmax = 1.0\nat_end = true'),
        "soc[0]",
    ),
    "expectation after the end": (
        GOOD.replace('final_mode = "DRIVE"', 'event = "system.boot"\nbetween_s = [0, 99]'),
        "99",
    ),
}


@pytest.mark.parametrize("case", sorted(BAD))
def test_a_bad_scenario_is_refused_in_one_line(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, the place of the mistake, no traceback, no result folder."""
    text, named = BAD[case]
    assert run(["sil", _file(tmp_path, text)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert named in captured.err
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["sil", "no_such_mission"],
        ["sil", "no/such/file.toml"],
        ["sil", "x" * 5000],
        ["sil", "hello", "--seed", "-1"],
        ["sil", "hello", "--sed", "1"],
        ["sil", "hello", "--duration", "nan"],
        ["sil", "hello", "--duration", "-5"],
        ["sil", "hello", "--seed", "x"],
        ["sil", "hello", "--out", "full"],
        ["sil", "hello", "--out", "full/of.txt"],
        ["live", "hello", "--out", "full"],
        ["live", "hello", "--speed", "-1"],
        ["live", "--replay", "full"],
        ["live", "--host", ""],
        ["send", "--host", "a" * 300, "system.ping"],
        ["watch", "--host", "..x"],
        ["defs", "mobility.drive_two"],
        ["defs", "mobility.hk", "--json"],
        ["defs", "--xtce", "--json"],
        ["report", "full"],
        ["fly"],
    ],
)
def test_bad_arguments_are_refused_in_one_line(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2 and nothing on standard output."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "of.txt").write_text("something")
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert captured.err.startswith("rahi: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["scenrios"], "no command 'scenrios'; did you mean 'scenarios'?"),
        (["sil", "frist_drive"], "did you mean 'first_drive'?"),
        (["defs", "mobilty"], "did you mean 'mobility'?"),
        (["defs", "world.sped"], "did you mean 'world.speed_m_s'?"),
        (["sil", "hello", "--no_pictues"], "--no-pictures"),
        (["sil", "hello", "--seed", "x"], "--seed = x: expected a whole number from 0 to 9223372036854775807"),
        (["sil", "hello", "--duration", "0"], "--duration = 0: expected a number above 0 to 1e+08"),
        (["live", "--speed", "nan"], "--speed = nan: expected a number from 0 to 1e+06"),
        (["defs", "--xtce", "--json"], "--xtce, --json"),
    ],
)
def test_a_refusal_says_what_would_do(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The nearest name, or option, text and range."""
    assert run(arguments) == 2
    assert said in capsys.readouterr().err


def test_all_mistakes_of_a_scenario_are_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    """One line each, up to five; each in words that say what does not fit."""
    assert run(["sil", "first_drive", "--duration", "10"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert "expectation 4 looks until 36 s (always_s), the run ends at 10 s" in lines[0]
    assert run(["sil", "lunar_day", "--duration", "0.01"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 6
    assert lines[-1].endswith(" more")


FAULT = '[[fault]]\nat_s = 1.0\ndevice = "{}"\nkind = "{}"\n'


@pytest.mark.parametrize(
    ("device", "kind", "said"),
    [
        ("wheels.front_left", "jamm", "; did you mean 'jam'?"),
        ("wheels.front_left", "flat", "it has: jam, "),
        ("wheels.left_front", "jam", "did you mean 'wheels.front_left'?"),
        ("parachute", "lost", "`rahi faults` lists all"),
    ],
)
def test_an_unknown_fault_is_told_with_those_there_are(
    device: str, kind: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Kinds of that device, or devices with a name like it."""
    assert run(["sil", _file(tmp_path, GOOD + FAULT.format(device, kind))]) == 2
    assert said in capsys.readouterr().err


def test_faults_lists_the_registry(capsys: pytest.CaptureFixture[str]) -> None:
    """One line a family, with its layer; in full every pair."""
    assert run(["faults"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(families())
    for line, family in zip(lines, families(), strict=True):
        assert line.startswith(family.name)
        assert f" {family.kind} " in line
        assert f" {family.fault.layer.value} " in line
    assert run(["faults", "--full"]) == 0
    text = capsys.readouterr().out
    assert all(device in text for device, _ in REGISTRY)


def test_faults_are_found_by_words(capsys: pytest.CaptureFixture[str]) -> None:
    """All words must be in the line; none that fits is bad input."""
    assert run(["faults", "WHEELS", "jam", "--full"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("jam of wheels.front_left, ")
    assert "mobility.stall" in text
    assert "imu" not in text
    assert run(["faults", "warp", "core"]) == 2


@pytest.mark.parametrize("word", ["wheels.*", "wheels.front_left/jam", "wheels.*/jam"])
def test_faults_are_found_by_the_names_that_are_shown(word: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Those of the list, and device/kind as everywhere else."""
    assert run(["faults", word]) == 0
    assert "jam" in capfd.readouterr().out


def test_defs_world_lists_the_truth_with_units(capsys: pytest.CaptureFixture[str]) -> None:
    """Under the names that expectations use."""
    assert run(["defs", "world"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[1] for line in lines] == [f"world.{name}" for name in NAMES]
    assert ["truth", "world.speed_m_s", "m/s"] in lines


def test_a_place_where_nothing_can_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, exit code 2, as for any folder that cannot be used."""
    (tmp_path / "runs").write_text("a file")
    assert run(["sil", "hello"]) == 2
    captured = capsys.readouterr()
    assert len(captured.err.splitlines()) == 1
    assert "runs/hello-1-1: cannot be made here" in captured.err
    assert "--out" in captured.err


def test_an_interrupted_run_says_how_far_it_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 130; what is left can be told from a result, and flown again."""

    def interrupt(self: Lines, mission: Mission) -> None:
        if mission.elapsed_s >= 7.0:
            raise KeyboardInterrupt

    monkeypatch.setattr(Lines, "update", interrupt)
    assert run(["sil", _file(tmp_path, GOOD), "--out", "out"]) == 130
    assert "interrupted at 0:00:07 (simulated), partial results in out" in capsys.readouterr().err
    assert run(["report", "out"]) == 2
    assert "did not end (no result.json)" in capsys.readouterr().err
    monkeypatch.undo()
    assert run(["sil", str(tmp_path / "out" / "scenario.toml"), "--out", str(tmp_path / "x"), "--no-pictures"]) == 0


@pytest.mark.process
@pytest.mark.parametrize("arguments", [["sil", "hello", "--no-pictures"], ["defs"], ["--help"], ["live"]])
def test_a_reader_that_goes_away_ends_the_command_quietly(arguments: list[str], tmp_path: Path) -> None:
    """As `| head -1` does: nothing on standard error, no message that Rahi failed."""
    read, write = os.pipe()
    os.close(read)
    line = [sys.executable, "-m", "sil.cli", *arguments, *(["--port", "0"] if arguments == ["live"] else [])]
    done = subprocess.run(line, stdout=write, stderr=subprocess.PIPE, timeout=60, cwd=tmp_path, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")
    assert not list(tmp_path.glob("runs/*/traceback.txt"))


@pytest.mark.parametrize("arguments", [[], ["send"]])
def test_a_group_without_a_command_shows_its_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error, in its lines, with the exit code of bad input."""
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "\nCommands:\n" in captured.err


def test_report_draws_a_folder_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both pictures, from the files alone."""
    assert run(["sil", _file(tmp_path, GOOD), "--no-pictures", "--out", "out"]) == 0
    assert run(["report", "out"]) == 0
    assert (tmp_path / "out" / "overview.png").read_bytes().startswith(b"\x89PNG")
    assert "tiny" in (tmp_path / "out" / "report.html").read_text()


@pytest.mark.process
def test_the_downlink_does_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    """Another process, another PYTHONHASHSEED, the same SHA-256; another seed, another one."""
    digests = []
    for hash_seed, seed in (("0", "3"), ("1", "3"), ("1", "4")):
        done = subprocess.run(
            [sys.executable, "-m", "sil.cli", "sil", "hello", "--json", "--no-pictures", "--seed", seed],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
            timeout=120,
            cwd=tmp_path,
        )
        digests.append(json.loads(done.stdout)["downlink_sha256"])
    assert digests[0] == digests[1]
    assert digests[0] != digests[2]


def test_ctrl_c_while_the_command_is_loading_ends_it_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Importing takes a moment, and a hand may be quicker."""

    class Interrupted:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "sil.cli.app":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "sil.cli.app")
    monkeypatch.setattr(sys, "meta_path", [Interrupted(), *sys.meta_path])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
