"""Events worth a mark in a picture, numbered alike on the map, over the time axes and in the list."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from ground.archive import ArchivedPacket
from ground.panels.text import fields_text
from telemetry_defs.definitions import Mode, Severity

REPEAT_S: Final = 60.0
"""Equal events that follow each other within this time are one mark."""
BOOT: Final = "system.boot"
_MILESTONES: Final = frozenset(
    {
        BOOT,
        "system.mode_changed",
        "system.power_off",
        "mobility.released",
        "mobility.motion_ended",
        "instruments.product_ready",
        "instruments.downlink_done",
    }
)
"""What a mission consists of, each one for itself: shown before anything else that is not a warning."""
_MILESTONE_SHARE: Final = 0.25
"""Of the marks, kept for milestones however many warnings there are: warnings without their story say little."""
_MEASURES: Final = frozenset({"count", "strikes"})
"""Integers that grow with every repetition, and so do not make another event of it."""
_BOOT_S: Final = 1.0
"""A boot and the first events after it may be received within this time in any order."""


class EventRow(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the log; ``about`` tells events of one name apart (which wheel, which instrument)."""

    time_s: float
    received_s: float
    radio: str
    name: str
    severity: Severity
    text: str
    about: str = ""


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A numbered event, or a row of equal ones: ``count`` of them from ``time_s`` on."""

    number: int
    time_s: float
    name: str
    severity: Severity
    text: str
    count: int = 1


Group = list[EventRow]
"""Equal events that make one mark, in order of time."""


def event_rows(packets: Iterable[ArchivedPacket]) -> list[EventRow]:
    """Return the event log in order of on-board time, events of one instant as emitted: a boot before all else."""
    ordered = sorted(packets, key=lambda packet: packet.time_s)
    for index, packet in enumerate(ordered):
        if packet.tm.name == BOOT:
            _move_forward(ordered, index)
    return [_row(packet) for packet in ordered]


def choose_marks(rows: Sequence[EventRow], most: int) -> list[Mark]:
    """Return the weightiest ``most`` events in order of time: warnings by severity, milestones, then all others.

    Of equally weighty ones too many to be shown those stay that lie farthest from others, so that no part of the run
    goes without.  One that repeats itself gets one mark and a count.
    """
    groups = _groups(rows)
    warnings = [group for group in groups if group[0].severity > Severity.INFO]
    others = [group for group in groups if group[0].severity <= Severity.INFO]
    milestones = sum(group[0].name in _MILESTONES for group in others)
    chosen: list[Group] = []
    _choose(chosen, warnings, most - min(milestones, int(_MILESTONE_SHARE * most)))
    _choose(chosen, others, most)
    _choose(chosen, warnings, most)
    order = {id(row): index for index, row in enumerate(rows)}
    chosen.sort(key=lambda group: order[id(group[0])])
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


def _groups(rows: Sequence[EventRow]) -> list[Group]:
    """Join equal events that repeat themselves; milestones each stay for themselves."""
    groups: list[Group] = []
    open_groups: dict[tuple[str, str], Group] = {}
    for row in rows:
        key = row.name, row.about
        group = open_groups.get(key)
        if group is None or row.time_s - group[-1].time_s > REPEAT_S or row.name in _MILESTONES:
            group = open_groups[key] = []
            groups.append(group)
        group.append(row)
    return groups


def _choose(chosen: list[Group], groups: Sequence[Group], most: int) -> None:
    """Add the weightiest groups that are not chosen yet until there are ``most`` of them."""
    taken = {id(group) for group in chosen}
    classes: dict[tuple[int, int], list[Group]] = {}
    for group in groups:
        if id(group) not in taken:
            classes.setdefault(_rank(group[0]), []).append(group)
    for rank in sorted(classes):
        room = most - len(chosen)
        members = classes[rank]
        chosen += members if len(members) <= room else _spread(members, room, chosen)


def _spread(groups: Sequence[Group], count: int, chosen: Sequence[Group]) -> list[Group]:
    """Of groups alike, pick ``count``, each as far in time from all chosen before as can be."""
    places = [group[0].time_s for group in chosen]
    free_s = [min((abs(group[0].time_s - place) for place in places), default=math.inf) for group in groups]
    picked: list[Group] = []
    for _ in range(count):
        best = max(range(len(groups)), key=free_s.__getitem__)
        picked.append(groups[best])
        at_s = groups[best][0].time_s
        free_s = [min(free, abs(group[0].time_s - at_s)) for free, group in zip(free_s, groups, strict=True)]
        free_s[best] = -1.0
    return picked


def _rank(row: EventRow) -> tuple[int, int]:
    """Severity first; of equal severity what the mission did, then the vehicle, bookkeeping last."""
    area = row.name.partition(".")[0]
    if row.name in _MILESTONES:
        return -row.severity, 0
    return -row.severity, {"mobility": 1, "instruments": 2, "power": 2, "thermal": 2}.get(area, 3)


def _move_forward(packets: list[ArchivedPacket], index: int) -> None:
    """Put a boot before events of the same boot that were received before it: warnings overtake it on the way down."""
    boot = packets.pop(index)
    while index > 0 and _follows(packets[index - 1], boot):
        index -= 1
    packets.insert(index, boot)


def _follows(packet: ArchivedPacket, boot: ArchivedPacket) -> bool:
    """By the clock of the vehicle where both were told by it alike; its time at reception may deceive."""
    alike = packet.tm.time_quality is boot.tm.time_quality
    return alike and packet.tm.time_ns >= boot.tm.time_ns and boot.time_s - packet.time_s <= _BOOT_S


def _row(packet: ArchivedPacket) -> EventRow:
    fields = {name: value for name, value in packet.tm.fields.items() if value not in (None, b"")}
    about = {name: value for name, value in fields.items() if not isinstance(value, float) and name not in _MEASURES}
    return EventRow(
        time_s=packet.time_s,
        received_s=packet.received_s,
        radio=packet.radio,
        name=packet.tm.name,
        severity=packet.tm.severity or Severity.INFO,
        text=_text(fields),
        about=fields_text(about),
    )


def _text(fields: Mapping[str, Any]) -> str:
    """Return the fields; a change from one mode to another as an arrow."""
    old, new = fields.get("old"), fields.get("new")
    if isinstance(old, Mode) and isinstance(new, Mode):
        others = fields_text({name: value for name, value in fields.items() if name not in ("old", "new")})
        return f"{old.name} → {new.name}  {others}".rstrip()
    return fields_text(fields)


def numbers_text(numbers: Sequence[int]) -> str:
    """Return ascending numbers with their runs joined: ``2,5-9``; ten parts a line, none left out."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts = [part for run in runs for part in ([f"{run[0]}-{run[-1]}"] if len(run) > 2 else map(str, run))]
    return "\n".join(",".join(parts[start : start + 10]) for start in range(0, len(parts), 10))
