"""Packages of others that flight needs, as wheels for the target, gathered on the desktop: a rover has no internet."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sil.deploy.errors import DeployError
from sil.deploy.facts import Facts

FLIGHT_NEEDS: Final = ("msgspec>=0.18.6", "transitions>=0.9.2", "pyserial>=3.5", "smbus2>=0.5", "gpiod>=2.2")
"""crcmod comes from here, see `bundle`: it is published as source only."""
SIMULATION_NEEDS: Final = ("astronomy-engine>=2.1.19",)
OLDEST_GLIBC: Final = 17
"""manylinux2014 is glibc 2.17 (PEP 599); later ones carry their version in the name (PEP 600)."""


def platforms(facts: Facts) -> tuple[str, ...]:
    """Platform tags that run there, newest first."""
    newer = (f"manylinux_2_{minor}_{facts.machine}" for minor in range(facts.glibc, OLDEST_GLIBC - 1, -1))
    return (*newer, f"manylinux2014_{facts.machine}")


def pip_options(facts: Facts) -> list[str]:
    """What makes pip choose for the target instead of for itself, and never build anything."""
    abi = "cp" + facts.python.replace(".", "")
    options = ["--only-binary=:all:", "--python-version", facts.python, "--implementation", "cp"]
    options += [part for name in (abi, "abi3", "none") for part in ("--abi", name)]
    return options + [part for name in platforms(facts) for part in ("--platform", name)]


def gather(needs: Sequence[str], facts: Facts, cache: Path, source: Path | None = None) -> list[Path]:
    """Wheels of `needs` and what these need, from the package index or only from the folder `source`.

    Downloaded once for each kind of target. Raises `DeployError` with pip's own words.
    """
    options = pip_options(facts)
    key = hashlib.sha256("\n".join([*needs, *options, *_fingerprint(source)]).encode()).hexdigest()[:16]
    folder = cache / "wheels" / key
    if not folder.exists():
        fresh = folder.with_name(f"{key}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        _download(needs, options, fresh, source)
        fresh.replace(folder)
    return sorted(folder.glob("*.whl"))


def _fingerprint(source: Path | None) -> list[str]:
    """Another one whenever the wheels of a folder are others."""
    found = [] if source is None else sorted(source.glob("*.whl"))
    return [f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in found]


def _download(needs: Sequence[str], options: Sequence[str], folder: Path, source: Path | None) -> None:
    where = [] if source is None else ["--no-index", "--find-links", str(source)]
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "-d", str(folder)]
    ran = subprocess.run([*command, *where, *options, *needs], capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        errors = [line for line in ran.stderr.splitlines() if line.startswith("ERROR:")] or ran.stderr.splitlines()[-1:]
        said = errors[-1].removeprefix("ERROR: ") if errors else f"pip ended with {ran.returncode}"
        raise DeployError(f"wheels for the rover could not be gathered: {said}")
