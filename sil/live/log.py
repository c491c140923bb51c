"""What came from outside during a live session, with its simulated time: all it takes to repeat the session.

`live.jsonl`: one object a line, `{"t_ns", "radio", "hex"}` for bytes, `{"t_ns", "fault": {...}}` for a fault injected
or ended, the last one `{"t_ns", "end": true}`. Each line is on its way to the disk before the rover sees what it tells,
so that a killed session can be repeated up to its end too.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import msgspec

from hal.api.config import ConfigError
from sil.live.injection import Injection, injection_of, plain
from sil.live.ports import RADIOS

LIVE_FILE: Final = "live.jsonl"


class LogEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One line."""

    t_ns: int
    radio: str = ""
    hex: str = ""
    fault: dict[str, Any] | None = None
    """An `Injection`."""
    end: bool = False


class LiveLog:
    """Writes the log; a context manager."""

    def __init__(self, path: Path) -> None:
        """Make the file."""
        self._file = path.open("wb")

    def __enter__(self) -> LiveLog:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self._file.close()

    def received(self, t_ns: int, radio: str, data: bytes) -> None:
        """Bytes for a radio."""
        self._write(LogEntry(t_ns=t_ns, radio=radio, hex=data.hex()))

    def injected(self, t_ns: int, injection: Injection) -> None:
        """A fault that an operator starts or ends."""
        self._write(LogEntry(t_ns=t_ns, fault=plain(injection)))

    def ended(self, t_ns: int) -> None:
        """The session ended in good order."""
        self._write(LogEntry(t_ns=t_ns, end=True))

    def _write(self, entry: LogEntry) -> None:
        self._file.write(msgspec.json.encode(entry) + b"\n")
        self._file.flush()


def read_log(path: Path) -> Sequence[LogEntry]:
    """The entries in order; a last line cut short by a kill is left out.

    Raises:
        ConfigError: no such file, or another line is not one of ours.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise ConfigError(str(path), f"no log of a live session: {error.strerror}") from None
    entries = []
    for number, line in enumerate(lines[:-1], 1):
        try:
            entry = msgspec.json.decode(line, type=LogEntry)
            bytes.fromhex(entry.hex)
            if entry.fault is not None:
                injection_of(entry.fault, None)
            elif not entry.end and entry.radio not in RADIOS:
                raise ValueError(f"no radio {entry.radio!r}")
        except (msgspec.MsgspecError, ValueError, RecursionError, ConfigError) as error:
            raise ConfigError(str(path), f"line {number}: {error}") from None
        entries.append(entry)
    return entries
