"""The programs that an image is made with: which are missing, and one way to run them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sil.image.errors import ImageError, Unusable

BUILD_TOOLS: Final = MappingProxyType(
    {
        "mmdebstrap": "mmdebstrap",
        "newuidmap": "uidmap",
        "qemu-aarch64-static": "qemu-user-static",
        "update-binfmts": "binfmt-support",
        "mksquashfs": "squashfs-tools",
        "mkfs.vfat": "dosfstools",
        "mcopy": "mtools",
        "fdtput": "device-tree-compiler",
        "fdtget": "device-tree-compiler",
        "dtc": "device-tree-compiler",
        "xz": "xz-utils",
        "bmaptool": "bmap-tools",
    }
)
"""Program: the Debian package that holds it."""
BOOT_TOOLS: Final = MappingProxyType(
    {"qemu-system-aarch64": "qemu-system-arm", "mcopy": "mtools", "fdtput": "device-tree-compiler"}
)
FLASH_TOOLS: Final = MappingProxyType({"bmaptool": "bmap-tools"})
_SYSTEM_PATHS: Final = "/usr/sbin:/sbin"
_LAST_LINES: Final = 5


def find(program: str) -> str | None:
    """Where `program` lies; an ordinary user's PATH leaves out the folders in which file system tools lie."""
    return shutil.which(program, path=f"{os.environ.get('PATH', os.defpath)}:{_SYSTEM_PATHS}")


def need(tools: Mapping[str, str], look: Callable[[str], str | None] | None = None) -> None:
    """Make sure that every program is here.

    Raises:
        Unusable: with the one line that installs what is missing.
    """
    packages = sorted({package for program, package in tools.items() if (look or find)(program) is None})
    if packages:
        raise Unusable(f"some tools are missing; install them with: sudo apt install {' '.join(packages)}")


def run(
    *command: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None, log: Path | None = None
) -> str:
    """Run a program to its end and return what it printed; `log` gets standard error as it comes.

    Raises:
        ImageError: it ended with another status than 0; the last lines of what it said are in the text.
    """
    words = [str(word) for word in command]
    path = find(words[0])
    if path is None:
        raise Unusable(f"{words[0]} is not installed")
    try:
        errors = subprocess.PIPE if log is None else log.open("w")
        with subprocess.Popen(
            [path, *words[1:]], cwd=cwd, env=_environment(env), stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process:
            out, err = process.communicate()
    finally:
        if log is not None and not isinstance(errors, int):
            errors.close()
    if process.returncode != 0:
        said = log.read_text(errors="replace") if log is not None else err or out
        raise ImageError(f"{words[0]} ended with {process.returncode}: {_tail(said)}")
    return out


def _environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    """Time zone and language decide what some of these tools write, so they are fixed."""
    return {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC", "MTOOLS_SKIP_CHECK": "1", **(extra or {})}


def _tail(text: str) -> str:
    lines: Sequence[str] = [line.strip() for line in text.splitlines() if line.strip()]
    return "; ".join(lines[-_LAST_LINES:]) or "it gave no reason"
