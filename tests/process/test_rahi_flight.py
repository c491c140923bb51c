"""The process `rahi-flight` as a supervisor sees it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parents[2]
UP_S = 30.0


def _started() -> subprocess.Popen[str]:
    """On simulated hardware, in virtual time, until its loop runs."""
    code = (
        "import sys, flight.__main__ as m, flight.executive as e\n"
        "run = e.Executive.step\n"
        "def step(self):\n"
        "    run(self)\n"
        "    if self.cycles == 50: print('up', flush=True)\n"
        "e.Executive.step = step\n"
        "sys.exit(m.main(['--rover', 'south_pole', '--hal', 'sim']))\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_a_clean_stop(number: signal.Signals) -> None:
    """Status 0, soon."""
    with _started() as process:
        process.send_signal(number)
        started_s = time.monotonic()
        assert process.wait(UP_S) == 0
        assert time.monotonic() - started_s < UP_S


@pytest.mark.parametrize(
    ("words", "status"),
    [(["--check"], 0), (["--make-safe"], 0), (["--config", "nope.toml"], 2), (["--pin", "x"], 2)],
)
def test_its_status_says_how_it_went(words: list[str], status: int) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "flight", *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert run.returncode == status, run.stderr
    assert "Traceback" not in run.stderr
