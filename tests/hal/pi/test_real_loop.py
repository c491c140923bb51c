"""Flight in real time under a stand-in for systemd: ready once healthy, alive twice a second, stopped cleanly."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parents[3]
READY_LIMIT_S = 60.0
CYCLES_TO_READY_S = 9.9
LISTEN_S = 2.0


class Systemd:
    """Starts flight as a unit of type notify and hears what it says."""

    def __init__(self, folder: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(folder / "notify"))
        self._socket.settimeout(READY_LIMIT_S)
        self._journal, writer = os.pipe()
        stream = os.fstat(writer)
        environment = {
            **os.environ,
            "NOTIFY_SOCKET": str(folder / "notify"),
            "JOURNAL_STREAM": f"{stream.st_dev}:{stream.st_ino}",
        }
        command = [sys.executable, "-m", "tests.hal.pi.real_flight", str(folder)]
        self.started_s = time.monotonic()
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=writer, text=True
        )
        os.close(writer)
        self.heard: list[str] = []

    def hear_until(self, word: str) -> None:
        while word not in self.heard:
            self.heard += self._socket.recv(4096).decode().split("\n")

    def hear_for(self, duration_s: float) -> None:
        end_s = time.monotonic() + duration_s
        while time.monotonic() < end_s:
            self.heard += self._socket.recv(4096).decode().split("\n")

    def stop(self) -> tuple[dict[str, Any], str]:
        """SIGTERM; what flight says at its end, and its journal."""
        self.process.send_signal(signal.SIGTERM)
        out, _ = self.process.communicate(timeout=30.0)
        return msgspec.json.decode(out), os.read(self._journal, 65_536).decode()

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        self._socket.close()
        os.close(self._journal)


def test_flight_is_ready_when_healthy_alive_while_it_runs_and_safe_when_stopped(tmp_path: Path) -> None:
    """Twelve seconds of real time: a hundred cycles to READY, two seconds of strokes, SIGTERM."""
    systemd = Systemd(tmp_path)
    try:
        systemd.hear_until("READY=1")
        ready_s = time.monotonic() - systemd.started_s
        strokes_before = systemd.heard.count("WATCHDOG=1")
        systemd.hear_for(LISTEN_S)
        strokes = systemd.heard.count("WATCHDOG=1") - strokes_before
        report, journal = systemd.stop()
        systemd.hear_until("STOPPING=1")
    finally:
        systemd.close()

    assert ready_s >= CYCLES_TO_READY_S
    assert strokes_before >= 10  # twice a second, from the start
    assert strokes >= 3
    assert systemd.heard.count("READY=1") == 1
    assert report["status"] == 0
    assert report["cause"] == "POWER_ON"
    assert {"battery", "radio_local"} <= set(report["had_on"])
    assert report["still_on"] == []
    assert report["turning"] == [0.0] * 6
    assert report["transmitting"] == [0.0, 0.0]
    assert report["host_reports"] >= 1
    assert journal.startswith("<5>flight begins, reset cause POWER_ON")
    assert "<5>flight ended with 0" in journal
    latencies = [int(line) for line in (tmp_path / "latencies").read_text().splitlines()]
    assert len(latencies) >= 100
