"""Tables of ``telemetry.sqlite``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

VERSION = 2
ABOUT = "CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value INTEGER NOT NULL)"
SCHEMA = """
CREATE TABLE IF NOT EXISTS packets (
    id INTEGER PRIMARY KEY,
    radio TEXT NOT NULL,
    received_ns INTEGER NOT NULL,       -- time of the run
    apid INTEGER NOT NULL,
    sequence_count INTEGER NOT NULL,
    service INTEGER NOT NULL,
    subtype INTEGER NOT NULL,
    name TEXT,                          -- NULL: unknown to the dictionary of the station
    kind TEXT,                          -- hk, event, report
    time_ns INTEGER NOT NULL,           -- on-board time since the GPS epoch
    time_quality INTEGER NOT NULL,      -- 0 unset, 1 rtc, 2 ground
    raw BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS packets_by_name ON packets (name);
CREATE UNIQUE INDEX IF NOT EXISTS packets_once ON packets (apid, sequence_count, time_ns);
CREATE TABLE IF NOT EXISTS commands (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    args TEXT NOT NULL,                 -- JSON
    request_id INTEGER NOT NULL,
    sent_ns INTEGER NOT NULL,
    radio TEXT NOT NULL,
    state TEXT NOT NULL,
    code TEXT NOT NULL,                 -- failure code, empty if it did not fail
    detail INTEGER,
    step INTEGER NOT NULL,
    reports TEXT NOT NULL,              -- JSON: [[received_ns, name], ...]
    raw BLOB NOT NULL
);
"""
_PACKET_TYPES = {
    "radio": "text",
    "received_ns": "integer",
    "apid": "integer",
    "sequence_count": "integer",
    "service": "integer",
    "subtype": "integer",
    "name": "text, null",
    "kind": "text, null",
    "time_ns": "integer",
    "time_quality": "integer",
    "raw": "blob",
}
_COMMAND_TYPES = {
    "number": "integer",
    "name": "text",
    "args": "text",
    "request_id": "integer",
    "sent_ns": "integer",
    "radio": "text",
    "state": "text",
    "code": "text",
    "detail": "integer, null",
    "step": "integer",
    "reports": "text",
    "raw": "blob",
}
PACKET_COLUMNS, COMMAND_COLUMNS = tuple(_PACKET_TYPES), tuple(_COMMAND_TYPES)


def insert_text(table: str, columns: Sequence[str], *, otherwise: str) -> str:
    """Return the statement that writes one row; where it is there already: IGNORE or REPLACE."""
    return f"INSERT OR {otherwise} INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


def strange_rows_text() -> str:
    """Return the query that finds a row if any holds a value of another type: SQLite takes any value anywhere."""
    return " UNION ALL ".join(
        f"SELECT * FROM (SELECT 1 FROM {table} WHERE {_strange(types)} LIMIT 1)"
        for table, types in (("packets", _PACKET_TYPES), ("commands", _COMMAND_TYPES))
    )


def _strange(types: Mapping[str, str]) -> str:
    allowed = {column: ", ".join(f"'{kind}'" for kind in kinds.split(", ")) for column, kinds in types.items()}
    return " OR ".join(f"typeof({column}) NOT IN ({kinds})" for column, kinds in allowed.items())
