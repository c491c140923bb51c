"""Who flies: processes of this machine, or a Dask cluster.  Both are a `concurrent.futures.Executor`."""

from __future__ import annotations

import gc
import multiprocessing
import os
import re
import signal
import threading
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import connection, parent_process
from multiprocessing.process import BaseProcess
from typing import Any, Final, Protocol

from hal.api.config import ConfigError

AHEAD: Final = 2
"""Tasks on the way for each worker: one in flight and one that waits, so that none is ever idle."""
ADDRESS: Final = re.compile(r"(tcp|tls|ws|wss)://[^\s/]+:\d+")
REACH_S: Final = 10.0
"""How long a scheduler may take to answer."""
WORKERS_S: Final = 30.0
"""How long it may take until its first worker is there."""


class Crew(Protocol):
    """Makes executors; a new one after workers were lost."""

    def start(self) -> Executor:
        """An executor that is ready.  Raises `ConfigError`: it cannot be had."""
        ...

    def room(self) -> int:
        """How many tasks may be on their way now."""
        ...

    def stop(self) -> None:
        """End it at once, whatever is still flying."""
        ...


class LocalCrew:
    """Processes that are spawned: each imports Rahi once, shares nothing, and ends with the one that leads."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._before: tuple[BaseProcess, ...] = ()
        self._pool: ProcessPoolExecutor | None = None

    def start(self) -> Executor:
        self._before = tuple(multiprocessing.active_children())
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(self._workers, mp_context=context, initializer=begin_worker)
        return self._pool

    def room(self) -> int:
        return AHEAD * self._workers

    def stop(self) -> None:
        mine = [child for child in multiprocessing.active_children() if child not in self._before]
        for child in mine:
            child.terminate()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
        for child in mine:
            child.join(5.0)


def begin_worker() -> None:
    """In each worker, before its first task."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the leader hears of it and ends everybody
    import sil.campaign.fly  # noqa: F401 - once a worker, not with its first task

    gc.freeze()  # what was imported need not be looked through again
    leader = parent_process()
    if leader is not None:
        threading.Thread(target=_end_with, args=(leader.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    """A leader that was killed tells nobody; without this its workers would wait for ever."""
    connection.wait([sentinel])
    os._exit(1)


class DaskCrew:
    """A Dask cluster that is there already."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._client: Any = None

    def reach(self) -> None:
        """Find the scheduler and its first worker.  Raises `ConfigError`."""
        if ADDRESS.fullmatch(self._address) is None:
            raise ConfigError(f"--scheduler {self._address}", "expected tcp://HOST:PORT, as the scheduler tells it")
        try:
            from distributed import Client
        except ImportError:
            raise ConfigError("--scheduler", "needs the package distributed: pip install 'rahi[dask]'") from None
        try:
            self._client = Client(self._address, timeout=REACH_S, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise ConfigError(f"--scheduler {self._address}", f"no Dask scheduler answers there: {error}") from None
        try:
            self._client.wait_for_workers(1, timeout=WORKERS_S)
        except TimeoutError:
            raise ConfigError(f"--scheduler {self._address}", "the scheduler has no workers") from None

    def start(self) -> Executor:
        if self._client is None:
            self.reach()
        executor: Executor = self._client.get_executor(pure=False)
        return executor

    def room(self) -> int:
        threads: dict[str, int] = self._client.nthreads()
        return max(1, AHEAD * sum(threads.values()))

    def stop(self) -> None:
        if self._client is not None:
            self._client.close(timeout=REACH_S)
            self._client = None
