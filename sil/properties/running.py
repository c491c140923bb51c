"""Promises about cycles, boots, modes and what is kept over them."""

from __future__ import annotations

from typing import Any, Final

from hal.api.clock import NS_PER_S
from hal.api.values import ResetCause
from sil.properties.judging import Judgement, Nearest, Property
from sil.properties.looks import CUTS, MEMORY, STORAGE
from sil.properties.record import Run
from telemetry_defs.areas import mobility
from telemetry_defs.definitions import Mode
from telemetry_defs.dictionary import DICTIONARY

AT_REST: Final = (Mode.STOWED, Mode.SERVICE, Mode.IDLE, Mode.CHARGE, Mode.SAFE)
WAYS: Final = {
    Mode.INIT: "STOWED SERVICE IDLE CHARGE WAKE SAFE",
    Mode.STOWED: "SERVICE SAFE",
    Mode.SERVICE: "STOWED EGRESS IDLE SAFE",
    Mode.EGRESS: "SERVICE IDLE SAFE",
    Mode.IDLE: "SERVICE CHARGE DRIVE SCIENCE COMM THERMAL_HOLD HIBERNATE SAFE",
    Mode.CHARGE: "IDLE COMM THERMAL_HOLD HIBERNATE SAFE",
    Mode.DRIVE: "IDLE CHARGE THERMAL_HOLD SAFE",
    Mode.SCIENCE: "IDLE CHARGE THERMAL_HOLD SAFE",
    Mode.COMM: "IDLE CHARGE THERMAL_HOLD SAFE",
    Mode.THERMAL_HOLD: "IDLE CHARGE HIBERNATE SAFE",
    Mode.HIBERNATE: "WAKE SAFE",
    Mode.WAKE: "SAFE",
    Mode.SAFE: "STOWED SERVICE IDLE CHARGE HIBERNATE",
}
"""Both written out here, not taken from flight: a promise must not change with what it judges."""
GAP_S: Final = 1.2
"""Cycles of one boot are never further apart: a row that takes a second has failed."""
DOWN_S: Final = 10.0 + 2.0 + 1.0
"""The watchdog's patience, a boot, and the first cycle."""


def _pauses(run: Run) -> Judgement:
    """Between cycles of one boot, and from one boot to the next."""
    nearest, before, off_ns, dead = Nearest(), None, -1, False
    asleep = any(entry.new is Mode.HIBERNATE for entry in run.modes) or run.scenario.start.mode in ("HIBERNATE", "WAKE")
    for look in run.looks:
        if before is not None and look.life and look.life == before.life:
            gap_s = (look.t_ns - before.t_ns) / NS_PER_S
            nearest.note(1.0 - gap_s / GAP_S, look.t_ns, f"cycles {gap_s:.1f} s apart")
        dead = look.bus_dead or (dead and not look.life)  # what wakes it then is the controller's own rule
        off_ns = -1 if look.life or dead else (look.t_ns if off_ns < 0 else off_ns)
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


DEFECT: Final = "health.driver_defect"


def _rows_hold(run: Run) -> Judgement:
    raised = list(run.failures)
    if run.event(DEFECT) is not None and not run.suffered("*/defect"):
        raised.append("a driver or a simulated device has a defect")
    return Judgement(margin=-1.0 if raised else 1.0, text="; ".join(raised[:3]))


def _by_the_table(run: Run) -> Judgement:
    nearest = Nearest()
    for entry in run.modes:
        legal = entry.new.name in WAYS[entry.old].split()
        nearest.note(1.0 if legal else -1.0, entry.t_ns, f"{entry.old.name} went to {entry.new.name}")
    return nearest.judgement()


def _boot_modes(run: Run) -> Judgement:
    """The first mode after INIT is one that a boot may resume."""
    nearest = Nearest()
    for entry in run.modes:
        if entry.old is Mode.INIT:
            good = entry.new in (*AT_REST, Mode.WAKE)
            nearest.note(1.0 if good else -1.0, entry.t_ns, f"a boot came up in {entry.new.name}")
    for life, _ in enumerate(run.boots, 1):
        first = next((look for look in run.looks if look.life == life), None)
        if first is not None and first.mode not in (Mode.INIT, *AT_REST, Mode.WAKE):
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


def _kept_first(run: Run) -> Judgement:
    """The storage answers in a later cycle at the earliest."""
    nearest = Nearest()
    done_ns = {(r.life, r.request): r.t_ns for r in run.reports if r.subtype == 7}
    for item in run.taken:
        t_ns = done_ns.get((item.life, item.request)) if item.request is not None else None
        if t_ns is not None and DICTIONARY.command(item.name).kept:
            early = t_ns <= item.t_ns
            nearest.note(-1.0 if early else 1.0, t_ns, f"{item.name} was reported as done before it could be kept")
    return nearest.judgement()


PROPERTIES: Final = (
    Property(
        name="cycles_go_on",
        promise="cycles pause no longer than a second, or the watchdog's patience and a boot",
        reason="a rover that has stopped thinking protects nothing",
        judge=_pauses,
        excused_by=(
            "computer/slow",
            "battery/*",
            *CUTS,
        ),
        exceptions="HIBERNATE, a dead bus, a cut for as long as it lasts",
        aim=True,
    ),
    Property(
        name="boots_have_causes",
        promise="flight is never restarted by its own watchdog or a crash",
        reason="every restart loses something, three in a row lose the mission",
        judge=_boots_have_causes,
        excused_by=("computer/*", "clock/lost", "watchdog/*", *MEMORY),
    ),
    Property(
        name="no_row_raises",
        promise="no row and no driver raises anything but errors of devices, which rows handle",
        reason="a rebuilt row forgets what it was doing",
        judge=_rows_hold,
        excused_by=(*MEMORY, "computer/slow", "computer/hang"),
    ),
    Property(
        name="modes_by_the_table",
        promise="modes change along the declared table only",
        reason="what each mode guarantees was proved for these ways alone",
        judge=_by_the_table,
        excused_by=(*MEMORY,),
    ),
    Property(
        name="boots_come_up_at_rest",
        promise="a boot resumes a resting mode or comes up in SAFE",
        reason="nobody knows what happened in between",
        judge=_boot_modes,
        excused_by=(*MEMORY,),
    ),
    Property(
        name="acknowledged_survives",
        promise="parameters and wheel masks whose command completed are in force after every later boot",
        reason="ground does not say it twice",
        judge=_acknowledged,
        excused_by=STORAGE,
    ),
    Property(
        name="completed_means_durable",
        promise="what a command changes in the state image is durable before its completion is reported",
        reason="a cut in between would lose what ground has been told is done",
        judge=_kept_first,
        excused_by=(*MEMORY,),
    ),
)
