"""Promises about stopping: what must end a motion ends it in time."""

from __future__ import annotations

import math
from fnmatch import fnmatchcase
from typing import Final

from sil.properties.judging import NOT_JUDGED, Judgement, Nearest, Property
from sil.properties.looks import LIMITS_TOUCHED, MEMORY, WHEELS_BEYOND, during, lasting, told, value
from sil.properties.record import CYCLE_S, Look, Run
from telemetry_defs.areas import mobility as area
from telemetry_defs.definitions import Mode

TURN_RAD_S: Final = 0.05
STILL_RAD_S: Final = 0.004
SERVED_S: Final = 1.0
"""Granted after a check's own persistence."""
TILT_ERROR_RAD: Final = math.radians(1.5)
TILT_S: Final = 0.5 + 1.0 + SERVED_S + 1.0
"""Persistence, the accelerometer's low pass, the second that is granted, and the ramp's worth of a second."""


def _tilt(run: Run) -> Judgement:
    stop_rad, egress_rad = value(run, area.TILT_STOP), value(run, area.EGRESS_TILT_STOP)

    def bad(look: Look) -> bool:
        limit_rad = egress_rad if look.mode is Mode.EGRESS else stop_rad
        return told(look) and look.tilt_rad > limit_rad + TILT_ERROR_RAD

    return lasting(run, bad, TILT_S, "drives on beyond the tilt limit", when=told)


STALL_MORE_S: Final = 0.4
"""Until the current or the angle shows it."""


def _stall(run: Run) -> Judgement:
    limit_s = value(run, area.STALL_TIME) + SERVED_S + STALL_MORE_S

    def bad(look: Look) -> bool:
        pairs = zip(look.commanded, look.turning, strict=True)
        return any(abs(wanted) > TURN_RAD_S and abs(real) < STILL_RAD_S for wanted, real in pairs)

    return lasting(run, bad, limit_s, "drives on with a wheel that stands", when=told)


AHEAD_RAD_S: Final = 0.3
AHEAD_SHARE: Final = 0.2
"""Regulation and coasting may make a wheel faster by these two."""
AHEAD_S: Final = 2.0 + 3 * SERVED_S + 0.5
"""Persistence at a stop; then the end of a motion, and mobility's and power's looks once a second each."""


def _runaway(run: Run) -> Judgement:
    def bad(look: Look) -> bool:
        return any(map(_ahead, look.commanded, look.turning))

    return lasting(run, bad, AHEAD_S, "a wheel turns faster than it is told, or against it")


def _ahead(wanted_rad_s: float, real_rad_s: float) -> bool:
    """Whether a wheel turns further than it is told to, or the other way."""
    along_rad_s = math.copysign(1.0, wanted_rad_s) * real_rad_s
    return not -AHEAD_RAD_S <= along_rad_s <= (1.0 + AHEAD_SHARE) * abs(wanted_rad_s) + AHEAD_RAD_S


RADIUS_M: Final = 0.09
SLIP_EXCESS: Final = 0.15


def _slip(run: Run) -> Judgement:
    """Wheel travel while embedded: the window of half a metre, two fixes of ground motion, and the ramp."""
    limit, window_m = value(run, area.SLIP_SAFE) + SLIP_EXCESS, value(run, area.SLIP_WINDOW)
    nearest, travelled_m, fastest_m_s = Nearest(), 0.0, 0.0
    for look in run.looks:
        speed_m_s = sum(map(abs, look.turning)) / len(look.turning) * RADIUS_M
        digs = told(look) and look.slip > limit
        travelled_m, fastest_m_s = (
            (travelled_m + speed_m_s * CYCLE_S, max(fastest_m_s, speed_m_s)) if digs else (0.0, 0.0)
        )
        if digs:
            allowed_m = window_m + fastest_m_s * (2 * 2.0 + SERVED_S + 3.0)
            nearest.note(
                1.0 - travelled_m / allowed_m, look.t_ns, f"digs itself in for over {allowed_m:.2f} m of wheel travel"
            )
    return nearest.judgement()


LINK_S: Final = 5.0 + 1.0 + 1.0 + SERVED_S
"""The parameter's 5 s, comms' and mobility's own looks once a second, and the ramp."""


def _link(run: Run) -> Judgement:
    return lasting(run, lambda look: told(look) and not look.locked, LINK_S, "drives on without a link", when=told)


BLIND: Final = (
    ("imu/silent", 0.5), ("imu/defect", 0.5), ("imu/bad", 0.5), ("imu/nan", 0.5), ("imu/stale", 1.5),
    ("wheels/silent", 0.5), ("wheels/defect", 0.5), ("wheels/bad", 0.5), ("wheels/stale", 1.5), ("wheels/nan", 0.5),
    ("wheels.*/encoder_lost", 0.5), ("wheels.*/reading_none", 0.5),
    ("steering/silent", 1.5), ("steering/defect", 1.5), ("steering/bad", 1.5), ("steering/nan", 1.5),
    ("steering/stale", 2.5), ("steering.*/feedback_none", 1.5),
)  # fmt: skip
"""Faults that take away what driving needs, and after how long flight's own check counts it as lost."""


def _blind(run: Run) -> Judgement:
    found = [_blind_to(run, pattern, persistence_s) for pattern, persistence_s in BLIND]
    return min(found, key=lambda judgement: judgement.margin)


def _blind_to(run: Run, pattern: str, persistence_s: float) -> Judgement:
    """From the beginning of the fault, or of the motion: wheels at rest are not watched."""
    masks = [item.args.wheel for item in run.taken if item.name == area.MASK_WHEEL.name]
    masked = [f"wheels.{wheel.name.lower()}" for wheel in masks]  # nobody misses the readings of a masked wheel
    pairs = [
        pair for pair in sorted(run.broken) if fnmatchcase(pair, pattern) and pair.rpartition("/")[0] not in masked
    ]
    blind = during(run, *pairs)
    if blind is None:
        return NOT_JUDGED
    return lasting(
        run,
        lambda look: told(look) and look.mode is not Mode.SERVICE and blind(look),
        persistence_s + SERVED_S + 1.0,
        f"drives on with {pattern}",
    )


PROPERTIES: Final = (
    Property(
        name="stops_beyond_tilt",
        promise="wheels stand within 1 s after tilt has been over its limit for the check's persistence",
        reason="25 degrees are where wheels lose their grip and 45 where the rover falls over",
        judge=_tilt,
        unjudged_after=LIMITS_TOUCHED,
        excused_by=("imu*/*", "bus.imu/*", "chip.*/*", *WHEELS_BEYOND),
        exceptions="1.5 degrees and 1 s for what the inertial unit's filter is behind",
        aim=True,
    ),
    Property(
        name="stops_on_stall",
        promise="wheels stand within 1 s after a wheel has stood against its command for the stall time",
        reason="a stalled motor overheats in minutes, and five wheels dig in",
        judge=_stall,
        unjudged_after=LIMITS_TOUCHED,
        excused_by=("wheels*/encoder*", "wheels*/current*", "wheels/*", "imu/*", *WHEELS_BEYOND[1:]),
        aim=True,
    ),
    Property(
        name="stops_a_runaway",
        promise="a wheel that turns unasked, faster than it is told, or against it, stands after 5.5 s",
        reason="it pulls the rover off its way or digs in, and nothing but its power is left to stop it",
        judge=_runaway,
        excused_by=("wheels/*", "wheels.*/encoder*", "wheels.*/reading*", "imu/*", "computer/hang", *WHEELS_BEYOND[1:]),
        unjudged_after=("power.set_load", "mobility.mask_wheel"),
        exceptions="a wheel that ground has masked, or motors that ground itself has switched on",
    ),
    Property(
        name="stops_when_digging_in",
        promise="the rover stops within the slip window, two fixes and a ramp once slip is beyond embedding",
        reason="Spirit was lost to sand: sinkage grows with every turn of a slipping wheel",
        judge=_slip,
        unjudged_after=LIMITS_TOUCHED,
        excused_by=("ground_motion/*", "sky/*", "imu/*", "wheels*/*", *WHEELS_BEYOND[1:]),
        aim=True,
    ),
    Property(
        name="stops_without_link",
        promise="wheels stand 5 s after the last receiver lost its carrier",
        reason="a rover that cannot be stopped must not move",
        judge=_link,
        unjudged_after=LIMITS_TOUCHED,
        excused_by=(
            "radio_*/stuck*",
            "radio_*/silent",
            "radio_*/defect",
            "radio_*/*lock",
            "bus.modem/*",
            "chip.modem/*",
            *WHEELS_BEYOND,
        ),
        exceptions="2 s for the looks of comms and mobility, once a second each",
        aim=True,
    ),
    Property(
        name="stops_when_blind",
        promise="wheels stand within 1 s after the loss of inertial unit, encoders or steering has persisted",
        reason="attitude, stall and slip cannot be watched without them",
        exceptions="the wheel test of SERVICE, which is there to find out what works",
        judge=_blind,
        excused_by=("loads*/*", *MEMORY, "computer/slow"),
    ),
)
