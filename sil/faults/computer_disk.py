"""Faults of the disk and of what lies on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from msgspec import Meta

from hal.api.clock import seconds
from hal.api.config import Section
from hal.api.values import ResetCause
from sil.faults.computer_life import REBOOT_RESPONSE
from sil.faults.kinds import Bench, Fault, Layer, NoParams, graded, instant, switched
from sim_hal.disk import SYNC_NS


class CutInWrite(Section, frozen=True, kw_only=True):
    """Which write, and how long the computer stays off."""

    write: Annotated[int, Meta(ge=1, le=10_000)] = 1
    """1: the next one."""
    off_s: Annotated[float, Meta(ge=0.5, le=1.0e6)] = 2.0


class ImageFlip(Section, frozen=True, kw_only=True):
    """Which bit of which file."""

    file: Literal["state", "schedule", "monitors", "sequences"] = "state"
    copy: Literal["a", "b", "both"] = "both"
    bit: Annotated[int, Meta(ge=0, le=100_000)] = 100
    """Counted round the file's length."""
    reset: bool = True
    """Reset the computer too: files are read at a boot only and soon written again."""


class SlowSync(Section, frozen=True, kw_only=True):
    """How slow."""

    sync_s: Annotated[float, Meta(ge=0.05, le=120.0)] = 5.0
    """More than a healthy disk takes."""


def _cut_in_write(bench: Bench, params: CutInWrite) -> None:
    """Armed until it happens, over boots too."""
    disk, left = bench.simulation.disk, params.write

    def written() -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            disk.after_write = None
            bench.simulation.stop(ResetCause.POWER_CUT, off_ns=seconds(params.off_s))

    disk.after_write = written


def _flip(bench: Bench, params: ImageFlip) -> None:
    if params.reset:
        bench.simulation.stop(ResetCause.WATCHDOG)
    for copy in ("a", "b") if params.copy == "both" else (params.copy,):
        bench.simulation.disk.flip(f"{params.file}.{copy}", params.bit)


def _full(bench: Bench, _: NoParams, on: bool) -> None:
    bench.simulation.disk.full = on


def _unreadable(bench: Bench, _: NoParams, on: bool) -> None:
    bench.simulation.disk.unreadable = on


def _slow(bench: Bench, params: SlowSync, level: float) -> None:
    bench.simulation.disk.sync_ns = SYNC_NS + seconds(level * params.sync_s)


FAULTS: Final[Mapping[tuple[str, str], Fault]] = {
    ("computer", "cut_in_write"): Fault(
        layer=Layer.COMPUTER,
        meaning="its power is cut in the middle of a write",
        response=REBOOT_RESPONSE,
        make=instant(_cut_in_write),
        params=CutInWrite,
        lasting=False,
        events=("system.boot",),
    ),
    ("computer", "image_bit_flip"): Fault(
        layer=Layer.COMPUTER,
        meaning="a bit of a kept file changes on the disk",
        response="finds it by the checksum at the next boot; takes the other copy, or starts without and tells it",
        make=instant(_flip),
        params=ImageFlip,
        lasting=False,
        events=("system.state_lost", "system.boot"),
    ),
    ("computer", "storage_full"): Fault(
        layer=Layer.COMPUTER,
        meaning="the disk takes no more bytes",
        response="tells it, goes on in memory, refuses what it could not keep",
        make=switched(_full),
        events=("system.storage_failed", "store.failed"),
    ),
    ("computer", "storage_read_error"): Fault(
        layer=Layer.COMPUTER,
        meaning="no file can be read",
        response="starts without what it kept and tells it; a replay gives nothing",
        make=switched(_unreadable),
    ),
    ("computer", "storage_slow_sync"): Fault(
        layer=Layer.COMPUTER,
        meaning="what is written becomes durable late",
        response="says done when it is durable, not earlier; fails what takes over 10 s",
        make=graded(_slow),
        params=SlowSync,
        ramps=True,
    ),
}
