"""Promises about telemetry, time, modes, resets and what is kept."""

from __future__ import annotations

from typing import Any, Final

from flight.modes.table import MODES, RESUMED
from hal.api.clock import NS_PER_S
from hal.api.values import ResetCause
from sil.faults.registry import REGISTRY
from sil.properties.judging import Judgement, Nearest, Property
from sil.properties.record import Run
from telemetry_defs.areas import mobility
from telemetry_defs.definitions import Mode
from telemetry_defs.formats import decode_tm
from telemetry_defs.packets import PacketError, parse_tm

GAP_S: Final = 1.2
"""Cycles of one boot are never further apart: a row that takes a second has failed."""
DOWN_S: Final = 10.0 + 2.0 + 1.0
"""The watchdog's patience, a boot, and the first cycle."""
QUIET_S: Final = 35.0
"""A beacon each 30 s at the lowest rate."""
ROUND: Final = 3
"""Counts are reserved in blocks of a quarter of their range: only after so many boots may one come again."""
STORAGE: Final = ("computer/storage*", "storage*/*", "disk*/*", "computer/image_*", "memory/*")
FOR_LONG_S: Final = 30.0
SURELY_SEEN: Final = (
    "imu/silent", "power_monitor/silent", "temperatures/silent", "heaters/silent", "loads/silent", "array/silent",
    "radio_local/silent",
    "radio_relay/silent", "storage/silent", "watchdog/silent", "imu/bad", "power_monitor/bad", "temperatures/bad",
)  # fmt: skip
"""Faults of what flight asks all the time: whatever it is doing, it must tell of them."""


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
    seen: dict[tuple[int, int], tuple[int, bytes]] = {}
    for t_ns, packet in run.sent:
        apid = int.from_bytes(packet[:2], "big") & 0x7FF
        count = int.from_bytes(packet[2:4], "big") & 0x3FFF
        life = _life_at(run, t_ns)
        was = seen.get((apid, count))
        if was is not None and was[1] == packet:
            continue
        again = was is not None and life - was[0] < ROUND
        nearest.note(-1.0 if again else 1.0, t_ns, f"count {count} of APID {apid:#x} came again")
        seen[apid, count] = (life, packet)
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
    quiet = run.commanded("system.disable_hk", "system.set_hk_interval", "comms.*", "health.*")
    if quiet or not run.looks:
        return nearest.judgement()
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


def _pauses(run: Run) -> Judgement:
    """Between cycles of one boot, and from one boot to the next."""
    nearest, before, off_ns = Nearest(), None, -1
    asleep = any(entry.new is Mode.HIBERNATE for entry in run.modes) or run.scenario.start.mode in ("HIBERNATE", "WAKE")
    for look in run.looks:
        if before is not None and look.life and look.life == before.life:
            gap_s = (look.t_ns - before.t_ns) / NS_PER_S
            nearest.note(1.0 - gap_s / GAP_S, look.t_ns, f"cycles {gap_s:.1f} s apart")
        off_ns = -1 if look.life or look.bus_dead else (look.t_ns if off_ns < 0 else off_ns)
        if off_ns >= 0 and not asleep:
            nearest.note(1.0 - (look.t_ns - off_ns) / NS_PER_S / DOWN_S, look.t_ns, f"no cycles for over {DOWN_S:g} s")
        before = look
    return nearest.judgement()


def _boots_have_causes(run: Run) -> Judgement:
    nearest = Nearest()
    for boot in run.boots:
        own = boot.cause in (ResetCause.WATCHDOG, ResetCause.CRASH)
        nearest.note(-1.0 if own else 1.0, boot.t_ns, f"flight restarted by itself: {boot.cause.name}")
    return nearest.judgement()


def _rows_hold(run: Run) -> Judgement:
    return Judgement(margin=-1.0 if run.failures else 1.0, text="; ".join(run.failures[:3]))


def _by_the_table(run: Run) -> Judgement:
    nearest = Nearest()
    for entry in run.modes:
        legal = entry.new in MODES[entry.old].next
        nearest.note(1.0 if legal else -1.0, entry.t_ns, f"{entry.old.name} went to {entry.new.name}")
    return nearest.judgement()


def _boot_modes(run: Run) -> Judgement:
    """The first mode after INIT is one that a boot may resume."""
    nearest = Nearest()
    for entry in run.modes:
        if entry.old is Mode.INIT:
            good = entry.new in (*RESUMED, Mode.WAKE)
            nearest.note(1.0 if good else -1.0, entry.t_ns, f"a boot came up in {entry.new.name}")
    for life, _ in enumerate(run.boots, 1):
        first = next((look for look in run.looks if look.life == life), None)
        if first is not None and first.mode not in (Mode.INIT, *RESUMED, Mode.WAKE):
            nearest.fail(first.t_ns, f"a boot began in {first.mode}")
    return nearest.judgement()


def _acknowledged(run: Run) -> Judgement:
    """Parameters and wheel masks whose telecommand completed are in force after every later boot."""
    nearest = Nearest()
    done = {r.request: r for r in run.reports if r.subtype == 7}
    others = run.commanded("system.activate_parameters", "system.roll_back_parameters")
    for number, boot in enumerate(run.boots[1:], 1):
        kept: dict[Any, tuple[Any, bool]] = {}
        for item in run.taken:
            if item.t_ns >= boot.t_ns or item.request is None:
                continue
            report = done.get(item.request)
            sure = report is not None and report.t_ns < boot.t_ns
            if item.name == "system.set_parameter" and not others:
                kept["parameter", item.args.parameter_id] = (item.args.value, sure)
            if item.name == mobility.MASK_WHEEL.name:
                kept["mask", int(item.args.wheel)] = (item.args.masked, sure)
        for (what, key), (value, sure) in kept.items():
            if sure:  # a later one that was not acknowledged may have been kept or not
                now = boot.parameters.get(key) if what == "parameter" else boot.masked[key]
                same = now == value or (what == "parameter" and now is not None and abs(now - value) < 1e-6)
                nearest.note(1.0 if same else -1.0, boot.t_ns, f"boot {number + 1} has lost an acknowledged {what}")
    return nearest.judgement()


def _told(run: Run) -> Judgement:
    """Each fault that flight cannot miss raises one of its events."""
    nearest = Nearest()
    awake = [look for look in run.looks if look.life]
    for pair in SURELY_SEEN:
        device, _, kind = pair.partition("/")
        fault = REGISTRY.get((device, kind))
        for start_ns, stop_ns in run.spans(pair):
            seen = [look for look in awake if start_ns <= look.t_ns <= stop_ns]
            if fault is None or len(seen) < FOR_LONG_S * 10:
                continue
            told = any(
                start_ns <= t_ns <= stop_ns + NS_PER_S and (name in fault.events or name in OTHERS)
                for t_ns, name in run.events
            )
            nearest.note(
                1.0 if told else -1.0, stop_ns, f"{pair} for {(stop_ns - start_ns) / NS_PER_S:.0f} s and no event"
            )
    return nearest.judgement()


OTHERS: Final = ("health.device_failing", "health.device_dead")


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
        excused_by=("memory/*",),
    ),
    Property(
        name="telemetry_flows",
        promise="with a link some packet leaves at least every 35 s",
        reason="ground must not wonder whether the rover lives",
        judge=_speaks,
        excused_by=(
            "radio_*/*",
            "loads*/*",
            "bus.*/*",
            "storage*/*",
            "computer/*",
            "disk*/*",
            "gpio*/*",
            "memory/*",
            "clock/*",
        ),
        exceptions="what ground has switched off",
    ),
    Property(
        name="cycles_go_on",
        promise="cycles pause no longer than a second, or the watchdog's patience and a boot",
        reason="a rover that has stopped thinking protects nothing",
        judge=_pauses,
        excused_by=(
            "computer/slow",
            "computer/power_cut*",
            "computer/reset",
            "computer/boot_loop",
            "bus/*",
            "battery/*",
            "memory/*",
        ),
        exceptions="HIBERNATE, a dead bus, a cut for as long as it lasts",
    ),
    Property(
        name="boots_have_causes",
        promise="flight is never restarted by its own watchdog or a crash",
        reason="every restart loses something, three in a row lose the mission",
        judge=_boots_have_causes,
        excused_by=("computer/*", "watchdog/*", "memory/*", "bus.*/*", "spe/*"),
    ),
    Property(
        name="no_row_raises",
        promise="no row raises anything but errors of devices, which it handles",
        reason="a rebuilt row forgets what it was doing",
        judge=_rows_hold,
        excused_by=("memory/*", "computer/slow", "computer/hang"),
    ),
    Property(
        name="modes_by_the_table",
        promise="modes change along the declared table only",
        reason="what each mode guarantees was proved for these ways alone",
        judge=_by_the_table,
        excused_by=("memory/*",),
    ),
    Property(
        name="boots_come_up_at_rest",
        promise="a boot resumes a resting mode or comes up in SAFE",
        reason="nobody knows what happened in between",
        judge=_boot_modes,
        excused_by=("memory/*",),
    ),
    Property(
        name="acknowledged_survives",
        promise="parameters and wheel masks whose command completed are in force after every later boot",
        reason="completed means durable",
        judge=_acknowledged,
        excused_by=STORAGE,
    ),
    Property(
        name="faults_are_told",
        promise="a device that flight asks all the time and that has failed for 30 s is reported",
        reason="ground cannot mend what it does not know",
        judge=_told,
        excused_by=("memory/*", "radio_*/blackout"),
    ),
)
