"""The archive of a run: every packet received, as it came, in one SQLite file; decoded when it is read.

Rows are written in batches, each in one transaction, so that a reader finds whole batches at any time.
"""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

from ground.archive_rows import command_row, command_values
from ground.archive_schema import (
    ABOUT,
    COMMAND_COLUMNS,
    PACKET_COLUMNS,
    SCHEMA,
    VERSION,
    insert_text,
    strange_rows_text,
)
from ground.errors import GroundError
from ground.verification import CommandRecord
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.formats import DecodedTm, decode_tm
from telemetry_defs.lookup import Dictionary
from telemetry_defs.packets import PacketError, TimeQuality, Tm

BATCH_ROWS = 500
_NS = 1e9


class ArchivedPacket(msgspec.Struct, frozen=True, kw_only=True):
    """One packet of the archive.

    Attributes:
        time_s: on-board time since the start of the run where it can be trusted, else time of reception.
        received_s: time of reception since the start of the run.
        tm: the packet by name.
    """

    time_s: float
    received_s: float
    radio: str
    tm: DecodedTm


class Archive:
    """Packets and commands of one run, in a file or (``path`` None) in memory; a context manager that closes it."""

    def __init__(
        self,
        path: Path | None = None,
        *,
        dictionary: Dictionary = DICTIONARY,
        start_gps_ns: int = 0,
        writable: bool = True,
    ) -> None:
        """Open or make an archive.

        Args:
            path: the file; made if there is none and ``writable``.
            dictionary: what the packets mean.
            start_gps_ns: on-board time at which the times of the run are zero; one kept in the file comes first.
            writable: False opens an existing file for reading only.

        Raises:
            GroundError: not there, not an archive, or of another version.
        """
        self.dictionary = dictionary
        self.path = path
        self._packets: list[tuple[object, ...]] = []
        self._commands: dict[int, CommandRecord] = {}
        self._database = _connect(path, writable)
        self._close = weakref.finalize(self, self._database.close)  # an archive in memory is often just dropped
        try:
            self._prepare(start_gps_ns, writable)
        except (sqlite3.DatabaseError, KeyError, ValueError, TypeError) as error:
            self._database.close()
            raise GroundError(f"{path}: not a telemetry archive ({error})") from None

    @classmethod
    def read(cls, path: Path, dictionary: Dictionary = DICTIONARY) -> Archive:
        """Open an existing archive for reading.

        Raises:
            GroundError: not there, not an archive, or of another version.
        """
        return cls(path, dictionary=dictionary, writable=False)

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write what waits and close the file."""
        self.flush()
        self._close()  # and not once more when it is collected, perhaps in another thread

    def flush(self) -> None:
        """Write what waits, in one transaction."""
        if self._packets or self._commands:
            commands = [command_row(record) for record in self._commands.values()]
            with self._database:
                self._database.executemany(insert_text("packets", PACKET_COLUMNS, otherwise="IGNORE"), self._packets)
                self._database.executemany(insert_text("commands", COMMAND_COLUMNS, otherwise="REPLACE"), commands)
            self._packets.clear()
            self._commands.clear()

    def begin_at(self, start_gps_ns: int) -> None:
        """Set the on-board time at which the times of the run are zero, for a rover that tells it only by and by."""
        with self._database:
            self._database.execute("UPDATE about SET value = ? WHERE key = 'start_gps_ns'", (start_gps_ns,))
        self.start_gps_ns = start_gps_ns

    def add_packet(self, radio: str, received_ns: int, raw: bytes, tm: DecodedTm | Tm) -> None:
        """Keep one packet, unless it is there already: by its APID, sequence count and on-board time.

        One that the dictionary does not know (a plain ``Tm``) is kept without a name.
        """
        name, kind = (tm.name, tm.kind) if isinstance(tm, DecodedTm) else (None, None)
        head = (radio, received_ns, tm.apid, tm.sequence_count, tm.service, tm.subtype)
        self._packets.append((*head, name, kind, tm.time_ns, int(tm.time_quality), raw))
        if len(self._packets) >= BATCH_ROWS:
            self.flush()

    def holds(self, tm: DecodedTm | Tm) -> bool:
        """Whether this very packet has been kept."""
        self.flush()
        query = "SELECT 1 FROM packets WHERE apid = ? AND sequence_count = ? AND time_ns = ?"
        return any(self._select(query, (tm.apid, tm.sequence_count, tm.time_ns)))

    def add_command(self, record: CommandRecord) -> None:
        """Keep a command; called again when its state changes."""
        self._commands[record.number] = record

    def packets(self, name: str | None = None, *, kind: str | None = None) -> Iterator[ArchivedPacket]:
        """Yield packets in order of reception: all, those of one name (``power.hk``) or kind (hk, event, report).

        What cannot be decoded with this dictionary is left out; see :meth:`undecoded`.
        """
        for radio, received_ns, raw in self._rows("radio, received_ns, raw", name, kind):
            try:
                tm = decode_tm(raw, self.dictionary)
            except PacketError:
                continue
            time_s = self._time_s(tm.time_ns, tm.time_quality, received_ns)
            yield ArchivedPacket(time_s=time_s, received_s=received_ns / _NS, radio=radio, tm=tm)

    def events(self) -> Iterator[ArchivedPacket]:
        """Yield the event reports in order of reception."""
        return self.packets(kind="event")

    def raw_packets(self) -> Iterator[bytes]:
        """Yield every packet as it came, in order of reception."""
        for (raw,) in self._rows("raw", None, None):
            yield raw

    def columns(self, name: str, fields: Sequence[str]) -> tuple[list[float], dict[str, list[Any]]]:
        """Return times (s, ascending) and values of some fields of one kind of packet; ``faces_w.2`` is an element.

        Raises:
            GroundError: such a packet has no such field.
        """
        times: list[float] = []
        columns: dict[str, list[Any]] = {field: [] for field in fields}
        for packet in sorted(self.packets(name), key=_time_of):
            times.append(packet.time_s)
            for field in fields:
                columns[field].append(_field_value(packet.tm, field))
        return times, columns

    def series(self, name: str, field: str) -> tuple[list[float], list[Any]]:
        """Return times (s, ascending) and values of one field; None where there was no valid value.

        Raises:
            GroundError: such a packet has no such field.
        """
        times, columns = self.columns(name, (field,))
        return times, columns[field]

    def names(self) -> dict[str, int]:
        """Return how many packets of each name there are, by name."""
        self.flush()
        query = "SELECT name, COUNT(*) FROM packets WHERE name IS NOT NULL GROUP BY name ORDER BY name"
        return dict(self._select(query))

    def undecoded(self) -> int:
        """Return how many packets were unknown to the dictionary of the station."""
        self.flush()
        return sum(count for (count,) in self._select("SELECT COUNT(*) FROM packets WHERE name IS NULL"))

    def commands(self) -> list[dict[str, Any]]:
        """Return the commands in order of sending, as plain values: number, name, args, sent_s, radio, state, ...

        Raises:
            GroundError: a damaged file.
        """
        self.flush()
        rows = list(self._select(f"SELECT {', '.join(COMMAND_COLUMNS)} FROM commands ORDER BY number"))
        try:
            return [command_values(row) for row in rows]
        except ValueError as error:
            raise GroundError(f"{self.path}: damaged ({error})") from None

    def _prepare(self, start_gps_ns: int, writable: bool) -> None:
        if writable:
            with self._database:
                self._database.execute(ABOUT)
                values = (("version", VERSION), ("start_gps_ns", start_gps_ns), ("dictionary", self.dictionary.hash32))
                self._database.executemany("INSERT OR IGNORE INTO about VALUES (?, ?)", values)
        about = dict(self._database.execute("SELECT key, value FROM about").fetchall())
        if about.get("version") != VERSION:
            raise sqlite3.DatabaseError(f"version {about.get('version')}, not {VERSION}")
        self.start_gps_ns = int(about["start_gps_ns"])
        self.dictionary_hash = int(about["dictionary"])
        if writable:
            self._database.executescript(SCHEMA)
        elif self._database.execute(strange_rows_text()).fetchone() is not None:
            raise sqlite3.DatabaseError("a value of another type than its column's")

    def _rows(self, columns: str, name: str | None, kind: str | None) -> Iterator[tuple[Any, ...]]:
        self.flush()
        wanted = {key: value for key, value in (("name", name), ("kind", kind)) if value is not None}
        where = " AND ".join(f"{key} = ?" for key in wanted) or "1"
        query = f"SELECT {columns} FROM packets WHERE {where} ORDER BY id"
        yield from self._select(query, tuple(wanted.values()))

    def _select(self, query: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """Rows of a query; a file that turns out to be damaged on the way is a `GroundError`."""
        try:
            for row in self._database.execute(query, tuple(values)):  # noqa: UP028 - `yield from` would close the cursor
                yield row
        except sqlite3.DatabaseError as error:
            raise GroundError(f"{self.path}: damaged ({error})") from None

    def _time_s(self, time_ns: int, quality: TimeQuality, received_ns: int) -> float:
        trusted = quality is not TimeQuality.UNSET and self.start_gps_ns
        return (time_ns - self.start_gps_ns if trusted else received_ns) / _NS


def _connect(path: Path | None, writable: bool) -> sqlite3.Connection:
    try:
        if path is None:
            return sqlite3.connect(":memory:")
        if not writable and not path.is_file():
            raise GroundError(f"{path}: there is no such file")
        database = (
            sqlite3.connect(path) if writable else sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        )
    except sqlite3.Error as error:
        raise GroundError(f"{path}: {error}") from None
    if writable:
        database.execute("PRAGMA synchronous = OFF")  # a lost machine costs a run, not a rover
    return database


def _time_of(packet: ArchivedPacket) -> float:
    return packet.time_s


def _field_value(tm: DecodedTm, field: str) -> Any:
    name, _, index = field.partition(".")
    try:
        value = tm.fields[name]
        return value[int(index)] if index else value
    except (KeyError, IndexError, ValueError, TypeError):
        raise GroundError(f"{tm.name} has no field {field!r}; it has {', '.join(tm.fields)}") from None
