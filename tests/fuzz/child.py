"""One target in a process of its own, by either engine.  A find ends it."""

from __future__ import annotations

import sys
import time
import traceback
from hashlib import sha1
from pathlib import Path
from typing import Final

from tests.fuzz.target import Target, target

MEASURED: Final = ("flight", "ground", "hal", "sil", "sim_hal", "telemetry_defs", "tomllib")
"""Packages whose branches lead atheris."""
HANG_S: Final = 20
"""An input that takes longer is a find."""
MOST_MB: Final = 2048


def run(name: str, engine: str, seconds: int) -> int:
    """Fuzz; the last lines printed are what `campaign` reads."""
    return _atheris(name, seconds) if engine == "atheris" else _hypothesis(target(name), seconds)


def folders(it: Target) -> tuple[Path, Path]:
    """Where new inputs and where finds go, made if need be; the seeds of today are laid beside the new inputs."""
    fresh, finds, seeds = it.found / "new", it.found / "finds", it.found / "seeds"
    for folder in (fresh, finds, seeds):
        folder.mkdir(parents=True, exist_ok=True)
    for data in it.seeds():
        (seeds / sha1(data, usedforsecurity=False).hexdigest()).write_bytes(data)
    return fresh, finds


def _atheris(name: str, seconds: int) -> int:
    import atheris

    with atheris.instrument_imports(include=list(MEASURED), enable_loader_override=False):
        it = target(name)
    fresh, finds = folders(it)
    options = [
        "tests.fuzz",
        f"-max_total_time={seconds}",
        f"-max_len={it.max_bytes}",
        f"-timeout={HANG_S}",
        f"-rss_limit_mb={MOST_MB}",
        f"-artifact_prefix={finds}/",
        "-print_final_stats=1",
        str(fresh),
        str(it.found / "seeds"),
    ]
    if it.corpus.is_dir():
        options.append(str(it.corpus))
    atheris.Setup(options, it.check)
    atheris.Fuzz()
    return 0


def _hypothesis(it: Target, seconds: int) -> int:
    """Batches of examples until the time is up; what it finds is shrunk and written down as atheris would."""
    from hypothesis import HealthCheck, given, seed, settings
    from hypothesis.database import DirectoryBasedExampleDatabase

    from tests.fuzz.mutation import inputs

    _, finds = folders(it)
    database = DirectoryBasedExampleDatabase(it.found / "examples")
    runs, end_s, failing = 0, time.monotonic() + seconds, b""

    def once(data: bytes) -> None:
        nonlocal runs, failing
        runs += 1
        try:
            it.check(data)
        except BaseException:
            failing = data
            raise

    batch = 0
    while time.monotonic() < end_s:
        batch += 1
        wanted = settings(
            max_examples=200,
            deadline=None,
            database=database,
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        )
        try:
            seed(batch)(wanted(given(inputs(it))(once)))()
        except BaseException:  # noqa: BLE001 - whatever comes out is a find
            traceback.print_exc()
            path = finds / f"crash-{sha1(failing, usedforsecurity=False).hexdigest()}"
            path.write_bytes(failing)
            print(f"Test unit written to {path}", file=sys.stderr)
            return 1
    print(f"stat::number_of_executed_units: {runs}", file=sys.stderr)
    return 0
