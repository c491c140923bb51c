"""A rover computer in a folder: its own PATH with systemd's part played, packages and wheels to deploy, ways in."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sil.deploy.bundle import Sources
from sil.deploy.deployment import LOCK, Deployment, Desk, Wishes
from sil.deploy.layout import Layout
from sil.deploy.rover_text import RoverText
from sil.deploy.transport import Ran, hold_here, run_here
from sil.deploy.verdict import Clock

HERE = Path(__file__).parent
CONFIG = "# firmware\ndtparam=audio=on\n[pi4]\nenable_uart=1\n[all]\n"
CMDLINE = "console=serial0,115200 console=tty1 root=PARTUUID=1-02 rootwait\n"
FLIGHT = """
import sys
from pathlib import Path

import smbus2
from flight import needed

config = Path(sys.argv[sys.argv.index("--config") + 1])
with (config.parent / "flight.log").open("a") as file:
    file.write(f"{{needed.VERSION}} {{'safe' if '--make-safe' in sys.argv else config.read_text().strip()}}\\n")
if "--make-safe" in sys.argv:
    sys.exit(0)
{body}
"""
READY = 'print("READY", flush=True)\nsys.stdin.read()\n'
ROVER = RoverText("one", b"name = 'one'\n")


SYSTEMCTL = """cd {root}
echo "$*" >> systemctl.log
case " $* " in
*" restart "* | *" stop "*) exec {starter} "$@" ;;
*" is-active "*) [ "$(cat unit-state)" = active ] ;;
*" show "*) echo "ActiveState=$(cat unit-state)" ;;
esac"""


class Folder:
    """A `Target` that is a folder of this computer."""

    def __init__(self, root: Path) -> None:
        self.name = "rover"
        self.root = root
        self.lock = f"{root}{LOCK}"
        self.commands: list[tuple[str, ...]] = []

    def run(self, argv: Sequence[str], data: Iterable[bytes] = ()) -> Ran:
        self.commands.append(tuple(argv))
        return run_here(self._command(argv), data)

    def hold(self, argv: Sequence[str]) -> subprocess.Popen[bytes]:
        return hold_here(self._command(argv))

    def _command(self, argv: Sequence[str]) -> list[str]:
        return ["env", f"PATH={self.root}/bin:{os.environ['PATH']}", *argv]


def make_rover(root: Path, *, pi: bool = True) -> Folder:
    """A computer on which Rahi has never been."""
    for folder in ("etc", "run", "opt", "bin", "usr/bin", "boot/firmware"):
        (root / folder).mkdir(parents=True)
    if pi:
        (root / "boot/firmware/config.txt").write_text(CONFIG)
        (root / "boot/firmware/cmdline.txt").write_text(CMDLINE)
    _script(root / "usr/bin/python3", f'exec {sys.executable} "$@"')
    starter = f"{sys.executable} {HERE / 'fake_systemctl.py'} {root}"
    _script(root / "bin/systemctl", SYSTEMCTL.format(root=root, starter=starter))
    _script(root / "bin/journalctl", 'echo "flight: something is wrong"')
    _script(root / "bin/sudo", 'shift 2; exec "$@"')
    for name in ("systemd-sysusers", "udevadm"):
        _script(root / "bin" / name, f'echo "{name} $@" >> {root}/system.log')
    return Folder(root)


def _script(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def make_packages(folder: Path, version: str, body: str = READY) -> Path:
    """Stand-ins for our packages: flight says READY, or does something else."""
    for package in ("flight", "hal", "telemetry_defs"):
        (folder / package).mkdir(parents=True, exist_ok=True)
        (folder / package / "__init__.py").write_text("")
    (folder / "flight/__main__.py").write_text(FLIGHT.format(body=body))
    (folder / "flight/needed.py").write_text(f"VERSION = {version!r}\n")
    return folder


def make_wheels(folder: Path) -> Path:
    """Stand-ins for the packages of others, as wheels that pip accepts."""
    folder.mkdir()
    for name, version in (
        ("msgspec", "0.20"),
        ("transitions", "0.9.3"),
        ("pyserial", "3.5"),
        ("smbus2", "0.6"),
        ("gpiod", "2.3"),
    ):
        with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
            info = f"{name}-{version}.dist-info"
            wheel.writestr(f"{name}/__init__.py", f"# {name}\n" + "#" * 20_000)
            wheel.writestr(f"{name}-{version}.data/scripts/{name}", "#!/usr/bin/python\n")
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
    return folder


class Ground:
    """The operator's side of a test: what is deployed, and what was said."""

    def __init__(self, folder: Path, wheels: Path, cache: Path) -> None:
        self.folder = folder
        self.wheels = wheels
        self.cache = cache
        self.said: list[str] = []
        self.sent_bytes = 0
        self.seconds = 0.0

    def sources(self, version: str, body: str = READY) -> Sources:
        packages = make_packages(self.folder / f"packages-{version}", version, body)
        return Sources(wheels=self.wheels, packages=packages, version=version)

    def desk(self) -> Desk:
        return Desk(self.said.append, self._meter, Clock(lambda: self.seconds, self._pause), self.cache)

    def deploy(self, target: Folder, wishes: Wishes, prefix: Path | None = None) -> bool:
        self.said.clear()
        self.sent_bytes = 0
        return Deployment(target, Layout(str(prefix or target.root)), wishes, self.desk()).run()

    def _pause(self, seconds: float) -> None:
        self.seconds += seconds

    @contextmanager
    def _meter(self, total: int) -> Iterator[Callable[[int], None]]:
        def advance(size: int) -> None:
            self.sent_bytes += size

        yield advance


def tree(root: Path) -> dict[str, bytes]:
    """Every file and link below a folder."""
    paths = (path for path in sorted(root.rglob("*")) if path.is_symlink() or path.is_file())
    return {
        str(path.relative_to(root)): os.readlink(path).encode() if path.is_symlink() else path.read_bytes()
        for path in paths
    }
