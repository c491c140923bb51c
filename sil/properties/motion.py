"""Promises about wheels that turn: nothing turns unasked."""

from __future__ import annotations

from typing import Final, NamedTuple

from hal.api.clock import NS_PER_S
from sil.properties.judging import Judgement, Nearest, Property
from sil.properties.looks import LIMITS_TOUCHED, MEMORY, WHEELS_BEYOND, lasting, told
from sil.properties.record import Run, Taken
from telemetry_defs.areas import mobility as area
from telemetry_defs.definitions import Mode
from telemetry_defs.dictionary import DICTIONARY

MOTIONS: Final = {
    area.ARC.name: "timeout_s",
    area.TURN.name: "timeout_s",
    area.DRIVE_TO.name: "timeout_s",
    area.EGRESS_DRIVE.name: "timeout_s",
    area.DRIVE.name: "valid_for_s",
    area.TEST_WHEEL.name: "duration_s",
}
"""Commands that turn wheels, and the argument that bounds them."""
MOVING: Final = (Mode.DRIVE, Mode.EGRESS, Mode.SERVICE)
RAMP_S: Final = 3.0
"""From a limit to standing wheels: an ordinary ramp from top speed, a cycle and the tail of a hold."""
COAST_S: Final = 1.0
POWERING_S: Final = 12.0
"""A wheel test waits for its power, which health may have switched off for a few seconds."""
SPINNING_RAD_S: Final = 0.02
TEST_RAD_S: Final = 0.2
TEST_S: Final = 2.0


class _Permit(NamedTuple):
    """A motion command and until when it may move the rover."""

    from_ns: int
    until_ns: int


def _permits(run: Run) -> list[_Permit]:
    permits = []
    for item in run.taken:
        bound = MOTIONS.get(item.name)
        if bound is not None:
            permits.append(_Permit(item.t_ns, _until(run, item, getattr(item.args, bound))))
    return permits


def _until(run: Run, item: Taken, bound_s: float) -> int:
    """The end of a motion: its own limit, its report of an end, a STOP, or the end of that life."""
    waits_s = POWERING_S if item.name == area.TEST_WHEEL.name else 0.0
    ends = [item.t_ns + round((bound_s + waits_s + RAMP_S) * NS_PER_S)]
    if item.name != area.DRIVE.name and item.request is not None:
        ends += [
            report.t_ns + round(COAST_S * NS_PER_S)
            for report in run.reports
            if report.request == item.request and report.subtype in (4, 7, 8) and report.t_ns >= item.t_ns
        ]
    return min(ends)


def _need_command(run: Run) -> Judgement:
    nearest, permits = Nearest(), _permits(run)
    for look in run.looks:
        if not told(look):
            continue
        left_ns = max((p.until_ns - look.t_ns for p in permits if p.from_ns <= look.t_ns), default=-NS_PER_S)
        nearest.note(min(1.0, left_ns / NS_PER_S / RAMP_S), look.t_ns, "wheels are told to turn without a command")
    return nearest.judgement()


def _only_in_modes(run: Run) -> Judgement:
    return lasting(
        run,
        lambda look: told(look) and look.mode not in MOVING,
        0.35,
        "wheels are told to turn in a mode that forbids it",
        when=told,
    )


def _nothing_unasked(run: Run) -> Judgement:
    return lasting(
        run,
        lambda look: not told(look) and max(map(abs, look.turning)) > SPINNING_RAD_S,
        COAST_S + 0.5,
        "wheels turn that were told to stand",
        when=lambda look: max(map(abs, look.turning)) > 0.0,
    )


def _stop_acts(run: Run) -> Judgement:
    """Zero in the cycle that receives it, and no motion until the next command."""
    nearest = Nearest()
    begun = [item.t_ns for item in run.taken if item.name in MOTIONS]
    stops, life, stopped_ns = 0, 0, -1
    for look in run.looks:
        if look.life != life:
            life, stops, stopped_ns = look.life, 0, -1
        if look.stops > stops:
            stops, stopped_ns = look.stops, look.t_ns
        if stopped_ns < 0:
            continue
        if any(stopped_ns - NS_PER_S // 10 <= t_ns <= look.t_ns for t_ns in begun):
            stopped_ns = -1
        else:
            nearest.note(-1.0 if told(look) else 1.0, look.t_ns, "wheels are told to turn after STOP")
    return nearest.judgement()


def _wheel_test(run: Run) -> Judgement:
    """In SERVICE one wheel at a time, at most 0.2 rad/s, at most 2 s a command."""
    nearest, since_ns = Nearest(), -1
    for look in run.looks:
        if look.mode is not Mode.SERVICE or not told(look):
            since_ns = -1
            continue
        if since_ns < 0:
            since_ns = look.t_ns
        speeds = [abs(speed) for speed in look.commanded if speed]
        if len(speeds) > 1:
            nearest.fail(look.t_ns, f"{len(speeds)} wheels turn in SERVICE")
        if speeds[0] > TEST_RAD_S + 1e-6:
            nearest.fail(look.t_ns, f"{speeds[0]:.2f} rad/s in SERVICE")
        nearest.note(1.0 - (look.t_ns - since_ns) / NS_PER_S / (TEST_S + 0.3), look.t_ns, "a wheel test lasts over 2 s")
    return nearest.judgement()


def _masked(run: Run) -> Judgement:
    """A wheel that ground has masked is not driven."""
    nearest, masked, commands = (
        Nearest(),
        [False] * 6,
        [item for item in run.taken if item.name == area.MASK_WHEEL.name],
    )
    refused = {r.request for r in run.reports if r.subtype in (4, 8)}
    at, life = 0, 0
    for look in run.looks:
        if look.life and look.life != life:
            life = look.life
            kept = run.boots[life - 1].masked if life <= len(run.boots) else ()
            masked = list(kept) or [False] * 6
        while at < len(commands) and commands[at].t_ns <= look.t_ns:
            if commands[at].request not in refused:
                masked[int(commands[at].args.wheel)] = commands[at].args.masked
            at += 1
        if any(masked) and told(look) and look.mode is not Mode.SERVICE:
            wrong = any(off and abs(speed) > 0.0 for off, speed in zip(masked, look.commanded, strict=True))
            nearest.note(-1.0 if wrong else 1.0, look.t_ns, "a masked wheel is driven")
    return nearest.judgement()


def _needs_charge(run: Run) -> Judgement:
    """DRIVE and EGRESS are entered above their state of charge only, with attitude known."""
    limit = DICTIONARY.parameter("system.drive_soc").default
    nearest = Nearest()
    for item in run.modes:
        if item.new in (Mode.DRIVE, Mode.EGRESS):
            soc = item.believed_soc
            nearest.note(-1.0 if soc is None else soc - limit, item.t_ns, f"{item.new.name} with state of charge {soc}")
            if not item.tilt_known:
                nearest.fail(item.t_ns, f"{item.new.name} with tilt unknown")
    return nearest.judgement()


def _cold(run: Run) -> Judgement:
    """No wheel turns in grease below its working range."""
    return lasting(
        run, lambda look: told(look) and look.motor_min_c < -58.0, 4.0, "turns motors colder than -58 C", when=told
    )


PROPERTIES: Final = (
    Property(
        name="wheels_need_command",
        promise="no wheel is told to turn without a motion command that is still in force",
        reason="a rover that moves unasked may fall, and ground sees it seconds later at best",
        judge=_need_command,
        excused_by=(*MEMORY, "wheels.*/runaway"),
        exceptions="a motion may ramp down for up to 3 s after its limit",
    ),
    Property(
        name="wheels_only_in_moving_modes",
        promise="wheels are told to turn in DRIVE, EGRESS and the armed test of SERVICE only",
        reason="every other mode has given up what driving needs: sensors, warm motors, a link",
        judge=_only_in_modes,
        excused_by=(
            "wheels*/*",
            "drive_unit/*",
            "bus.motors/*",
            "loads*/*",
            *MEMORY,
            "computer/slow",
            "roboclaw*/*",
        ),
        aim=True,
    ),
    Property(
        name="still_when_told",
        promise="wheels stand within 1.5 s of being told to",
        reason="a wheel that turns on is a runaway",
        judge=_nothing_unasked,
        excused_by=("wheels.*/*", "drive_unit/*", "ground/*", "roboclaw*/*", "bus.motors/*", "loads*/*", *MEMORY),
        aim=True,
    ),
    Property(
        name="stop_acts_in_its_cycle",
        promise="STOP commands zero in its cycle, and nothing moves until the next command",
        reason="it is the last thing an operator can do",
        judge=_stop_acts,
        excused_by=WHEELS_BEYOND,
    ),
    Property(
        name="wheel_test_is_small",
        promise="the test of SERVICE turns one wheel, at most 0.2 rad/s, at most 2 s",
        reason="it is made beside people and on the lander's ramp",
        judge=_wheel_test,
        excused_by=(*MEMORY, "wheels*/*"),
    ),
    Property(
        name="masked_wheels_rest",
        promise="a wheel that ground has masked is never driven, over resets too",
        reason="its motor or gear is broken, that is why it was masked",
        exceptions="the wheel test of SERVICE, which is there to find out what works",
        judge=_masked,
        excused_by=(*MEMORY, "computer/image_*", "storage*/*", "computer/storage*", "wheels*/runaway"),
    ),
    Property(
        name="drive_needs_charge_and_attitude",
        promise="DRIVE and EGRESS are entered with enough state of charge, known, and a known tilt",
        reason="unknown counts as bad; a drive that ends in an empty battery ends in the dark",
        judge=_needs_charge,
        unjudged_after=LIMITS_TOUCHED,
        excused_by=(*MEMORY,),
    ),
    Property(
        name="motors_warm_before_they_turn",
        promise="no motor turns below the bottom of its working range",
        reason="cold grease breaks gears and draws stall current",
        judge=_cold,
        unjudged_after=("thermal.mask_sensor", *LIMITS_TOUCHED),
        excused_by=("temperatures*/*", "heaters*/*", *MEMORY, *WHEELS_BEYOND),
    ),
)
