"""Promises about charge."""

from __future__ import annotations

from typing import Final

from sil.properties.judging import NOT_JUDGED, Judgement, Nearest, Property
from sil.properties.looks import BRAIN, LIMITS_TOUCHED, SENSES, SWITCHES, during, lasting
from sil.properties.record import Look, Run
from telemetry_defs.areas import power
from telemetry_defs.definitions import Mode

SETTLED_S: Final = 6.0
"""After a boot every row has looked at its devices twice."""
COLD_C: Final = -0.3
"""Sensors are off by up to 0.1 K, and the mean of the cells is not the coldest cell."""
COLD_S: Final = 6.0
SHED_S: Final = 8.0
ROLL_OUT_S: Final = 30.0


def _no_cold_charge(run: Run) -> Judgement:
    """The charger's own enable line counts, for the array may have nothing to give just then."""
    charge = run.load_names.index("charge")
    return lasting(
        run,
        lambda look: look.battery_c < COLD_C and (look.battery_a > 0.01 or look.loads_on[charge]),
        COLD_S,
        "the battery may be charged below 0 C",
        when=lambda look: look.battery_c < COLD_C,
        settled_s=SETTLED_S,
    )


BLIND: Final = tuple(f"temperatures/{kind}" for kind in ("silent", "defect", "bad", "nan", "stale"))
"""Faults that take every temperature away."""
BLIND_S: Final = 3.0 + 10.0 + 3.0 + 1.0
"""A reading's greatest age; flight bridges glitches; two looks of thermal, one of power; what is granted."""


def _no_blind_charge(run: Run) -> Judgement:
    """From the beginning of the fault."""
    blind, charge = during(run, *BLIND), run.load_names.index("charge")
    if blind is None:
        return NOT_JUDGED
    return lasting(
        run,
        lambda look: look.loads_on[charge] and blind(look),
        BLIND_S,
        "a battery of unknown temperature may be charged",
        settled_s=SETTLED_S,
    )


def _charges_again(run: Run) -> Judgement:
    """Warm enough to charge, and not forbidden for another reason that flight has told."""
    if any(name.startswith("power.") for _, name in run.events if "charge" in name or "volt" in name):
        return NOT_JUDGED
    charge = run.load_names.index("charge")
    return lasting(
        run,
        lambda look: 3.0 < look.battery_c < 38.0 and not look.loads_on[charge],
        20.0,
        "a warm battery is not allowed to charge",
        when=lambda look: 3.0 < look.battery_c < 38.0,
        settled_s=SETTLED_S,
    )


def _sheds(run: Run) -> Judgement:
    """By what flight believes of its charge, with the thresholds as they ship."""
    thresholds = [item.default for item in (power.SHED_1, power.SHED_2, power.SHED_3, power.SHED_4)]

    def level(look: Look) -> int:
        soc = look.believed_soc
        return 0 if look.mode is Mode.INIT else 4 if soc is None else sum(soc < limit for limit in thresholds)

    def bad(look: Look) -> bool:
        now = level(look)
        return any(on and 0 < shed <= now for on, shed in zip(look.loads_on, run.shed_levels, strict=True))

    longest_s = ROLL_OUT_S if any(look.motors_on for look in run.looks) else SHED_S
    text = "loads stay on below their state of charge"
    return lasting(run, bad, longest_s, text, when=lambda look: level(look) > 0, settled_s=SETTLED_S)


def _knows_its_charge(run: Run) -> Judgement:
    """A low battery is known to be low, or not known at all."""
    return lasting(
        run,
        lambda look: look.believed_soc is not None and look.believed_soc > look.soc + 0.25,
        30.0,
        "believes a quarter more charge than there is",
        when=lambda look: look.believed_soc is not None,
        settled_s=SETTLED_S,
    )


def _leaves_drive(run: Run) -> Judgement:
    """DRIVE ends below 0.50 of what flight believes, and when it believes nothing."""
    return lasting(
        run,
        lambda look: look.mode is Mode.DRIVE and (look.believed_soc is None or look.believed_soc < 0.49),
        15.0,
        "stays in DRIVE without the charge for it",
        when=lambda look: look.mode is Mode.DRIVE,
        settled_s=SETTLED_S,
    )


def _low_is_safe(run: Run) -> Judgement:
    calm = (Mode.SAFE, Mode.HIBERNATE, Mode.INIT, Mode.WAKE, Mode.STOWED, Mode.CHARGE, Mode.SERVICE, Mode.EGRESS)
    return lasting(
        run,
        lambda look: look.mode not in calm and look.believed_soc is not None and look.believed_soc < 0.29,
        20.0,
        "works on below 0.30 state of charge",
        when=lambda look: look.believed_soc is not None and look.believed_soc < 0.3,
        settled_s=SETTLED_S,
    )


def _not_below_cutoff(run: Run) -> Judgement:
    """When the bus dies nothing was on that could have been given up."""
    nearest, dead, before = Nearest(), False, None
    for look in run.looks:
        if look.bus_dead and not dead and before is not None and before.life:
            shed = [
                name
                for name, on, level in zip(run.load_names, before.loads_on, run.shed_levels, strict=True)
                if on and level
            ]
            nearest.note(-1.0 if shed else 1.0, look.t_ns, f"the bus died with {', '.join(shed)} on")
        dead, before = look.bus_dead, look
    return nearest.judgement()


def _safe_is_quiet(run: Run) -> Judgement:
    """In SAFE nothing sheddable is on but what ground has ordered, and heaters."""

    def bad(look: Look) -> bool:
        return look.mode is Mode.SAFE and any(
            on and level for on, level in zip(look.loads_on, run.shed_levels, strict=True)
        )

    text = "sheddable loads stay on in SAFE"
    return lasting(run, bad, ROLL_OUT_S, text, when=lambda look: look.mode is Mode.SAFE, settled_s=SETTLED_S)


PROPERTIES: Final = (
    Property(
        name="no_charge_below_zero",
        promise="the charger is off whenever the battery is below 0 C",
        reason="lithium plates out: the capacity is gone for good, and the next charge may short the cell",
        judge=_no_cold_charge,
        unjudged_after=LIMITS_TOUCHED,
        excused_by=(*SENSES, *SWITCHES, *BRAIN),
        exceptions="0.3 K for sensors; 6 s after a boot, whose switch has charging on as its safe value; 6 s to see it",
        aim=True,
    ),
    Property(
        name="no_charge_unwatched",
        promise="the charger is off 17 s after the last of the battery's temperatures was lost",
        reason="nobody knows then whether the cells are below 0 C, and a rover can wait longer than a short cell",
        judge=_no_blind_charge,
        unjudged_after=LIMITS_TOUCHED,
        excused_by=(*SWITCHES, *BRAIN, "computer/hang"),
        exceptions="where ground allows it by `power.charge_blind`",
    ),
    Property(
        name="warm_battery_may_charge",
        promise="a battery between 3 and 38 C may be charged, unless flight tells why not",
        reason="a rover that forgets to charge is dead in a day",
        judge=_charges_again,
        unjudged_after=LIMITS_TOUCHED,
        excused_by=(*SENSES, *SWITCHES, *BRAIN, "battery/*", "power_monitor/*"),
    ),
    Property(
        name="sheds_loads",
        promise="below each threshold of state of charge its class of loads is off; with the charge unknown all are",
        reason="the last watt-hours belong to heaters and receivers",
        judge=_sheds,
        unjudged_after=LIMITS_TOUCHED,
        excused_by=(*SWITCHES, *BRAIN),
        exceptions="motors while the rover rolls to a stop",
        aim=True,
    ),
    Property(
        name="knows_its_charge",
        promise="the state of charge that flight believes is never a quarter above the truth for long",
        reason="every rung of the charge ladder stands on it",
        judge=_knows_its_charge,
        unjudged_after=("power.set_soc",),
        excused_by=(
            "battery/*",
            "power_monitor/*",
            "bus.*/*",
            "chip.*/*",
            "rtc/*",
            *BRAIN,
            "computer/*",
            "clock/*",
            "array*/*",
        ),
        exceptions="a state of charge that ground has set",
        aim=True,
    ),
    Property(
        name="drive_ends_on_low_charge",
        promise="DRIVE is left within 15 s below 0.50 or with the state of charge unknown",
        reason="what is left must take the rover through finding its place in the Sun",
        judge=_leaves_drive,
        unjudged_after=LIMITS_TOUCHED,
        excused_by=(*BRAIN,),
    ),
    Property(
        name="low_charge_leads_to_safe",
        promise="below 0.30 the rover goes to SAFE",
        reason="the charge ladder of the design",
        judge=_low_is_safe,
        unjudged_after=(*LIMITS_TOUCHED, "monitors.*"),
        excused_by=(*BRAIN,),
        aim=True,
    ),
    Property(
        name="battery_not_drawn_below_cutoff",
        promise="the bus never dies while a load that could be shed is on",
        reason="a dead bus loses clock and memory, and may never come back in the cold",
        judge=_not_below_cutoff,
        excused_by=("battery/*", "power_monitor/*", "chip.*/*", "array*/*", "sky/*", *SWITCHES, *BRAIN),
    ),
    Property(
        name="safe_is_quiet",
        promise="in SAFE every sheddable load is off that ground has not ordered on",
        reason="SAFE must last until somebody looks",
        judge=_safe_is_quiet,
        unjudged_after=("power.*", "instruments.*", "health.*"),
        excused_by=(*SWITCHES, *BRAIN),
    ),
)
