"""The rover's disk, in memory, with what a power cut really does to unsynced writes.

What flight wrote is visible to it at once but durable only `SYNC_NS` after it asked for a sync.  A cut keeps each
unsynced operation or not, whatever its order; it may tear an append; and an append kept behind a lost one leaves
a hole of zeros.  A replace is atomic: the old file or the new one.  Unasked, the system syncs after `FLUSH_NS`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from hal.api.errors import BadReading, NotReady
from sim_hal.clock import Rank, SimClock
from sim_hal.noise import Noise
from sim_hal.plug import Plug

SYNC_NS = 20_000_000
FLUSH_NS = 30_000_000_000
CAPACITY_BYTES = 256_000_000
_TORN_SHARE = 0.5
_LOST_SHARE = 0.5


class _Write(NamedTuple):
    """One operation not yet durable; `data` None removes, `offset` None replaces."""

    ticket: int
    name: str
    data: bytes | None
    offset: int | None


class Disk:
    """The lasting medium; flight sees it through `DiskStorage`."""

    def __init__(self, clock: SimClock, noise: Noise, capacity_bytes: int = CAPACITY_BYTES) -> None:
        self._clock = clock
        self._noise = noise
        self._capacity = capacity_bytes
        self._durable: dict[str, bytearray] = {}
        self._live: dict[str, bytearray] = {}
        self._used = 0
        self._pending: list[_Write] = []
        self._ticket = 0
        self.synced_ticket = 0
        self.sync_ns = SYNC_NS
        """From the request of a sync to its end; a fault may make it longer."""
        self.full = False
        """Set by a fault: there is no room for another byte."""
        self.unreadable = False
        """Set by a fault: no file can be read, though all are there."""
        self.after_write: Callable[[], None] | None = None
        """Set by a fault: called in the caller's own context when a write has been taken and is not yet durable."""

    def preload(self, name: str, data: bytes) -> None:
        """Put a durable file there before flight boots (a scenario's start state)."""
        self._forget_size(name)
        self._durable[name] = bytearray(data)
        self._live[name] = bytearray(data)
        self._used += len(data)

    def names(self) -> tuple[str, ...]:
        """All files that flight can see, sorted."""
        return tuple(sorted(self._live))

    def content(self, name: str) -> bytes:
        """Whole file.  Raises `NotReady` if there is none."""
        data = self._live.get(name)
        if self.unreadable and data is not None:
            raise BadReading("storage", f"{name} cannot be read")
        if data is None:
            raise NotReady("storage", f"no file {name}")
        return bytes(data)

    def write(self, name: str, data: bytes | None, *, append: bool) -> int:
        """Append, replace or (None) remove; returns the ticket.  Raises `NotReady` when the disk is full."""
        size = 0 if data is None else len(data)
        if self._used + size > self._capacity or (size and self.full):
            raise NotReady("storage", f"full, {self._used} of {self._capacity} bytes used")
        live = self._live.get(name)
        offset = (0 if live is None else len(live)) if append else None
        if not append:
            self._forget_size(name)
        self._used += size
        self._ticket += 1
        write = _Write(self._ticket, name, data, offset)
        _apply(self._live, write)
        self._pending.append(write)
        if len(self._pending) == 1:
            self._clock.at(self._clock.now_ns() + FLUSH_NS, Rank.BYTES, self._flush)
        ticket = self._ticket
        if self.after_write is not None:
            self.after_write()
        return ticket

    def flip(self, name: str, bit: int) -> bool:
        """Change one bit (counted round the file's length) of a file where it lies; False if there is none."""
        size = len(self._live.get(name, b""))
        for files in (self._live, self._durable):
            data = files.get(name)
            if data:
                data[bit // 8 % len(data)] ^= 1 << bit % 8
        return size > 0

    def request_sync(self) -> None:
        """Everything so far is durable `sync_ns` from now."""
        through = self._ticket
        if self._pending:
            self._clock.at(self._clock.now_ns() + self.sync_ns, Rank.BYTES, lambda: self._sync_through(through))

    def cut(self) -> None:
        """The power went: unsynced operations meet their luck, and what is left is durable."""
        replace_lost: set[str] = set()
        for write in self._pending:
            uniform = self._noise.uniform()
            if uniform < _LOST_SHARE or (write.offset is not None and write.name in replace_lost):
                if write.offset is None:
                    replace_lost.add(write.name)
                continue
            _apply(self._durable, self._torn(write))
            if write.offset is None:
                replace_lost.discard(write.name)
        self._pending = []
        self._live = {name: bytearray(data) for name, data in self._durable.items()}
        self._used = sum(len(data) for data in self._live.values())
        self.synced_ticket = self._ticket

    def _torn(self, write: _Write) -> _Write:
        if write.offset is None or not write.data or self._noise.uniform() >= _TORN_SHARE:
            return write
        return write._replace(data=write.data[: int(self._noise.uniform() * len(write.data))])

    def _sync_through(self, ticket: int) -> None:
        if ticket <= self.synced_ticket:
            return
        done = [write for write in self._pending if write.ticket <= ticket]
        for write in done:
            _apply(self._durable, write)
        self._pending = self._pending[len(done) :]
        self.synced_ticket = ticket

    def _flush(self) -> None:
        if self._pending:
            self._sync_through(self._ticket)

    def _forget_size(self, name: str) -> None:
        self._used -= len(self._live.get(name, b""))


def _apply(files: dict[str, bytearray], write: _Write) -> None:
    if write.data is None:
        files.pop(write.name, None)
    elif write.offset is None:
        files[write.name] = bytearray(write.data)
    else:
        content = files.setdefault(write.name, bytearray())
        content.extend(bytes(max(0, write.offset - len(content))))
        content[write.offset : write.offset + len(write.data)] = write.data


class DiskStorage:
    """The disk as one incarnation of flight sees it; implements `hal.api.storage.Storage`."""

    def __init__(self, plug: Plug, disk: Disk) -> None:
        self._plug = plug
        self._disk = disk

    def append(self, name: str, data: bytes) -> int:
        self._plug.now_ns()
        return self._disk.write(name, data, append=True)

    def replace(self, name: str, data: bytes) -> int:
        self._plug.now_ns()
        return self._disk.write(name, data, append=False)

    def remove(self, name: str) -> int:
        self._plug.now_ns()
        return self._disk.write(name, None, append=False)

    def request_sync(self) -> None:
        self._plug.now_ns()
        self._disk.request_sync()

    def synced_through(self) -> int:
        self._plug.now_ns()
        return self._disk.synced_ticket

    def list(self) -> tuple[str, ...]:
        self._plug.now_ns()
        return self._disk.names()

    def read(self, name: str) -> bytes:
        self._plug.now_ns()
        return self._disk.content(name)
