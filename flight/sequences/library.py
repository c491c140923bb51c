"""The sequences on board: shipped ones unless they were unloaded, and those that ground has loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from flight.durable import Durable
from flight.kept_file import KeptFile
from flight.sequences.kept import KeptSequence, file_name, kept_ids, sequence_file
from flight.sequences.record import Sequence, decode, encode
from hal.api.errors import DeviceError
from hal.api.storage import Storage

Done = Callable[[bool], None]


class Stored(NamedTuple):
    """One sequence on board."""

    sequence: Sequence
    armed: bool
    """Somebody has vouched for its hazardous commands."""


class Library:
    """Changes are in force once they survive a power cut.

    Attributes:
        lost: names of files that could not be read.
    """

    def __init__(self, storage: Storage, durable: Durable, shipped: Iterable[Sequence]) -> None:
        self._storage = storage
        self._durable = durable
        self._shipped = {sequence.sequence_id: Stored(sequence, armed=True) for sequence in shipped}
        self._stored = dict(self._shipped)
        self._files: dict[int, KeptFile[KeptSequence]] = {}
        self.lost: list[str] = []
        self._read()

    def _read(self) -> None:
        try:
            kept = kept_ids(self._storage)
        except DeviceError:
            self.lost.append(file_name(0))
            return
        for sequence_id in kept:
            file = self._file(sequence_id)
            found = file.read()
            if file.lost:
                self.lost.append(file.name)
            elif found is not None:
                self._put(sequence_id, found)

    def _file(self, sequence_id: int) -> KeptFile[KeptSequence]:
        if sequence_id not in self._files:
            self._files[sequence_id] = sequence_file(self._storage, sequence_id)
        return self._files[sequence_id]

    def _put(self, sequence_id: int, kept: KeptSequence) -> None:
        if not kept.on_board:
            self._stored.pop(sequence_id, None)
        elif kept.data:
            self._stored[sequence_id] = Stored(decode(kept.data), kept.armed)
        elif sequence_id in self._shipped:
            self._stored[sequence_id] = self._shipped[sequence_id]

    def find(self, sequence_id: int) -> Stored | None:
        """The sequence with this id, if it is on board."""
        return self._stored.get(sequence_id)

    def ids(self) -> tuple[int, ...]:
        """Ids of all on board, sorted."""
        return tuple(sorted(self._stored))

    def ships(self, sequence_id: int) -> bool:
        """Whether the rover came with a sequence of this id, on board now or not."""
        return sequence_id in self._shipped

    def load(self, stored: Stored, done: Done) -> None:
        """Take one in, in the place of what has its id."""
        kept = KeptSequence(on_board=True, armed=stored.armed, data=encode(stored.sequence))
        self._keep(stored.sequence.sequence_id, kept, done)

    def load_shipped(self, sequence_id: int, done: Done) -> None:
        """Take one that the rover came with on board again."""
        self._keep(sequence_id, KeptSequence(on_board=True), done)

    def unload(self, sequence_id: int, done: Done) -> None:
        """Forget one."""
        self._keep(sequence_id, KeptSequence(on_board=False), done)

    def _keep(self, sequence_id: int, kept: KeptSequence, done: Done) -> None:
        def synced(durable: bool) -> None:
            if durable:
                self._put(sequence_id, kept)
            done(durable)

        self._durable.keep(lambda: self._file(sequence_id).write(kept), synced)
