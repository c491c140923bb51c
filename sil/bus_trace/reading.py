"""Reads a trace file; a last line that a power cut has torn is left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from ground.errors import GroundError
from hal.buses.tracing import Record

LONGEST_LINE: Final = 200_000
"""Far above any transaction; a file of another kind is not read into memory as one line."""


def read_trace(path: Path) -> Iterator[Record]:
    """Every record in order.

    Raises:
        GroundError: no such file, or a line that is no record; the text names file and line.
    """
    decoder = msgspec.json.Decoder(Record)
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(LONGEST_LINE):
                number += 1
                torn = not line.endswith(b"\n")
                try:
                    yield decoder.decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                    if torn and len(line) < LONGEST_LINE and number > 1:
                        return
                    raise GroundError(f"{path}, line {number}: no record of a bus trace: {error}") from None
    except OSError as error:
        raise GroundError(f"{path}: {error.strerror or error}") from None
