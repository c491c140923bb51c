"""Repeats a logged live session: the same bytes and faults at the same simulated times, so the same downlink."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from sil.live.injection import Injection, injection_of
from sil.live.log import LogEntry


class Replay:
    """Feeds the log to a mission; `between_cycles` is called where the live session read its sockets."""

    def __init__(self, entries: Sequence[LogEntry]) -> None:
        """Take the log of the session."""
        self._entries = deque(entries)

    def between_cycles(
        self, now_ns: int, uplink: Callable[[str, bytes], None], inject: Callable[[Injection], None]
    ) -> bool:
        """Pass on what was received by now: `uplink(radio, bytes)`, faults; False once the log has come to its end."""
        entries = self._entries
        while entries and entries[0].t_ns <= now_ns:
            entry = entries.popleft()
            if entry.fault is not None:
                inject(injection_of(entry.fault, None))
            elif not entry.end:
                uplink(entry.radio, bytes.fromhex(entry.hex))
        return bool(entries)
