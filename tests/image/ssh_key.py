"""A key pair for one run, and the OpenSSH client on this computer using it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from sil.image.qemu import HOST
from tests.image.failure import StepFailed

TRY_AGAIN_S: Final = 3.0
CALL_S: Final = 120.0
_OPTIONS: Final = (
    ("StrictHostKeyChecking", "no"),
    ("UserKnownHostsFile", "/dev/null"),
    ("IdentitiesOnly", "yes"),
    ("IdentityAgent", "none"),
    ("BatchMode", "yes"),
    ("ConnectTimeout", "60"),
    ("LogLevel", "ERROR"),
)


class Key:
    """Made afresh at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        for old in (path, path.with_suffix(".pub")):
            old.unlink(missing_ok=True)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
        self.public = path.with_suffix(".pub").read_text().strip()

    def run(self, port: int, command: str, for_s: float) -> str:
        """What a command says over there; asked again until sshd is up."""
        end_s = time.monotonic() + for_s
        while True:
            done = self._ssh(port, command, "-i", str(self._path))
            if done.returncode == 0:
                return done.stdout.strip()
            if time.monotonic() > end_s:
                raise StepFailed(f"no ssh within {for_s:.0f} s: {done.stderr.strip()[-200:]}")
            time.sleep(TRY_AGAIN_S)

    def without(self, port: int) -> str:
        """How somebody without the key is refused."""
        done = self._ssh(port, "true", "-i", "/dev/null")
        if done.returncode == 0:
            raise StepFailed("ssh let somebody in without the key")
        return done.stderr.strip()

    def deploy_status(self, port: int) -> str:
        """`rahi deploy --status`."""
        words = [sys.executable, "-m", "sil.cli", "deploy", f"root@{HOST}", "--status", "--port", str(port)]
        words += ["--identity", str(self._path)]
        for key, value in _OPTIONS:
            words += ["--ssh-option", f"{key}={value}"]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=CALL_S)
        if done.returncode != 0:
            raise StepFailed(f"rahi deploy --status ended with {done.returncode}: {done.stderr.strip()[-300:]}")
        return done.stdout

    def _ssh(self, port: int, command: str, *more: str) -> subprocess.CompletedProcess[str]:
        options = [word for key, value in _OPTIONS for word in ("-o", f"{key}={value}")]
        words = ["ssh", "-F", "none", *options, *more, "-p", str(port), f"root@{HOST}", command]
        return subprocess.run(words, capture_output=True, text=True, check=False, timeout=CALL_S)
