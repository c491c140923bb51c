"""The way to a rover computer: run a command there. Everything else is built on that; `ssh` is the way in life."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Protocol, Self

from sil.deploy.errors import BadRequest, DeployError, TargetLost

SSH_LOST: Final = 255
"""ssh's own exit status for "no connection" (ssh(1))."""
LOCKED: Final = 75
IDLE_S: Final = 60.0
BEAT_S: Final = 10.0
_HOLD: Final = """
import os, select, sys
print("held", flush=True)
while select.select([0], [], [], float(sys.argv[1]))[0] and os.read(0, 64):
    pass
"""
_DESTINATION: Final = re.compile(r"([A-Za-z0-9_][A-Za-z0-9_.-]*@)?[A-Za-z0-9:\[][A-Za-z0-9.:_%\[\]-]*")
"""[USER@]HOST. Never a leading hyphen: ssh would take it for an option."""


@dataclass(frozen=True)
class Ran:
    """A command that has ended."""

    status: int
    out: str
    err: str

    @property
    def problem(self) -> str:
        """The last thing it said, for a message."""
        lines = [line.strip() for line in (self.err or self.out).splitlines() if line.strip()]
        return lines[-1] if lines else f"exit status {self.status}"


class Target(Protocol):
    """A computer on which commands can be run."""

    name: str

    def run(self, argv: Sequence[str], data: Iterable[bytes] = ()) -> Ran:
        """Run to the end, `data` on standard input; raises `TargetLost`, never for the command's own status."""
        ...

    def hold(self, argv: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start, leave running with standard input and output open; whoever asked closes its standard input."""
        ...


def run_here(command: Sequence[str], data: Iterable[bytes]) -> Ran:
    """Run a command of this computer, feeding it as fast as it takes."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:  # pipes could fill while `data` is written
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=err) as process:
            assert process.stdin is not None
            with suppress(BrokenPipeError):  # it ended before it had read everything; its status says why
                for chunk in data:
                    process.stdin.write(chunk)
            with suppress(BrokenPipeError):
                process.stdin.close()
            status = process.wait()
        out.seek(0)
        err.seek(0)
        return Ran(status, out.read().decode(errors="replace"), err.read().decode(errors="replace"))


def hold_here(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a command of this computer and leave it running."""
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


class Ssh:
    """A `Target` over the OpenSSH client: one connection, shared by all commands, with the user's own configuration."""

    def __init__(
        self, destination: str, port: int | None = None, identity: Path | None = None, options: Sequence[str] = ()
    ) -> None:
        """`options`: of ssh_config(5), as KEY=VALUE. Raises `BadRequest`."""
        if not _DESTINATION.fullmatch(destination):
            raise BadRequest(f"{destination[:60]!r}: expected [USER@]HOST")
        if shutil.which("ssh") is None:
            raise BadRequest("there is no ssh on this computer: install the OpenSSH client")
        for option in options:
            _check_option(option)
        self.name = destination
        self._folder = Path(tempfile.mkdtemp(prefix="rahi-"))
        self._log = self._folder / "log"
        given = [part for option in options for part in ("-o", option)]
        given += ["-p", str(port)] if port is not None else []
        given += ["-i", str(identity)] if identity is not None else []
        keep = ("RemoteCommand=none", "ConnectTimeout=15", "ServerAliveInterval=10", "ServerAliveCountMax=3")
        ours = [part for option in (f"ControlPath={self._folder / 'm'}", *keep) for part in ("-o", option)]
        self._ssh = ["ssh", *given, *ours]

    def __enter__(self) -> Self:
        """Connect; a password is asked for on the terminal, once. Raises `TargetLost`."""
        master = [*self._ssh, "-M", "-N", "-f", "--", self.name]
        with self._log.open("wb") as log:
            status = subprocess.run(master, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False).returncode
        if status != 0:
            said = Ran(status, "", self._log.read_text(errors="replace")).problem
            shutil.rmtree(self._folder, ignore_errors=True)
            raise TargetLost(f"{self.name}: {said}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        leave = [*self._ssh, "-O", "exit", "--", self.name]
        subprocess.run(leave, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        shutil.rmtree(self._folder, ignore_errors=True)

    def run(self, argv: Sequence[str], data: Iterable[bytes] = ()) -> Ran:
        ran = run_here(self._command(argv), data)
        if ran.status == SSH_LOST:
            raise TargetLost(f"{self.name}: connection lost: {ran.problem}")
        return ran

    def hold(self, argv: Sequence[str]) -> subprocess.Popen[bytes]:
        return hold_here(self._command(argv))

    def _command(self, argv: Sequence[str]) -> list[str]:
        return [*self._ssh, "-T", "--", self.name, shlex.join(argv)]


def _check_option(option: str) -> None:
    """Let ssh itself read it: nothing is connected to. Raises `BadRequest`."""
    ran = run_here(["ssh", "-F", "none", "-T", "-G", "-o", option, "--", "host"], ())
    if ran.status != 0:
        reason = ran.problem.rpartition("line 0: ")[2]
        raise BadRequest(f"--ssh-option {option[:60]!r}: expected KEY=VALUE as in ssh_config(5); ssh says: {reason}")


class AsRoot:
    """A `Target` on which everything is done as root, by way of sudo if one is somebody else there."""

    def __init__(self, target: Target, already: bool) -> None:
        self.name = target.name
        self._target = target
        self._before = () if already else ("sudo", "-n", "--")

    def run(self, argv: Sequence[str], data: Iterable[bytes] = ()) -> Ran:
        return self._target.run([*self._before, *argv], data)

    def hold(self, argv: Sequence[str]) -> subprocess.Popen[bytes]:
        return self._target.hold([*self._before, *argv])


def checked(ran: Ran, what: str) -> str:
    """Its output; raises `DeployError` with what it complained of."""
    if ran.status != 0:
        raise DeployError(f"{what}: {ran.problem}")
    return ran.out


@contextmanager
def locked(target: Target, python: str, path: str, idle_s: float = IDLE_S, beat_s: float = BEAT_S) -> Iterator[None]:
    """Hold a lock on the target for as long as this computer is heard there; raises `DeployError` if it is taken.

    flock(1) is in every Debian. The kernel drops the lock with the process that has it, and that process ends with the
    connection, or `idle_s` after the last beat: the far end of a lost radio link may stay open for hours.
    """
    command = ["flock", "--nonblock", "--conflict-exit-code", str(LOCKED), path]
    holder = target.hold([*command, python, "-I", "-c", _HOLD, str(idle_s)])
    assert holder.stdin is not None
    assert holder.stdout is not None
    done = threading.Event()
    beating = threading.Thread(target=_beat, args=(holder.stdin, done, beat_s), daemon=True)
    try:
        if holder.stdout.readline() != b"held\n":
            holder.stdin.close()
            if holder.wait() == LOCKED:
                raise DeployError(f"another deployment to {target.name} is running (it holds {path} there)")
            raise DeployError(f"{target.name}: {path} could not be locked: exit status {holder.returncode}")
        beating.start()
        yield
    finally:
        done.set()
        if beating.ident is not None:
            beating.join()
        with suppress(BrokenPipeError):
            holder.stdin.close()
        holder.wait()
        holder.stdout.close()


def _beat(stream: IO[bytes], done: threading.Event, beat_s: float) -> None:
    with suppress(BrokenPipeError):  # whoever uses the connection hears of its loss
        while not done.wait(beat_s):
            stream.write(b".")
            stream.flush()
