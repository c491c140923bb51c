"""Events worth a mark in a picture, numbered alike on the map, over the time axes and in the list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from ground.archive import ArchivedPacket
from ground.panels.text import fields_text
from telemetry_defs.definitions import Severity

REPEAT_S: Final = 60.0
"""Events of one name that follow each other within this time are one mark."""


class EventRow(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the log."""

    time_s: float
    received_s: float
    radio: str
    name: str
    severity: Severity
    text: str


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A numbered event, or a row of equal ones: ``count`` of them from ``time_s`` on."""

    number: int
    time_s: float
    name: str
    severity: Severity
    text: str
    count: int = 1


def event_rows(packets: Iterable[ArchivedPacket]) -> list[EventRow]:
    """Return the event log in order of on-board time."""
    rows = [
        EventRow(
            time_s=packet.time_s,
            received_s=packet.received_s,
            radio=packet.radio,
            name=packet.tm.name,
            severity=packet.tm.severity or Severity.INFO,
            text=fields_text({name: value for name, value in packet.tm.fields.items() if value not in (None, b"")}),
        )
        for packet in packets
    ]
    return sorted(rows, key=lambda row: row.time_s)


def choose_marks(rows: Sequence[EventRow], most: int) -> list[Mark]:
    """Return the weightiest ``most`` events in order of time; one that repeats itself gets one mark and a count."""
    groups: list[list[EventRow]] = []
    open_groups: dict[str, list[EventRow]] = {}
    for row in rows:
        group = open_groups.get(row.name)
        if group is None or row.time_s - group[-1].time_s > REPEAT_S:
            group = open_groups[row.name] = []
            groups.append(group)
        group.append(row)
    weighty = sorted(groups, key=lambda group: (-group[0].severity, _dullness(group[0].name), group[0].time_s))[:most]
    chosen = sorted(weighty, key=lambda group: group[0].time_s)
    return [_mark(number, group) for number, group in enumerate(chosen, start=1)]


def _mark(number: int, group: Sequence[EventRow]) -> Mark:
    first = group[0]
    return Mark(
        number=number,
        time_s=first.time_s,
        name=first.name,
        severity=first.severity,
        text=first.text,
        count=len(group),
    )


def _dullness(name: str) -> int:
    """Of two events of equal severity the one about the vehicle comes before the one about bookkeeping."""
    area = name.partition(".")[0]
    if name in ("system.boot", "system.mode_changed"):
        return 2
    return {"mobility": 0, "instruments": 1, "power": 1, "thermal": 1}.get(area, 3)
