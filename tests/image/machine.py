"""One emulated computer: started, spoken to over its console, ended."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from sil.image.boot import prepare
from sil.image.qemu import HOST, MACHINES, Lines, command
from tests.image.failure import StepFailed

MARK: Final = b"RAHI-TEST "
CONNECT_S: Final = 20.0
ANSWER_S: Final = 120.0
LOOKING: Final = ("state", "security", "journal")
"""Hooks that change nothing."""
REPEAT_S: Final = 60.0
POLL_S: Final = 0.2
LOOK_S: Final = 10.0
"""Each look costs the emulated processor time that flight would have."""
KILL_S: Final = 10.0


def free_port() -> int:
    """A TCP port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


class Emulated:
    """A running QEMU.  A context manager."""

    def __init__(self, image: Path, name: str, folder: Path, settings: str = "", network: bool = False) -> None:
        """Start `image` on the machine of this name; the console is kept in `folder`."""
        machine = MACHINES[name]
        self.name = name
        self.log = folder / f"{name}.console.txt"
        self.lines = Lines(radio=free_port(), console=free_port(), ssh=free_port() if network else None)
        files = prepare(image, machine, folder, settings)
        self.began_s = time.monotonic()
        words = command(machine, files, self.lines, panic_s=0, log=self.log, steady=name == "virt" and not network)
        self._errors = (folder / f"{name}.qemu.txt").open("w")
        self._process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=self._errors, stderr=self._errors)
        try:
            self._console = self.connect(self.lines.console or 0)
        except StepFailed:
            self.close()
            raise
        self._console.setblocking(False)
        self._heard = b""

    def __enter__(self) -> Emulated:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        self._process.wait(KILL_S)
        self._errors.close()

    def connect(self, port: int) -> socket.socket:
        """A connection to one of its lines."""
        end_s = time.monotonic() + CONNECT_S
        while True:
            if self._process.poll() is not None:
                raise StepFailed(f"QEMU ended: {Path(self._errors.name).read_text()[-300:]}")
            try:
                return socket.create_connection((HOST, port), timeout=CONNECT_S)
            except OSError as error:
                if time.monotonic() > end_s:
                    raise StepFailed(f"no connection to port {port}: {error}") from None
                time.sleep(POLL_S)

    def ask(self, verb: str, timeout_s: float = ANSWER_S) -> dict[str, Any]:
        """What a test hook answers; one that only looks is asked again, since it may not have been up yet."""
        if verb not in LOOKING:
            self.state(timeout_s)  # said only once, so the hooks must be up
        end_s = time.monotonic() + timeout_s
        while time.monotonic() < end_s:
            self._console.sendall(f"{verb}\n".encode())
            patience_s = REPEAT_S if verb in LOOKING else timeout_s
            answer = self._answer(verb, min(time.monotonic() + patience_s, end_s))
            if answer is not None:
                return answer
        raise StepFailed(f"no answer to {verb!r} on the console within {timeout_s:.0f} s")

    def state(self, timeout_s: float = ANSWER_S) -> dict[str, Any]:
        """The hook `state`."""
        return self.ask("state", timeout_s)

    def wait_ready(self, timeout_s: float) -> dict[str, Any]:
        """Until flight's unit is active, that is, READY was reached."""
        end_s = time.monotonic() + timeout_s
        while time.monotonic() < end_s:
            state = self.state(max(1.0, end_s - time.monotonic()))
            if "unit" in state and state["unit"]["ActiveState"] == "active":
                return state
            time.sleep(LOOK_S)
        raise StepFailed(f"flight not READY within {timeout_s:.0f} s: {self.ask('journal').get('lines')}")

    def _answer(self, verb: str, end_s: float) -> dict[str, Any] | None:
        while time.monotonic() < end_s:
            for line in self._lines():
                found = _decoded(line)
                if found is not None and found[0] == verb:
                    return found[1]
            time.sleep(POLL_S)
        return None

    def _lines(self) -> list[bytes]:
        with suppress(BlockingIOError):
            self._heard += self._console.recv(1 << 16)
        *whole, self._heard = self._heard.split(b"\n")
        return whole


def _decoded(line: bytes) -> tuple[str, dict[str, Any]] | None:
    """Verb and answer on a line; None for the kernel's talk, or an answer that it cut in two.

    Raises:
        StepFailed: the hook could not do it.
    """
    _, mark, rest = line.partition(MARK)
    try:
        found = json.loads(rest) if mark else {}
        verb, answer = found["verb"], found["answer"]
    except (ValueError, LookupError, TypeError):
        return None
    if "error" in answer:
        raise StepFailed(f"the test hook {verb} failed: {answer['error']}")
    return verb, answer
