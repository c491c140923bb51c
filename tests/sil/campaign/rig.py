"""A short scenario whose runs differ by seed, a crew without processes, and a store filled by hand."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from sil.campaign.fly import Task
from sil.campaign.plan import Plan, make_plan
from sil.loader import decode_scenario
from sil.scenario import Scenario

TEXT = """
name = "tiny"
world = "flat"
duration_s = 20.0
[start]
time_utc = 2029-09-24T00:00:00Z
[[command]]
at_s = 6.0
id = "drive"
name = "mobility.drive_to"
args = { x_m = 1.0, y_m = 0.0, speed_m_s = 0.05, timeout_s = 60.0 }
[[disperse]]
key = "vehicle.drive.friction_a"
low = 0.03
high = 0.05
[[disperse_fault]]
device = "wheels.rear_left"
kind = "jam"
probability = 0.5
from_s = 8.0
to_s = 14.0
[[expect]]
event = "mobility.stall"
absent = true
"""
TABLES = ("runs", "margins", "expectations")


def tiny(text: str = TEXT) -> Scenario:
    """The scenario."""
    return decode_scenario(text, "tiny.toml")


def plan(n: int = 3, seed: int = 1, wanted: str | None = "wheels_need_command") -> Plan:
    """A plan for it."""
    return make_plan(tiny(), n, seed, wanted)


def dump(out: Path) -> dict[str, list[Any]]:
    """Every table that must not depend on who flew it."""
    db = sqlite3.connect(out / "results.sqlite")
    try:
        return {name: db.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in TABLES}
    finally:
        db.close()


class FakeExecutor(Executor):
    """Flies when asked, in this thread; `fate` may raise in place of a result."""

    def __init__(self, fate: Callable[[Task, int], None], on_the_way: list[int]) -> None:
        self._fate = fate
        self._waiting: list[tuple[Future[Any], Callable[..., Any], Task]] = []
        self._on_the_way = on_the_way

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Done at once, so that `wait` has nothing to wait for."""
        future: Future[Any] = Future()
        (task,) = args
        self._on_the_way.append(task.seed)
        try:
            self._fate(task, len(self._on_the_way))
            future.set_result(fn(task))
        except Exception as error:  # noqa: BLE001 - handed on, as an executor does
            future.set_exception(error)
        return future


class FakeCrew:
    """A crew of one such executor after another."""

    def __init__(self, fate: Callable[[Task, int], None] = lambda task, number: None, room: int = 2) -> None:
        self._fate = fate
        self._room = room
        self.handed_out: list[int] = []
        self.starts = 0
        self.stops = 0

    def start(self) -> Executor:
        self.starts += 1
        return FakeExecutor(self._fate, self.handed_out)

    def room(self) -> int:
        return self._room

    def stop(self) -> None:
        self.stops += 1
