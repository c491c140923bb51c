"""Leads a crew through the seeds: hands out, takes in, begins again where workers were lost, and gives up in words."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from typing import Final

from sil.campaign.crews import Crew
from sil.campaign.fly import Task, WrongWorker, fly
from sil.campaign.rows import Flown

TICK_S: Final = 0.25
MOST_LOSSES: Final = 5
"""As often in a row, without a run between them, as workers may be lost before the campaign stops."""
MOST_ALONE: Final = 2
"""As often as a seed may lose the worker that flies it alone before the others go on without it."""


class CrewLost(Exception):
    """No worker stays alive."""


class Leader:
    """One campaign's way through its tasks."""

    def __init__(
        self, crew: Crew, take: Callable[[Flown], None], tick: Callable[[], None], note: Callable[[str], None]
    ) -> None:
        """`take` gets every run, `tick` is called a few times a second, `note` gets what an operator should know."""
        self._crew = crew
        self._take = take
        self._tick = tick
        self._note = note
        self._left: deque[Task] = deque()
        self._suspects: deque[Task] = deque()
        """On their way when a worker was lost: flown again one at a time, so that the one to blame is known."""
        self._alone: dict[int, int] = {}
        self._losses = 0
        self.given_up: list[int] = []
        """Seeds whose worker died each time."""

    def run(self, tasks: Iterable[Task]) -> None:
        """Fly all.

        Raises:
            WrongWorker: a worker would fly other rows.
            CrewLost: workers die again and again, whatever they fly.
            ConfigError: the executor cannot be had.
        """
        self._left.extend(tasks)
        try:
            while self._left or self._suspects:
                running: dict[Future[Flown], Task] = {}
                try:
                    self._fly(self._crew.start(), running)
                except _Loss as loss:
                    self._begin_again(list(running.values()), str(loss))
        finally:
            self._crew.stop()

    def _fly(self, executor: Executor, running: dict[Future[Flown], Task]) -> None:
        while self._left or self._suspects or running:
            self._hand_out(executor, running)
            done, _ = wait(running, timeout=TICK_S, return_when=FIRST_COMPLETED)
            loss = None
            for future in done:
                loss = self._take_in(future, running) or loss
            self._tick()
            if loss is not None:
                raise loss

    def _hand_out(self, executor: Executor, running: dict[Future[Flown], Task]) -> None:
        while True:
            source = self._suspects or self._left
            if not source or len(running) >= (1 if self._suspects or self._is_suspect(running) else self._crew.room()):
                return
            try:
                running[executor.submit(fly, source[0])] = source[0]
            except (RuntimeError, OSError) as error:  # the pool is broken, the cluster gone
                raise _Loss(_reason(error)) from None
            source.popleft()

    def _is_suspect(self, running: dict[Future[Flown], Task]) -> bool:
        return any(task.seed in self._alone for task in running.values())

    def _take_in(self, future: Future[Flown], running: dict[Future[Flown], Task]) -> _Loss | None:
        try:
            flown = future.result()
        except WrongWorker:
            raise
        except Exception as error:  # noqa: BLE001 - `fly` turns what fails in a run into a row: a worker was lost
            return _Loss(_reason(error))
        task = running.pop(future)
        self._alone.pop(task.seed, None)
        self._losses = 0
        self._take(flown)
        return None

    def _begin_again(self, tasks: list[Task], reason: str) -> None:
        self._crew.stop()
        self._losses += 1
        self._note(f"a worker was lost ({reason}); beginning again with {len(tasks)} runs that were on their way")
        alone = len(tasks) == 1
        for task in tasks:
            self._alone[task.seed] = self._alone.get(task.seed, 0) + alone
            if self._alone[task.seed] >= MOST_ALONE:
                self.given_up.append(task.seed)
            else:
                self._suspects.append(task)
        if self._losses > MOST_LOSSES:
            raise CrewLost(reason)


class _Loss(Exception):
    """A worker was lost; the text says how that was noticed."""


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
