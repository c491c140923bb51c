"""Workers that search side by side, each a forked process with a seed of its own, and what they tell the one who leads.

Forked, so that whatever was changed in the leading process (a defect put in on purpose) is in them too.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterable
from multiprocessing.context import ForkContext
from multiprocessing.process import BaseProcess
from queue import Empty
from typing import Any, Final

import msgspec

from sil.hunt.examine import CRASH, Coverage, examine
from sil.hunt.reduce import reduce
from sil.hunt.search import Find, Plan, Searcher
from sil.scenario import Scenario

TELL_S: Final = 1.0
REDUCE_S: Final = 60.0
WAIT_S: Final = 0.2


class Progress(msgspec.Struct, kw_only=True):
    """Where the hunt stands."""

    seconds: float = 0.0
    coverage: Coverage = msgspec.field(default_factory=Coverage)
    found_s: float | None = None
    """When something was first seen to fail; from then on it is being shrunk."""
    seen: Find | None = None
    """As small as it was when last heard of."""
    find: Find | None = None
    """Shrunk to the end."""
    shrunk_s: float | None = None
    error: str | None = None
    """A worker failed, with this traceback, or was lost."""

    @property
    def best(self) -> Find | None:
        """What there is to be shown, if anything."""
        return self.find or self.seen


class Team:
    """`run` ends with the first find, or when the time or the examples are used up."""

    def __init__(self, plan: Plan, workers: int, limit_s: float | None) -> None:
        self._plan = plan
        self._limit_s = limit_s
        self._context: ForkContext = multiprocessing.get_context("fork")
        self._queue: Any = self._context.Queue()
        self._seen = self._context.Event()
        self._started_s = time.monotonic()
        self._leader = os.getpid()
        self._parts: dict[int, Coverage] = {}
        self._ended: set[int] = set()
        self._workers = [self._worker(number, workers) for number in range(workers)]
        self.progress = Progress()

    def run(self, show: Callable[[Progress], None]) -> Progress:
        """Lead the hunt; `show` is called a few times a second."""
        gc.freeze()  # what both have in common stays shared
        for worker in self._workers:
            worker.start()
        try:
            while self._listen() and self.progress.error is None:
                self._look()
                show(self.progress)
                if self.progress.shrunk_s is not None:
                    break
        finally:
            self._end()
        self._look()
        return self.progress

    def _worker(self, number: int, workers: int) -> BaseProcess:
        plan = self._plan
        share = None if plan.examples is None else (plan.examples + number) // workers
        own = msgspec.structs.replace(plan, seed=plan.seed * workers + number, examples=share)
        return self._context.Process(target=self._work, args=(number, own), daemon=True)

    def _listen(self) -> bool:
        """Take what the workers say; False once all have ended and nothing is left to hear."""
        gone = [number for number, worker in enumerate(self._workers) if not worker.is_alive()]
        try:
            self._take(*self._queue.get(timeout=WAIT_S))
        except Empty:
            self._miss(number for number in gone if number not in self._ended)
            return len(gone) < len(self._workers)
        return True

    def _miss(self, lost: Iterable[int]) -> None:
        """A worker that ended without a word was killed, by the system's lack of memory for one."""
        for number in lost:
            self.progress.error = f"worker {number} was lost (exit code {self._workers[number].exitcode})"

    def _take(self, kind: str, number: int, body: Any) -> None:
        progress = self.progress
        if kind == "coverage":
            self._parts[number] = msgspec.json.decode(body, type=Coverage)
        elif kind == "seen":
            when_s, progress.seen = body
            progress.found_s = min(when_s, progress.found_s or when_s)
        elif kind == "find" and progress.find is None:
            progress.find, progress.shrunk_s = body, self._now_s()
        elif kind == "error":
            progress.error = body
        elif kind == "ended":
            self._ended.add(number)

    def _look(self) -> None:
        self.progress.seconds = self._now_s()
        whole = Coverage()
        for part in self._parts.values():
            whole.add(part)
        self.progress.coverage = whole

    def _end(self) -> None:
        for worker in self._workers:
            worker.terminate()
        for worker in self._workers:
            worker.join(5.0)

    def _now_s(self) -> float:
        return time.monotonic() - self._started_s

    # In the worker's own process.

    def _over(self) -> bool:
        late = self._limit_s is not None and self._now_s() >= self._limit_s
        return late or self._seen.is_set() or self._alone()

    def _alone(self) -> bool:
        """The leader was killed."""
        return os.getppid() != self._leader

    def _work(self, number: int, plan: Plan) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the leader hears of it and ends everybody
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        try:
            self._search(number, plan)
        except Exception:  # noqa: BLE001 - the leader tells what happened
            self._queue.put(("error", number, traceback.format_exc()))
        self._queue.put(("ended", number, None))
        self._queue.close()
        if not self._alone():
            self._queue.join_thread()
        os._exit(0)  # nothing of the leader's is to be ended twice

    def _search(self, number: int, plan: Plan) -> None:
        told_s = 0.0
        told: Find | None = None

        def report(coverage: Coverage) -> None:
            nonlocal told_s, told
            if searcher.smallest is not told:
                told = searcher.smallest
                self._seen.set()
                self._queue.put(("seen", number, (self._now_s(), told)))
            if self._now_s() - told_s >= TELL_S:
                told_s = self._now_s()
                self._queue.put(("coverage", number, msgspec.json.encode(coverage)))

        searcher = Searcher(plan, self._over, report)
        find = searcher.run()
        self._queue.put(("coverage", number, msgspec.json.encode(searcher.coverage)))
        if find is not None:
            self._queue.put(("find", number, reduced(find, plan)))


def reduced(find: Find, plan: Plan) -> Find:
    """The find with everything left out that is not needed for it."""
    until_s = time.monotonic() + REDUCE_S
    wanted = tuple(prop for prop in plan.properties if prop.name == find.broken)

    def broken(scenario: Scenario) -> str | None:
        judged = examine(scenario, wanted).judgements.get(find.broken)
        return None if judged is None or judged.holds else judged.text

    small = reduce(find.scenario, lambda scenario: broken(scenario) is not None, lambda: time.monotonic() > until_s)
    return Find(scenario=small, broken=find.broken, text=broken(small) or find.text)


__all__ = ["CRASH", "Progress", "Team", "reduced"]
