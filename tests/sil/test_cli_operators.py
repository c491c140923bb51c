"""`rahi send`, `watch`, `drive`: what the dictionary gives them, and one live rover with real processes."""

import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from ground.archive import Archive
from sil.cli.app import app, run
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.wire import fields_of

DRIVE_TO = ["--x_m", "6", "--y_m", "0", "--speed_m_s", "0.05", "--timeout_s", "60"]


def _completed(*words: str) -> set[str]:
    *arguments, incomplete = words
    shell = ShellComplete(app, {}, "rahi", "_RAHI_COMPLETE")
    return {item.value for item in shell.get_completions(list(arguments), incomplete)}


@pytest.mark.parametrize("command", [command.name for command in DICTIONARY.commands])
def test_every_telecommand_has_help_with_its_arguments(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An option for each argument, whether the command is hazardous, and how to reach the rover."""
    assert run(["send", command, "--help"]) == 0
    out = capsys.readouterr().out
    definition = DICTIONARY.command(command)
    assert all(f"--{field.name}" in out for field in fields_of(definition.cls))
    assert ("Hazardous" in out) is definition.hazardous
    assert "--host" in out


def test_completion_knows_the_dictionary() -> None:
    """Commands, options, modes, parameters, what can be armed."""
    assert "mobility.drive_to" in _completed("send", "mobility.dr")
    assert "--speed_m_s" in _completed("send", "mobility.drive_to", "--s")
    assert _completed("send", "system.set_mode", "--mode", "THERM") == {"THERMAL_HOLD"}
    assert "mobility.slip_stop" in _completed("send", "system.set_parameter", "--parameter", "mobility.slip")
    assert "mobility.release" in _completed("send", "system.arm", "--target", "mobility.re")
    assert "first_drive" in _completed("sil", "fir")
    assert "power.hk" in _completed("defs", "power.h")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["mobility.drive_two"], "mobility.drive_to"),
        (["mobility.drive_to", "--x_m", "1"], "--y_m"),
        (["mobility.drive_to", *DRIVE_TO[:-4], "--speed_m_s", "5", "--timeout_s", "60"], "0.005..0.05"),
        (["mobility.drive_to", *DRIVE_TO[2:], "--x_m", "east"], "a number"),
        (["mobility.drive-to", *DRIVE_TO[2:], "--x-m", "nan"], "x_m"),
        (["system.set_mode", "--mode", "DRIFE"], "DRIVE"),
        (["system.set_parameter", "--parameter", "mobility.slip_stopp", "--value", "1"], "mobility.slip_stop"),
        (["system.set_parameter", "--parameter", "mobility.slip_stop", "--value", "7"], "0.05..1"),
        (["system.arm", "--target", "system.ping"], "no arming"),
        (["system.ping", "--radio", "carrier_pigeon"], "relay"),
    ],
)
def test_a_bad_telecommand_is_refused_before_anybody_connects(
    arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line with what is wrong; exit code 2."""
    assert run(["send", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert named in captured.err
    assert "no live rover" not in captured.err


# ---- a live rover ------------------------------------------------------------------------------------------------


class Rover:
    """`rahi live` in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_ports()
        self.environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "COLUMNS": "120"}
        self.process = subprocess.Popen(
            self.line("live", "--out", str(folder / "session"), "--speed", "20", "--no-pictures"),
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert "Ctrl-C ends" in self.process.stdout.readline()

    def line(self, name: str, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "sil.cli", name, "--port", str(self.port), *arguments]

    def run(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        line = self.line(name, *arguments)
        return subprocess.run(line, env=self.environment, capture_output=True, text=True, timeout=60, check=False)

    def end(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=60)
        return self.process.returncode


def _free_ports() -> int:
    """The first of three neighbours that nobody uses."""
    for port in range(20_000 + os.getpid() % 20_000, 65_000, 3):
        with socket.socket() as one, socket.socket() as two, socket.socket() as three:
            try:
                for offset, free in enumerate((one, two, three)):
                    free.bind(("127.0.0.1", port + offset))
            except OSError:
                continue
        return port
    raise AssertionError("no three free ports")


@pytest.fixture(scope="module")
def rover(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rover]:
    made = Rover(tmp_path_factory.mktemp("live"))
    try:
        yield made
    finally:
        made.end()


@pytest.mark.process
def test_send_shows_each_verification_report(rover: Rover) -> None:
    """Accepted, started, completed: exit code 0."""
    done = rover.run("send", "system.ping")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["sent", "accepted", "started", "completed"]


@pytest.mark.process
def test_a_refused_telecommand_ends_with_1_and_says_why(rover: Rover) -> None:
    """The lander's release is legal in EGRESS only; a hazardous one needs arming."""
    done = rover.run("send", "mobility.release")
    assert done.returncode == 1
    assert re.search(r"refused   mobility.release: MODE, not legal in [A-Z]+$", done.stdout, re.MULTILINE)
    change = ("system.set_parameter", "--parameter", "mobility.slip_stop", "--value", "0.45")
    assert "NOT_ARMED, mobility.slip_stop needs --arm" in rover.run("send", *change).stdout
    assert rover.run("send", *change, "--arm").returncode == 0


@pytest.mark.process
@pytest.mark.parametrize("option", ["--no-wait", "--no_wait"])
def test_options_may_be_written_with_hyphen_or_underscore(rover: Rover, option: str) -> None:
    """As the arguments of telecommands may."""
    done = rover.run("send", "system.ping", option)
    assert (done.returncode, done.stdout) == (0, "sent system.ping\n")


@pytest.mark.process
def test_a_guard_that_refuses_a_mode_is_told_with_the_mode(rover: Rover) -> None:
    """The number beside the code stands for it."""
    done = rover.run("send", "system.set_mode", "--mode", "STOWED")
    assert "GUARD_REFUSED, on the way to STOWED" in done.stdout


@pytest.mark.process
def test_a_taken_port_leaves_no_folder(rover: Rover, tmp_path: Path) -> None:
    """The ports are taken before anything is made."""
    done = rover.run("live", "--out", str(tmp_path / "second"))
    assert done.returncode == 2
    assert f"control port 127.0.0.1:{rover.port}: Address already in use; take three others" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.process
def test_the_relay_can_be_chosen_where_the_command_has_a_radio_of_its_own(rover: Rover) -> None:
    """The first --radio is the way, the second what the command says."""
    done = rover.run("send", "--radio", "relay", "comms.set_rate", "--radio", "local", "--rate", "auto")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.process
def test_watch_prints_what_comes_down(rover: Rover) -> None:
    """One JSON object a packet, from the start of a frame."""
    watching = subprocess.Popen(rover.line("watch", "--json"), env=rover.environment, stdout=subprocess.PIPE, text=True)
    assert watching.stdout is not None
    packets = [json.loads(watching.stdout.readline()) for _ in range(5)]
    watching.send_signal(signal.SIGINT)
    watching.communicate(timeout=20)
    assert watching.returncode == 0
    assert {"radio", "name", "kind", "time_ns", "fields"} == set(packets[0])


@pytest.mark.process
def test_watch_in_a_pipe_gives_the_time_of_each_packet(rover: Rover) -> None:
    """On-board time in UTC first, on every line."""
    watching = subprocess.Popen(rover.line("watch"), env=rover.environment, stdout=subprocess.PIPE, text=True)
    assert watching.stdout is not None
    lines = [watching.stdout.readline() for _ in range(3)]
    watching.send_signal(signal.SIGINT)
    watching.communicate(timeout=20)
    assert all(re.match(r"2029-09-24T\d\d:\d\d:\d\d\.\dZ (local|relay) ", line) for line in lines), lines


@pytest.mark.process
def test_record_takes_a_live_rover_too(rover: Rover, tmp_path: Path) -> None:
    """By host and port; the folder says where it came from."""
    folder = tmp_path / "tape"
    done = rover.run("record", "--for", "3", "--out", str(folder), "--no-pictures")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"recording rahi live at 127.0.0.1:{rover.port} into {folder}; Ctrl-C ends\n")
    result = json.loads((folder / "result.json").read_bytes())
    assert result["name"] == f"recording of rahi live at 127.0.0.1:{rover.port}"
    with Archive.read(folder / "telemetry.sqlite") as archive:
        raw = list(archive.raw_packets())
    assert b"".join(raw) == (folder / "downlink.bin").read_bytes()
    assert result["downlink_packets"] == len(raw) > 10


@pytest.mark.process
def test_drive_knows_mode_and_pose_at_once(rover: Rover) -> None:
    """It asks, rather than wait for what comes every ten seconds."""
    keys, terminal = pty.openpty()
    driving = subprocess.Popen(rover.line("drive"), env=rover.environment, stdin=terminal, stdout=subprocess.PIPE)
    assert driving.stdout is not None
    shown = b""
    end_s = time.monotonic() + 20.0
    while not re.search(rb"\r[A-Z]+ +x_m -?\d.*report_hk: completed", shown) and time.monotonic() < end_s:
        shown += os.read(driving.stdout.fileno(), 4096)
    os.write(keys, b"q")
    driving.communicate(timeout=20)
    os.close(keys)
    os.close(terminal)
    assert re.search(rb"\r[A-Z]+ +x_m -?\d.*report_hk: completed", shown), shown


@pytest.mark.process
def test_arrow_keys_drive_the_rover(rover: Rover) -> None:
    """Up goes forward, the rover stops by itself when the key is let go, q ends; the terminal is left as it was."""
    keys, terminal = pty.openpty()
    driving = subprocess.Popen(
        rover.line("drive"), env=rover.environment, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert driving.stdout is not None
    shown = b""
    end_s = time.monotonic() + 30.0
    while b"drive: completed" not in shown and time.monotonic() < end_s:
        os.write(keys, b"\x1b[A")
        if select.select([driving.stdout], [], [], 0.1)[0]:
            shown += os.read(driving.stdout.fileno(), 4096)
    os.write(keys, b"q")
    rest, _ = driving.communicate(timeout=20)
    os.close(keys)
    os.close(terminal)
    assert driving.returncode == 0
    assert b"drive: completed" in shown
    assert b"stop: " in shown + rest


@pytest.mark.process
def test_drive_wants_a_terminal(rover: Rover) -> None:
    """Keys cannot come from a pipe."""
    done = subprocess.run(
        rover.line("drive"),
        env=rover.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert b"terminal" in done.stderr


@pytest.mark.process
def test_z_the_session_ends_by_a_signal_and_repeats(rover: Rover, tmp_path: Path) -> None:
    """After all the tests above: the same downlink, byte for byte; and afterwards there is no rover to send to."""
    assert rover.end() == 0
    done = rover.run(
        "live", "--replay", str(rover.folder / "session"), "--out", str(tmp_path / "again"), "--no-pictures"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search("byte for byte", done.stdout)
    first, again = (folder / "downlink.bin" for folder in (rover.folder / "session", tmp_path / "again"))
    assert first.read_bytes() == again.read_bytes()
    lonely = rover.run("send", "system.ping")
    assert lonely.returncode == 2
    assert f"no live rover at 127.0.0.1:{rover.port} " in lonely.stderr
    assert "start one with: rahi live" in lonely.stderr
