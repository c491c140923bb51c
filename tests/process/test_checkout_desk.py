"""The whole way: emulated chips, `rahi-flight` and `rahi checkout`, each a process of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

LIMIT_S = 120.0
STEPS = ("radio", "motors", "devices")
ROVER = """\
like = "desk"

[hardware.computer]
storage = "{folder}/storage"

[hardware.buses]
motors = {{ kind = "serial", url = "serial://{folder}/motors?baud=115200", budget_ms = 60.0 }}
imu = {{ kind = "serial", url = "serial://{folder}/imu?baud=115200", budget_ms = 30.0 }}
modem = {{ kind = "serial", url = "serial://{folder}/modem?baud=57600" }}
main = {{ kind = "i2c", url = "emu://{folder}/buses.sock?bus=main", budget_ms = 40.0 }}
lines = {{ kind = "gpio", url = "emu://{folder}/buses.sock?bus=lines" }}
"""


@contextmanager
def running(folder: Path, name: str, *words: str) -> Iterator[Path]:
    """A process that is ended as Ctrl-C does; gives the file with what it says."""
    said = folder / f"{name}.txt"
    environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "PYTHONUNBUFFERED": "1"}
    with said.open("w") as out:
        process = subprocess.Popen([sys.executable, *words], stdout=out, stderr=subprocess.STDOUT, env=environment)
        try:
            yield said
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(30.0) in (0, -signal.SIGINT, 130), said.read_text()


def wait_for(said: Path, pattern: str) -> str:
    """The first group of a pattern, once it has been said."""
    end_s = time.monotonic() + LIMIT_S
    while (found := re.search(pattern, said.read_text())) is None:
        assert time.monotonic() < end_s, said.read_text()
        time.sleep(0.1)
    return found[1]


def rahi(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of an operator to its end."""
    return subprocess.run(
        [sys.executable, "-m", "sil.cli", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
        env={**os.environ, "XDG_STATE_HOME": str(folder / "state")},
    )


def test_a_desk_rover_is_checked_out_over_its_radio(tmp_path: Path) -> None:
    """Nobody looks (`--yes`): radio, motor supply, devices, one round; the rover is back in SAFE at the end."""
    rover = tmp_path / "mine.toml"
    rover.write_text(ROVER.format(folder=tmp_path / "desk"))
    emulate = ("-m", "sil.cli", "emulate", "rover", str(rover), "--dir", str(tmp_path / "desk"), "--port", "0")
    with ExitStack() as stack:
        chips = stack.enter_context(running(tmp_path, "chips", *emulate, "--vehicle", "open_source_rover"))
        port = wait_for(chips, r"local (\d+)")
        stack.enter_context(running(tmp_path, "flight", "-m", "flight", "--rover", str(rover)))
        link = ("--link", f"tcp://127.0.0.1:{port}")
        end_s = time.monotonic() + LIMIT_S
        while rahi(tmp_path, "send", *link, "--timeout", "3", "system.set_mode", "--mode", "SAFE").returncode != 0:
            assert time.monotonic() < end_s, "the rover does not answer"
        words = ["checkout", *link, "--yes", "--rover", str(rover), "--out", str(tmp_path / "report")]
        run = rahi(tmp_path, *words, *[word for step in STEPS for word in ("--only", step)])

    assert run.returncode == 0, run.stdout + run.stderr
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    assert report["passed"] is True
    assert {row["outcome"] for row in report["rows"]} == {"passed"}
    assert {row["step"] for row in report["rows"]} == set(STEPS)
    assert "the rover is left in SAFE" in run.stdout
