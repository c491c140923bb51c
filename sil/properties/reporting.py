"""Promises about telemetry and its time."""

from __future__ import annotations

from collections import Counter
from typing import Final, NamedTuple

from hal.api.clock import NS_PER_S
from sil.faults.registry import fault_of
from sil.properties.judging import Judgement, Nearest, Property
from sil.properties.looks import MEMORY, STORAGE
from sil.properties.record import Run
from telemetry_defs.formats import decode_tm
from telemetry_defs.packets import PacketError, parse_tm

QUIET_S: Final = 35.0
"""A beacon each 30 s at the lowest rate."""
ROUND: Final = 3
"""Counts are reserved in blocks of a quarter of their range: only after so many boots may one come again."""
TURN: Final = {True: 1 << 13, False: 1 << 12}
"""So many packets later a count of 14 bits may come again: in one boot, and, by the reserved blocks, in another."""
FOR_LONG_S: Final = 30.0
SURELY_SEEN: Final = (
    "imu/silent", "power_monitor/silent", "temperatures/silent", "heaters/silent", "loads/silent", "array/silent",
    "radio_local/silent",
    "radio_relay/silent", "storage/silent", "watchdog/silent", "imu/bad", "power_monitor/bad", "temperatures/bad",
    "imu/defect", "power_monitor/defect", "temperatures/defect", "radio_local/defect", "radio_relay/defect",
)  # fmt: skip
"""Faults of what flight asks all the time: whatever it is doing, it must tell of them."""


UPSET: Final = "memory/parameter_flip"
OTHERS: Final = ("health.device_failing", "health.device_dead")


class _Counted(NamedTuple):
    """Who last had a sequence count."""

    life: int
    number: int
    """Of the packet, among those of its APID."""
    packet: bytes


def _decodes(run: Run) -> Judgement:
    """The readable decoder takes its time: once of each kind and size; CRC and header of all."""
    nearest, kinds = Nearest(), set()
    for t_ns, packet in run.sent:
        kind = (packet[:2], packet[7:9], packet[17:21], len(packet))
        try:
            if kind in kinds:
                parse_tm(packet)
            else:
                kinds.add(kind)
                decode_tm(packet)
        except PacketError as error:
            nearest.fail(t_ns, f"a packet cannot be decoded: {error}")
        else:
            nearest.note(1.0, t_ns)
    return nearest.judgement()


def _counts(run: Run) -> Judgement:
    """What the store sends again is the same packet; whatever else has a count again is another."""
    nearest = Nearest()
    seen: dict[tuple[int, int], _Counted] = {}
    sent: Counter[int] = Counter()
    for t_ns, packet in run.sent:
        apid = int.from_bytes(packet[:2], "big") & 0x7FF
        count = int.from_bytes(packet[2:4], "big") & 0x3FFF
        life = _life_at(run, t_ns)
        was = seen.get((apid, count))
        if was is not None and was.packet == packet:
            continue
        sent[apid] += 1
        again = was is not None and life - was.life < ROUND and sent[apid] - was.number < TURN[life == was.life]
        nearest.note(-1.0 if again else 1.0, t_ns, f"count {count} of APID {apid:#x} came again")
        seen[apid, count] = _Counted(life, sent[apid], packet)
    return nearest.judgement()


def _life_at(run: Run, t_ns: int) -> int:
    return sum(boot.t_ns <= t_ns for boot in run.boots)


def _clock(run: Run) -> Judgement:
    """On-board time of one boot steps back only where ground has set it."""
    nearest, before = Nearest(), None
    for look in run.looks:
        if before is not None and before.life == look.life and look.gps_ns is not None and before.gps_ns is not None:
            stepped = look.gps_ns < before.gps_ns
            told = stepped and any(
                before.t_ns - NS_PER_S <= t <= look.t_ns for t, name in run.events if name == "system.time_changed"
            )
            nearest.note(-1.0 if stepped and not told else 1.0, look.t_ns, "on-board time runs backwards unannounced")
        before = look
    return nearest.judgement()


def _speaks(run: Run) -> Judgement:
    """While a receiver is locked some packet leaves in every 35 s."""
    nearest = Nearest()
    times = [boot.t_ns for boot in run.boots] + [t_ns for t_ns, _ in run.sent]
    times.sort()
    at, since_ns = 0, 0
    for look in run.looks:
        while at < len(times) and times[at] <= look.t_ns:
            since_ns, at = times[at], at + 1
        if not look.life or not look.locked:
            since_ns = look.t_ns
            continue
        nearest.note(1.0 - (look.t_ns - since_ns) / NS_PER_S / QUIET_S, look.t_ns, "no telemetry for 35 s with a link")
    return nearest.judgement()


def _told(run: Run) -> Judgement:
    """Each fault that flight cannot miss raises one of its events."""
    nearest = Nearest()
    awake = [look for look in run.looks if look.life]
    for pair in SURELY_SEEN:
        names = (*fault_of(pair).events, *OTHERS)
        for start_ns, stop_ns in run.spans(pair):
            seen = [look for look in awake if start_ns <= look.t_ns <= stop_ns]
            if len(seen) < FOR_LONG_S * 10:
                continue
            since_ns = _failed_since(run, pair, start_ns)
            told = any(since_ns <= t_ns <= stop_ns + NS_PER_S and name in names for t_ns, name in run.events)
            nearest.note(
                1.0 if told else -1.0, stop_ns, f"{pair} for {(stop_ns - start_ns) / NS_PER_S:.0f} s and no event"
            )
    return nearest.judgement()


def _upsets(run: Run) -> Judgement:
    """The vote stands at the beginning of a cycle; an upset in the middle of one waits for the next."""
    nearest = Nearest()
    for t_ns in (item.t_ns for item in run.faults if f"{item.device}/{item.kind}" == UPSET and item.level > 0.0):
        life = next((look.life for look in reversed(run.looks) if look.t_ns <= t_ns), 0)
        after = [look.t_ns for look in run.looks if look.t_ns > t_ns and look.life == life > 0]
        if len(after) > 1:
            told_ns = run.event("system.parameter_mended", t_ns)
            told = told_ns is not None and told_ns <= after[1]
            nearest.note(1.0 if told else -1.0, t_ns, "an upset of a parameter is neither told nor mended")
    return nearest.judgement()


def _failed_since(run: Run, pair: str, start_ns: int) -> int:
    """When a device that fails in two ways, one soon after the other, began to: it is told of once."""
    spans, soon_ns = run.spans(f"{pair.rpartition('/')[0]}/*"), FOR_LONG_S * NS_PER_S
    return min(begun_ns for begun_ns, ended_ns in spans if begun_ns <= start_ns <= ended_ns + soon_ns)


PROPERTIES: Final = (
    Property(
        name="telemetry_decodes",
        promise="every packet that leaves can be decoded by the dictionary",
        reason="what ground cannot read does not exist",
        judge=_decodes,
    ),
    Property(
        name="counts_never_come_again",
        promise="no sequence count is used again, within one boot or the next ones",
        reason="ground knows what it lost by them, and asks for it again by them",
        judge=_counts,
        excused_by=STORAGE,
    ),
    Property(
        name="clock_runs_forward",
        promise="on-board time never runs backwards unannounced",
        reason="time-tagged commands and every archive stand on it",
        judge=_clock,
        exceptions="a clock that is broken itself; nothing on board could tell",
        excused_by=("clock/jump", *MEMORY),
    ),
    Property(
        name="telemetry_flows",
        promise="with a link some packet leaves at least every 35 s",
        reason="ground must not wonder whether the rover lives",
        judge=_speaks,
        unjudged_after=("system.disable_hk", "system.set_hk_interval", "comms.*", "health.*"),
        excused_by=(
            "radio_*/*",
            "loads*/*",
            "bus.*/*",
            "storage*/*",
            "computer/*",
            "gpio*/*",
            *MEMORY,
            "clock/*",
        ),
        exceptions="what ground has switched off",
    ),
    Property(
        name="faults_are_told",
        promise="a device that flight asks all the time and that has failed for 30 s is reported",
        reason="ground cannot mend what it does not know",
        judge=_told,
        unjudged_after=("health.declare_dead",),
        exceptions="what ground has given up is not asked any more",
        excused_by=(*MEMORY, "radio_*/blackout"),
    ),
    Property(
        name="upsets_are_mended",
        promise="an upset of a parameter in memory is mended and told in the next cycle",
        reason="a protection limit that has moved protects nothing",
        judge=_upsets,
    ),
)
