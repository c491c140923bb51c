"""Tables of ``telemetry.sqlite``."""

from __future__ import annotations

from collections.abc import Sequence

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
PACKET_COLUMNS = (
    "radio",
    "received_ns",
    "apid",
    "sequence_count",
    "service",
    "subtype",
    "name",
    "kind",
    "time_ns",
    "time_quality",
    "raw",
)
COMMAND_COLUMNS = (
    "number",
    "name",
    "args",
    "request_id",
    "sent_ns",
    "radio",
    "state",
    "code",
    "detail",
    "step",
    "reports",
    "raw",
)


def insert_text(table: str, columns: Sequence[str], *, otherwise: str) -> str:
    """Return the statement that writes one row; where it is there already: IGNORE or REPLACE."""
    return f"INSERT OR {otherwise} INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
