"""What systemd would do with the unit as it was installed, on one rover folder: `fake_systemctl.py ROOT ARGUMENTS`.

Reads the unit's own lines: a start is ExecStartPre, ExecStart until it prints READY, ExecStartPost; an end is
ExecStopPost with EXIT_CODE and EXIT_STATUS; RestartPreventExitStatus and StartLimitBurst are obeyed.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path


class Unit:
    """One unit file."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.path = root / "etc/systemd/system/rahi-flight.service"
        self.lines = [line.partition("=") for line in self.path.read_text().splitlines() if line[:1].isalpha()]

    def all(self, key: str) -> list[str]:
        return [value for name, _, value in self.lines if name == key]

    def environment(self, **more: str) -> dict[str, str]:
        pairs = (pair.partition("=") for value in self.all("Environment") for pair in value.split())
        return {**os.environ, **{key: value for key, _, value in pairs}, **more}

    def commands(self, key: str, **environment: str) -> bool:
        """Run them in order; whether all that have no "-" went well."""
        for line in self.all(key):
            words = shlex.split(line.lstrip("-+"))
            status = subprocess.run(words, env=self.environment(**environment), stdout=-3, check=False).returncode
            if status != 0 and not line.startswith("-"):
                return False
        return True

    def start_once(self) -> str:
        """`ready`, or how it went wrong."""
        for name in self.all("RuntimeDirectory"):
            (self.root / "run" / name).mkdir(exist_ok=True)
        if not self.commands("ExecStartPre"):
            self.commands("ExecStopPost")
            return "start-pre"
        [line] = self.all("ExecStart")
        process = subprocess.Popen(shlex.split(line), env=self.environment(), stdout=-1, stderr=-3, text=True)
        assert process.stdout is not None
        ready = process.stdout.readline() == "READY\n"
        if ready:
            self.commands("ExecStartPost")
            process.terminate()
        status = process.wait()
        process.stdout.close()
        if ready:
            return "ready"
        self.commands("ExecStopPost", EXIT_CODE="exited", EXIT_STATUS=str(status))
        return str(status)


def start(root: Path) -> bool:
    """As often as the unit allows; whether it is ready in the end."""
    unit = Unit(root)
    queued, busy = root / "queued", root / "busy"
    busy.touch()
    try:
        for _ in range(int(unit.all("StartLimitBurst")[0])):
            outcome = unit.start_once()
            with (root / "starts").open("a") as file:
                file.write(outcome + "\n")
            asked = queued.read_text() if queued.exists() else ""
            queued.unlink(missing_ok=True)
            if outcome == "ready":
                return True
            if asked == "stop" or (outcome in unit.all("RestartPreventExitStatus") and asked != "restart"):
                return False
        (root / "rebooted").touch()
        return False
    finally:
        busy.unlink()


def main(root: Path, *arguments: str) -> int:
    """Restart or stop."""
    verb = "restart" if "restart" in arguments else "stop"
    if (root / "busy").exists():
        (root / "queued").write_text(verb)
        return 0
    ready = verb == "restart" and start(root)
    (root / "unit-state").write_text("active" if ready else "failed")
    return 0 if ready or "--no-block" in arguments or verb == "stop" else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
