"""Dictionary area of the packet store: PUS service 15, packets recorded on board and sent again on request."""

from __future__ import annotations

from typing import Annotated

import msgspec

from telemetry_defs.definitions import APID_SYSTEM, Area, Command, Event, Housekeeping, NoArguments, Severity
from telemetry_defs.wire import Wire

CLASSES = 4
"""Classes of priority: verification, alerts, reports, housekeeping."""
ALL_CLASSES = 0b1111

_GPS_S = Wire("f64", unit="s", low=0.0, high=4.29e9, meaning="on-board time since 1980-01-06")


class Retrieve(msgspec.Struct, frozen=True, kw_only=True):
    """Which recorded packets to send."""

    from_gps_s: Annotated[float, _GPS_S]
    to_gps_s: Annotated[float, _GPS_S]
    apid: Annotated[int, Wire("u16", low=0, high=0x7FE, meaning="only of this APID; 0 for all")]
    service: Annotated[int, Wire("u8", low=0, high=254, meaning="only of this service; 0 for all")]
    classes: Annotated[int, Wire("u8", low=1, high=15, meaning="only of these classes of priority, one bit each")]


class DeleteBefore(msgspec.Struct, frozen=True, kw_only=True):
    """Up to when to delete."""

    gps_s: Annotated[float, _GPS_S]


class StoreHk(msgspec.Struct, frozen=True, kw_only=True):
    """State of the packet store."""

    recording: Annotated[bool | None, Wire("bool", meaning="packets are being recorded")]
    failed: Annotated[bool | None, Wire("bool", meaning="storage does not take them")]
    recorded: Annotated[int | None, Wire("u32", meaning="packets recorded since boot")]
    durable: Annotated[int | None, Wire("u32", meaning="of these, known to survive a power cut")]
    dropped: Annotated[int | None, Wire("u32", meaning="packets that did not fit the buffer before storage")]
    evicted: Annotated[
        tuple[int | None, ...], Wire("u32", count=CLASSES, meaning="packets evicted for room, by class of priority")
    ]
    errors: Annotated[int | None, Wire("u32", meaning="storage operations that failed")]
    used_bytes: Annotated[int | None, Wire("u32", meaning="size of all segments looked into")]
    segments: Annotated[int | None, Wire("u16", meaning="segments on storage")]
    retrievals: Annotated[int | None, Wire("u8", meaning="retrievals running or waiting")]
    sent: Annotated[int | None, Wire("u32", meaning="recorded packets sent again since boot")]


class Evicted(msgspec.Struct, frozen=True, kw_only=True):
    """What had to go."""

    priority: Annotated[int | None, Wire("u8", meaning="class of priority, 0 the most urgent")]
    packets: Annotated[int | None, Wire("u32", meaning="packets evicted from it since boot")]


class Dropped(msgspec.Struct, frozen=True, kw_only=True):
    """What was not recorded."""

    packets: Annotated[int | None, Wire("u32", meaning="packets not recorded since boot")]


HK = Housekeeping(name="store.hk", structure_id=100, cls=StoreHk, period_s=60.0, meaning="state of the packet store")

ENABLE = Command(name="store.enable", cls=NoArguments, service=15, subtype=1, meaning="record packets")
DISABLE = Command(name="store.disable", cls=NoArguments, service=15, subtype=2, meaning="stop recording packets")
RETRIEVE = Command(
    name="store.retrieve",
    cls=Retrieve,
    service=15,
    subtype=9,
    meaning="send the recorded packets of a time range again, exactly as they were",
)
DELETE = Command(
    name="store.delete_before",
    cls=DeleteBefore,
    service=15,
    subtype=11,
    meaning="delete segments that hold nothing from this time on",
)
SUMMARY = Command(
    name="store.report", cls=NoArguments, service=15, subtype=12, meaning="one TM[15,13] for each class of priority"
)
ABORT = Command(
    name="store.abort_retrieval", cls=NoArguments, service=15, subtype=17, meaning="end all retrievals, run and waiting"
)

EVICTED = Event(
    name="store.evicted", event_id=0x0A01, severity=Severity.LOW, cls=Evicted, meaning="old packets made room for new"
)
DROPPED = Event(
    name="store.dropped", event_id=0x0A02, severity=Severity.LOW, cls=Dropped, meaning="packets came too fast to record"
)
FAILED = Event(
    name="store.failed", event_id=0x0A03, severity=Severity.MEDIUM, cls=NoArguments, meaning="storage takes no packets"
)
RECOVERED = Event(
    name="store.recovered", event_id=0x0A04, severity=Severity.INFO, cls=NoArguments, meaning="packets are stored again"
)

AREA = Area(
    name="store",
    apid=APID_SYSTEM,
    number=10,
    housekeeping=(HK,),
    commands=(ENABLE, DISABLE, RETRIEVE, DELETE, SUMMARY, ABORT),
    events=(EVICTED, DROPPED, FAILED, RECOVERED),
)
