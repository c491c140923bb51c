"""What the target is: asked once, before anything is built for it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from sil.deploy.errors import BadRequest, DeployError
from sil.deploy.layout import Layout
from sil.deploy.transport import Target

_ASK: Final = """
import json, os, platform, struct, sys
os_name = ""
try:
    with open("/etc/os-release") as file:
        os_name = next(line[12:].strip().strip('"') for line in file if line.startswith("PRETTY_NAME="))
except (OSError, StopIteration):
    pass
print(json.dumps({
    "python": "%d.%d" % sys.version_info[:2],
    "machine": platform.machine(),
    "bits": struct.calcsize("P") * 8,
    "libc": platform.libc_ver(),
    "root": os.geteuid() == 0,
    "os_name": os_name,
}))
"""
MACHINES: Final = ("aarch64", "x86_64")
OLDEST_PYTHON: Final = (3, 11)


@dataclass(frozen=True)
class Facts:
    """`python`: version and minor; `glibc`: minor of 2.x; `root`: whether one logs in as root."""

    python: str
    machine: str
    glibc: int
    root: bool
    os_name: str


def ask(target: Target, layout: Layout) -> Facts:
    """Raises `BadRequest` if flight cannot run there, `TargetLost` if there is no way there."""
    ran = target.run([layout.python, "-I", "-c", _ASK])
    if ran.status != 0:
        raise BadRequest(f"{target.name} has no working {layout.python}: {ran.problem}")
    try:
        return _judged(target.name, json.loads(ran.out.splitlines()[-1]))
    except (ValueError, LookupError, TypeError, RecursionError):
        raise DeployError(f"{target.name}: unexpected answer {ran.out[:80]!r}") from None


def _judged(name: str, raw: dict[str, object]) -> Facts:
    python, machine = str(raw["python"]), str(raw["machine"])
    libc = raw["libc"]
    family, version = libc if isinstance(libc, list) else ("", "")
    if tuple(map(int, python.split("."))) < OLDEST_PYTHON:
        raise BadRequest(f"{name} has Python {python}; Rahi needs 3.11 or newer (Debian 12 Bookworm has it)")
    if machine not in MACHINES or raw["bits"] != 64:  # a 32-bit system on a 64-bit kernel says aarch64 too
        raise BadRequest(f"{name} is a {raw['bits']}-bit {machine} system; Rahi needs 64-bit {' or '.join(MACHINES)}")
    if family != "glibc":
        raise BadRequest(f"{name} has no glibc; Rahi needs Debian or Raspberry Pi OS")
    return Facts(python, machine, int(version.split(".")[1]), bool(raw["root"]), str(raw["os_name"]))
