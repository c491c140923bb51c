"""What of the sequences survives a restart: each in a file of its own, and a note of which were running."""

from __future__ import annotations

from typing import Final

import msgspec

from flight.kept_file import COPIES, KeptFile, copy_name
from flight.sequences.record import SequenceError, decode
from hal.api.storage import Storage
from telemetry_defs.areas.sequences import FIRST_ID, FIRST_LOADED_ID, LAST_ID, MAX_RUNNING

RUNNING_FILE: Final = "sequences"
VERSION: Final = 1


class KeptSequence(msgspec.Struct, frozen=True, kw_only=True):
    """One sequence, or that there is none any more: removing both copies of a file could bring an old one back."""

    on_board: bool
    armed: bool = False
    """Its load was armed, so it may hold hazardous commands."""
    data: bytes = b""
    """Compiled; empty for one that ships with the rover."""


class KeptRunning(msgspec.Struct, frozen=True):
    """Ids of what was running."""

    running: tuple[int, ...] = ()


def file_name(sequence_id: int) -> str:
    """Where one sequence is kept."""
    return f"seq-{sequence_id:03d}"


def sequence_file(storage: Storage, sequence_id: int) -> KeptFile[KeptSequence]:
    """In two copies."""

    def plausible(kept: KeptSequence) -> bool:
        if not kept.on_board or sequence_id < FIRST_LOADED_ID:
            return not kept.data
        try:
            return decode(kept.data).sequence_id == sequence_id
        except SequenceError:
            return False

    return KeptFile(storage, file_name(sequence_id), VERSION, KeptSequence, plausible)


def running_file(storage: Storage) -> KeptFile[KeptRunning]:
    """In two copies."""
    return KeptFile(storage, RUNNING_FILE, VERSION, KeptRunning, _plausible)


def kept_ids(storage: Storage) -> tuple[int, ...]:
    """Sequences of which there is a file.  Raises `DeviceError`."""
    names = frozenset(storage.list())
    copies = {number: [copy_name(file_name(number), copy) for copy in COPIES] for number in range(1, LAST_ID + 1)}
    return tuple(number for number, files in copies.items() if not names.isdisjoint(files))


def _plausible(kept: KeptRunning) -> bool:
    return len(kept.running) <= MAX_RUNNING and all(FIRST_ID <= number <= LAST_ID for number in kept.running)
