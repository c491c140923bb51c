"""Judges the record of a mission: whether what the rover stored has come down, and what no one has recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from flight.store.segments import packet_time_ns, read_packets
from hal.api.clock import NS_PER_S, seconds
from sil.mission import Mission
from sil.result import Verdict
from sil.scenario import Seconds, Span
from telemetry_defs.areas import system

QUIET_NS: Final = seconds(system.SYSTEM_HK.period_s + 1.0)
"""A rover that is on is never longer without a report."""
RESOLUTION_NS: Final = NS_PER_S // 50_000
"""Of the time in a packet, and more."""


class Outage(NamedTuple):
    """What a boot report announces: nothing was kept between these on-board times."""

    recorded_until_ns: int
    boot_ns: int


def judge_archived(mission: Mission, until_s: Seconds) -> Verdict:
    """Whether each packet on the rover's storage is in the archive, and none is in there twice."""
    disk, until_ns = mission.simulation.disk, mission.start_gps_ns + seconds(until_s)
    stored = [packet for packet in read_packets(disk.names(), disk.content) if packet_time_ns(packet) <= until_ns]
    archived = Counter(mission.archive.raw_packets())
    missing = sum(packet not in archived for packet in stored)
    keys = Counter(map(_key, archived.elements()))
    twice = sum(number > 1 for number in keys.values())
    return Verdict(
        text=f"every packet stored until {until_s:g} s is in the archive exactly once",
        passed=bool(stored) and not missing and not twice,
        measured=f"{len(stored)} stored, {missing} of them not in the archive, {twice} in there more than once",
    )


def _key(packet: bytes) -> tuple[bytes, bytes]:
    """APID, sequence count and on-board time."""
    return packet[:4], packet[13:19]


def judge_outage(mission: Mission, span: Span) -> Verdict:
    """Whether the outages that boot reports announce last so long together, and nothing else is missing."""
    outages = list(_outages(mission))
    total_s = sum(outage.boot_ns - outage.recorded_until_ns for outage in outages) / NS_PER_S
    other_ns = max(_other_stretches(mission, outages), default=0)
    return Verdict(
        text=f"the record has no hole but the announced outage of {span[0]:g} to {span[1]:g} s",
        passed=span[0] <= total_s <= span[1] and other_ns <= QUIET_NS,
        measured=f"{total_s:.2f} s announced by {len(outages)} boot report(s), "
        f"otherwise at most {other_ns / NS_PER_S:.1f} s without a packet",
    )


def _outages(mission: Mission) -> Iterator[Outage]:
    for event in mission.archive.packets(system.BOOT.name):
        recorded_until_s = event.tm.fields["recorded_until_gps_s"]
        if recorded_until_s is not None:
            yield Outage(round(recorded_until_s * NS_PER_S), event.tm.time_ns)


def _other_stretches(mission: Mission, outages: list[Outage]) -> Iterator[int]:
    """Times between one archived packet and the next, those of the outages left out."""
    for before_ns, after_ns in pairwise(sorted(map(packet_time_ns, mission.archive.raw_packets()))):
        if not any(
            outage.recorded_until_ns - RESOLUTION_NS <= before_ns and after_ns <= outage.boot_ns + RESOLUTION_NS
            for outage in outages
        ):
            yield after_ns - before_ns
