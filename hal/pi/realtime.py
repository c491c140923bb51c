"""Real-time settings of the process, each on its own: what the system does not allow is one warning, not the end.

The real-time class is not handed on to threads and programs started later, which have no deadlines to meet.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from typing import Final

from hal.api.process import BoardOptions

MCL_CURRENT: Final = 1
MCL_FUTURE: Final = 2
MCL_ONFAULT: Final = 4
"""Lock a page when it is first used (mlockall(2)): without it every thread's whole stack would become resident."""


def take_up(options: BoardOptions) -> Iterator[str]:
    """Set what `options` asks for; gives one sentence for each setting that was refused."""
    settings: tuple[tuple[bool, str, Callable[[], None]], ...] = (
        (options.priority is not None, f"real-time priority {options.priority}", lambda: _schedule(options)),
        (options.pin is not None, f"running on CPU {options.pin} only", lambda: _pin(options)),
        (options.lock_memory, "locked memory", _lock_memory),
    )
    for wanted, name, setting in settings:
        if wanted:
            try:
                setting()
            except OSError as error:
                yield f"no {name}: {error.strerror or error}"


def _schedule(options: BoardOptions) -> None:
    parameters = os.sched_param(options.priority or 0)
    os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, parameters)


def _pin(options: BoardOptions) -> None:
    os.sched_setaffinity(0, {options.pin or 0})


def _lock_memory() -> None:
    limit, _ = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    if limit != resource.RLIM_INFINITY and os.geteuid() != 0:
        # The lock would succeed and a later allocation fail.
        raise OSError(f"at most {limit} bytes may be locked (LimitMEMLOCK=infinity in the unit lifts this)")
    import ctypes  # a megabyte that only this needs

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
