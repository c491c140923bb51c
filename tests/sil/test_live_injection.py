"""Faults injected into a live session: checked, logged, in force between two cycles, and repeated byte for byte."""

import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sil.cli.app import run
from sil.faults.injector import Activation
from sil.folder import FAULTS_FILE, write_folder
from sil.live.log import LiveLog, read_log
from sil.live.ports import Ports
from sil.live.replay import Replay
from sil.live.session import LiveSession, open_ended
from sil.loader import load_scenario
from sil.mission import Mission
from sil.run import conclude

pytestmark = pytest.mark.process
Script = Callable[["Live", float], None]


class Live:
    """A session whose control lines a script asks directly."""

    def __init__(self, folder: Path, replay: Replay | None = None) -> None:
        folder.mkdir()
        self.log_path = folder / "live.jsonl"
        self.mission = Mission(open_ended(load_scenario("hello")))
        ports = Ports("127.0.0.1", {"control": 0, "local": 0, "relay": 0})
        self.log = LiveLog(self.log_path)
        self.session = LiveSession(mission=self.mission, log=self.log, ports=ports, speed=0.0, replay=replay)

    def ask(self, **injection: object) -> str:
        """The answer to `inject`."""
        return self.session._control(f"inject {json.dumps(injection)}")

    def run(self, script: Script, limit_s: float = 1e6) -> None:
        def pace(now_ns: int) -> None:
            script(self, now_ns / 1e9)
            if now_ns >= limit_s * 1e9:
                self.session.end()
            self.session.pace(now_ns)

        try:
            self.mission.run(pace)
        finally:
            self.session.close()
            self.log.__exit__(None, None, None)
            self.mission.archive.close()

    @property
    def changes(self) -> list[tuple[float, str, float]]:
        return [(item.t_ns / 1e9, item.kind, item.level) for item in self.mission.injector.log]


def _idle(_live: Live, _t_s: float) -> None:
    """A repetition needs no script."""


def test_faults_begin_end_and_repeat_byte_for_byte(tmp_path: Path) -> None:
    """Also one that stops the computer, and one that repeats until it is ended."""

    def script(live: Live, t_s: float) -> None:
        if t_s == 3.0:
            assert json.loads(live.ask(device="imu", kind="silent", for_s=5.0))["t_s"] == 3.0
        if t_s == 10.0:
            live.ask(device="computer", kind="reset", args={"off_s": 1.0})
        if t_s == 20.0:
            live.ask(device="radio_local", kind="blackout", for_s=1.0, every_s=2.0)
        if t_s == 25.0:
            live.ask(device="radio_local", kind="blackout", end=True)

    live = Live(tmp_path / "live")
    live.run(script, 30.0)
    again = Live(tmp_path / "again", Replay(read_log(live.log_path)))
    again.run(_idle)

    assert live.changes == [
        (3.0, "silent", 1.0), (8.0, "silent", 0.0), (10.0, "reset", 1.0),
        (20.0, "blackout", 1.0), (21.0, "blackout", 0.0), (22.0, "blackout", 1.0), (23.0, "blackout", 0.0),
        (24.0, "blackout", 1.0), (25.0, "blackout", 0.0),
    ]  # fmt: skip
    assert live.mission.flights == 2
    assert again.mission.injector.log == live.mission.injector.log
    assert again.mission.recorder.sha256 == live.mission.recorder.sha256
    assert again.log_path.read_bytes() == live.log_path.read_bytes()


def test_a_fault_injected_anew_takes_the_place_of_the_first(tmp_path: Path) -> None:
    """The end of the first does not end the second."""

    def script(live: Live, t_s: float) -> None:
        if t_s in (3.0, 5.0):
            live.ask(device="imu", kind="silent", for_s=4.0)

    live = Live(tmp_path / "live")
    live.run(script, 12.0)
    assert live.changes == [(3.0, "silent", 1.0), (5.0, "silent", 0.0), (5.0, "silent", 1.0), (9.0, "silent", 0.0)]


def test_what_cannot_be_is_refused_and_leaves_no_trace(tmp_path: Path) -> None:
    """In the words of a scenario's check; a repetition takes none."""
    answers: list[str] = []

    def script(live: Live, t_s: float) -> None:
        if t_s == 3.0:
            answers.append(live.ask(device="imu", kind="silence"))
            answers.append(live.ask(device="computer", kind="reset", args={"off_s": 0.1}))
            answers.append(live.ask(device="imu", kind="silent", for_s=-1))
            answers.append(live.ask(device="imu", kind="silent", end=True))
            answers.append(live.ask(device="imu", kind="silent", end=True, for_s=1.0))
            answers.append(live.session._control("inject {"))

    live = Live(tmp_path / "live")
    live.run(script, 5.0)
    expected = (
        "no fault 'silence' of 'imu'; it has: ", "off_s = 0.1 is not allowed: expected a number from 0.5 to",
        "for_s = -1", "imu/silent is not in force", "end goes with device and kind alone", "expected one JSON object",
    )  # fmt: skip
    for answer, part in zip(answers, expected, strict=True):
        assert answer.startswith("error: inject: ")
        assert part in answer
    assert live.changes == []
    assert [entry.fault for entry in read_log(live.log_path)] == [None]
    again = Live(tmp_path / "again", Replay(read_log(live.log_path)))
    assert "repetition" in again.ask(device="imu", kind="silent")
    again.run(_idle)


def test_every_run_folder_lists_its_activations(tmp_path: Path) -> None:
    """One line a change, beside the events."""

    def script(live: Live, t_s: float) -> None:
        if t_s == 3.0:
            live.ask(device="imu", kind="silent", for_s=0.25)

    live, out = Live(tmp_path / "live"), tmp_path / "out"
    out.mkdir()
    live.run(script, 4.0)
    write_folder(out, live.mission, conclude(live.mission, 1.0, None), pictures=False)
    lines = [json.loads(line) for line in (out / FAULTS_FILE).read_text(encoding="utf-8").splitlines()]
    assert lines == [
        {"t_s": 3.0, "device": "imu", "kind": "silent", "level": 1.0, "args": {}},
        {"t_s": 3.25, "device": "imu", "kind": "silent", "level": 0.0, "args": {}},
    ]
    assert live.mission.injector.log[0] == Activation(t_ns=3 * 10**9, device="imu", kind="silent", level=1.0, args={})


# ---- the command -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["imu", "silence"], "no fault 'silence' of 'imu'; it has: "),
        (["imo", "silent"], "no faults of a device 'imo'; did you mean 'imu'?"),
        (["computer", "reset", "off_s=0.1"], "off_s = 0.1 is not allowed: expected a number from 0.5 to"),
        (["computer", "reset", "of_s=1"], "unknown key 'of_s'"),
        (["computer", "reset", "off_s"], "'off_s': expected key=value"),
        (["computer", "reset", "--for", "3"], "computer/reset happens at an instant: it takes no for_s"),
        (["imu", "silent", "--for", "-1"], "--for = -1: expected a number from 0 to 1e+08"),
        (["imu", "silent", "--every", "3"], "imu/silent with every_s needs for_s"),
        (["imu", "silent", "--times", "3"], "times needs every_s"),
        (["imu", "silent", "--end", "--for", "3"], "end goes with device and kind alone"),
        (["imu", "silent"], "no live rover at 127.0.0.1:1 ("),
    ],
)
def test_inject_refuses_in_one_line(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Naming key and range; nobody is connected to before the input is right."""
    assert run(["inject", "--port", "1", *arguments]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_inject_speaks_to_the_control_port_and_tells_its_answer(capsys: pytest.CaptureFixture[str]) -> None:
    """Values as TOML would have them; a refusal of the session is exit code 2."""
    heard: list[bytes] = []
    answers = [b'{"t_s":12.5}\n', b"error: inject: wheels.front_left/jam exists at another depth\n", b""]
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for answer in answers:
                client, _ = server.accept()
                with client:
                    heard.append(client.makefile("rb").readline())
                    client.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        port = str(server.getsockname()[1])
        codes = [
            run(["inject", "--port", port, "computer", "reset", "off_s=3"]),
            run(["inject", "--port", port, "wheels.front_left", "jam", "--for", "5"]),
            run(["inject", "--port", port, "imu", "silent", "--end"]),
        ]
        thread.join()
    captured = capsys.readouterr()
    assert codes == [0, 2, 2]
    assert captured.out == "started computer/reset at 12.5 s\n"
    assert captured.err.splitlines() == [
        "rahi: inject: wheels.front_left/jam exists at another depth",
        "rahi: the live rover hung up without an answer",
    ]
    assert json.loads(heard[0].removeprefix(b"inject ")) == {
        "device": "computer", "kind": "reset", "args": {"off_s": 3},
    }  # fmt: skip
    assert json.loads(heard[2].removeprefix(b"inject ")) == {"device": "imu", "kind": "silent", "end": True}
