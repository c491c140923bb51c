"""One target after the other, each in its own process for its own time, and a table at the end."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.fuzz.child import HANG_S
from tests.fuzz.target import FOUND, Target, target

KEPT_FILES: Final = 8
KEPT_BYTES: Final = 400
"""So many inputs, each no longer than this, are kept of a target."""
GRACE_S: Final = 180
"""For the start, which instruments all that is imported, on a busy machine, and one last input."""


@dataclass(frozen=True)
class Outcome:
    """What one target's run came to."""

    name: str
    runs: int
    seconds: float
    fresh: int
    find: Path | None
    failed: bool


def best_engine() -> str:
    """atheris where it is installed."""
    return "hypothesis" if importlib.util.find_spec("atheris") is None else "atheris"


def run(names: Iterable[str], seconds: int, engine: str) -> int:
    """Fuzz these targets; returns 1 if something was found."""
    outcomes = [_one(target(name), seconds, engine) for name in names]
    print(f"\n{'target':<18}{'runs':>10}{'runs/s':>9}{'new':>6}  find        (engine: {engine}, {seconds} s each)")
    for item in outcomes:
        found = str(item.find) if item.find else "the run failed, see its log" if item.failed else "-"
        print(f"{item.name:<18}{item.runs:>10}{item.runs / item.seconds:>9.0f}{item.fresh:>6}  {found}")
    for item in outcomes:
        if item.find:
            print(f"\nreplay: {sys.executable} -m tests.fuzz replay {item.name} {item.find}")
        if item.failed:
            print(f"log:    {_log(item.name)}")
    return int(any(item.failed for item in outcomes))


def _log(name: str) -> Path:
    return FOUND / name / "log.txt"


def _one(it: Target, seconds: int, engine: str) -> Outcome:
    print(f"{it.name}: {seconds} s", flush=True)
    it.found.mkdir(parents=True, exist_ok=True)
    before = _count(it)
    command = [sys.executable, "-m", "tests.fuzz", "child", it.name, engine, str(seconds)]
    start_s = time.monotonic()
    with _log(it.name).open("wb") as log:
        try:
            status = subprocess.run(
                command, stdout=log, stderr=log, timeout=seconds + HANG_S + GRACE_S, check=False, env=_environment()
            ).returncode
        except subprocess.TimeoutExpired:
            status = -1
    text = _log(it.name).read_text("utf-8", "replace")
    units = re.findall(r"number_of_executed_units: *(\d+)", text) or re.findall(r"(?m)^#(\d+)\t", text) or ["0"]
    written = re.findall(r"Test unit written to (\S+)", text)
    find = Path(written[-1]) if written else None
    took_s = max(time.monotonic() - start_s, 0.001)
    return Outcome(it.name, int(units[-1]), took_s, _count(it) - before, find, bool(status) or find is not None)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONHASHSEED": "0"}


def _count(it: Target) -> int:
    folder = it.found / "new"
    return sum(1 for _ in folder.iterdir()) if folder.is_dir() else 0


def keep(name: str) -> int:
    """Take the shortest inputs that atheris found new into the corpus, up to `KEPT_FILES` in all."""
    it = target(name)
    it.corpus.mkdir(parents=True, exist_ok=True)
    known = {path.name for path in it.kept()}
    folder = it.found / "new"
    fresh = sorted(folder.iterdir(), key=lambda path: path.stat().st_size) if folder.is_dir() else []
    step = max(1, len(fresh) // KEPT_FILES)
    for path in fresh[::step]:
        if len(known) >= KEPT_FILES:
            break
        if path.stat().st_size <= KEPT_BYTES and path.name[:12] not in known:
            (it.corpus / path.name[:12]).write_bytes(path.read_bytes())
            known.add(path.name[:12])
    print(f"{name}: {len(known)} inputs in {it.corpus}")
    return 0
