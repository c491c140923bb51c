"""Promises about charge and heat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hal.api.clock import NS_PER_S
from sil.properties.judging import Judgement, Nearest, Property
from sil.properties.record import Look, Run
from telemetry_defs.areas import power, thermal
from telemetry_defs.definitions import Mode

TOUCHED: Final = ("system.*parameter*",)
SETTLED_S: Final = 6.0
"""After a boot every row has looked at its devices twice."""
COLD_C: Final = -0.3
"""Sensors are off by up to 0.1 K, and the mean of the cells is not the coldest cell."""
COLD_S: Final = 6.0
SHED_S: Final = 8.0
ROLL_OUT_S: Final = 30.0
FORBIDDEN: Final = ("power.charge_inhibited", "power.overvoltage", "power.charge_overcurrent", "power.battery_hot")
SENSES: Final = ("temperatures*/*", "bus.body/*", "bus.left/*", "bus.right/*", "tmp117*/*", "chip.*/*")
SWITCHES: Final = ("heaters*/*", "loads*/*", "bus.lines/*", "gpio*/*")
BRAIN: Final = ("memory/*", "computer/slow", "computer/image_*")


def _settled(run: Run, look: Look) -> bool:
    """Flight has been up long enough to act."""
    return look.life > 0 and look.t_ns - run.boots[look.life - 1].t_ns >= SETTLED_S * NS_PER_S


def _lasting(run: Run, bad: Callable[[Look], bool], limit_s: float, text: str) -> Judgement:
    nearest, since_ns, life = Nearest(), -1, 0
    for look in run.looks:
        if look.life != life or not _settled(run, look) or not bad(look):
            life, since_ns = look.life, -1
            continue
        if since_ns < 0:
            since_ns = look.t_ns
        nearest.note(1.0 - (look.t_ns - since_ns) / NS_PER_S / limit_s, look.t_ns, f"{text} for over {limit_s:g} s")
    return nearest.judgement()


def _no_cold_charge(run: Run) -> Judgement:
    """The charger's own enable line counts, for the array may have nothing to give just then."""
    if run.commanded(*TOUCHED):
        return Nearest().judgement()
    charge = run.load_names.index("charge")
    return _lasting(
        run,
        lambda look: look.battery_c < COLD_C and (look.battery_a > 0.01 or look.loads_on[charge]),
        COLD_S,
        "the battery may be charged below 0 C",
    )


def _charges_again(run: Run) -> Judgement:
    """Warm enough to charge, and not forbidden for another reason that flight has told."""
    if run.commanded(*TOUCHED) or any(
        name.startswith("power.") for _, name in run.events if "charge" in name or "volt" in name
    ):
        return Nearest().judgement()
    charge = run.load_names.index("charge")
    return _lasting(
        run,
        lambda look: 3.0 < look.battery_c < 38.0 and not look.loads_on[charge] and look.life > 0,
        20.0,
        "a warm battery is not allowed to charge",
    )


def _sheds(run: Run) -> Judgement:
    """By what flight believes of its charge, with the thresholds as they ship."""
    if run.commanded(*TOUCHED):
        return Nearest().judgement()
    thresholds = [item.default for item in (power.SHED_1, power.SHED_2, power.SHED_3, power.SHED_4)]

    def bad(look: Look) -> bool:
        if look.mode is Mode.INIT:
            return False
        soc = look.believed_soc
        level = 4 if soc is None else sum(soc < limit for limit in thresholds)
        return any(on and 0 < shed <= level for on, shed in zip(look.loads_on, run.shed_levels, strict=True))

    longest_s = ROLL_OUT_S if any(look.motors_on for look in run.looks) else SHED_S
    return _lasting(run, bad, longest_s, "loads stay on below their state of charge")


def _knows_its_charge(run: Run) -> Judgement:
    """A low battery is known to be low, or not known at all."""
    return _lasting(
        run,
        lambda look: look.believed_soc is not None and look.believed_soc > look.soc + 0.25,
        30.0,
        "believes a quarter more charge than there is",
    )


def _leaves_drive(run: Run) -> Judgement:
    """DRIVE ends below 0.50 of what flight believes, and when it believes nothing."""
    if run.commanded(*TOUCHED):
        return Nearest().judgement()
    return _lasting(
        run,
        lambda look: look.mode is Mode.DRIVE and (look.believed_soc is None or look.believed_soc < 0.49),
        15.0,
        "stays in DRIVE without the charge for it",
    )


def _low_is_safe(run: Run) -> Judgement:
    if run.commanded(*TOUCHED, "monitors.*"):
        return Nearest().judgement()
    calm = (Mode.SAFE, Mode.HIBERNATE, Mode.INIT, Mode.WAKE, Mode.STOWED, Mode.CHARGE, Mode.SERVICE, Mode.EGRESS)
    return _lasting(
        run,
        lambda look: look.mode not in calm and look.believed_soc is not None and look.believed_soc < 0.29,
        20.0,
        "works on below 0.30 state of charge",
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


def _budget(run: Run) -> Judgement:
    if run.commanded(*TOUCHED):
        return Nearest().judgement()
    budget_w, nearest = thermal.HEATER_BUDGET_W.default, Nearest()
    for look in run.looks:
        if look.life:
            watts = sum(w for w, on in zip(run.heater_w, look.heaters_on, strict=True) if on)
            nearest.note((budget_w + 0.01 - watts) / budget_w, look.t_ns, f"{watts:.0f} W of heaters on")
    return nearest.judgement()


def _heats(run: Run) -> Judgement:
    if run.commanded(*TOUCHED, "thermal.*"):
        return Nearest().judgement()
    battery = run.heater_names.index("battery")
    return _lasting(
        run,
        lambda look: look.battery_c < thermal.KEEP_ON_C.default - 1.0 and not look.heaters_on[battery],
        20.0,
        "a cold battery is not heated",
    )


def _does_not_cook(run: Run) -> Judgement:
    if run.commanded(*TOUCHED, "thermal.*"):
        return Nearest().judgement()
    battery = run.heater_names.index("battery")
    ends_c = thermal.CHARGE_OFF_C.default + 1.5
    survival_c = thermal.SURVIVAL_C.default + 6.0
    return _lasting(
        run,
        lambda look: (
            look.heaters_on[battery]
            and (look.battery_c > 31.0 or (look.battery_c > ends_c and look.web_c > survival_c))
        ),
        20.0,
        "a warm battery is heated",
    )


def _safe_is_quiet(run: Run) -> Judgement:
    """In SAFE nothing sheddable is on but what ground has ordered, and heaters."""
    if run.commanded("power.*", "instruments.*", "health.*"):
        return Nearest().judgement()

    def bad(look: Look) -> bool:
        return look.mode is Mode.SAFE and any(
            on and level for on, level in zip(look.loads_on, run.shed_levels, strict=True)
        )

    return _lasting(run, bad, ROLL_OUT_S, "sheddable loads stay on in SAFE")


def _off_is_off(run: Run) -> Judgement:
    """Without a computer every output is back at its safe value within its hold."""
    nearest, off_ns = Nearest(), -1
    safe_on = {"radio_relay", "radio_local", "charge"}
    for look in run.looks:
        if look.life:
            off_ns = -1
            continue
        off_ns = look.t_ns if off_ns < 0 else off_ns
        on = [name for name, state in zip(run.load_names, look.loads_on, strict=True) if state and name not in safe_on]
        on += [f"heater {name}" for name, state in zip(run.heater_names, look.heaters_on, strict=True) if state]
        if on or any(look.commanded):
            left = 1.0 - (look.t_ns - off_ns) / NS_PER_S / 2.0
            nearest.note(left, look.t_ns, f"{', '.join(on) or 'wheels'} on without a computer")
    return nearest.judgement()


PROPERTIES: Final = (
    Property(
        name="no_charge_below_zero",
        promise="the charger is off whenever the battery is below 0 C",
        reason="lithium plates out: the capacity is gone for good, and the next charge may short the cell",
        judge=_no_cold_charge,
        excused_by=(*SENSES, *SWITCHES, *BRAIN),
        exceptions="0.3 K for sensors; 6 s after a boot, whose switch has charging on as its safe value; 6 s to see it",
    ),
    Property(
        name="warm_battery_may_charge",
        promise="a battery between 3 and 38 C may be charged, unless flight tells why not",
        reason="a rover that forgets to charge is dead in a day",
        judge=_charges_again,
        excused_by=(*SENSES, *SWITCHES, *BRAIN, "battery/*", "power_monitor/*"),
    ),
    Property(
        name="sheds_loads",
        promise="below each threshold of state of charge its class of loads is off; with the charge unknown all are",
        reason="the last watt-hours belong to heaters and receivers",
        judge=_sheds,
        excused_by=(*SWITCHES, *BRAIN),
        exceptions="motors while the rover rolls to a stop",
    ),
    Property(
        name="knows_its_charge",
        promise="the state of charge that flight believes is never a quarter above the truth for long",
        reason="every rung of the charge ladder stands on it",
        judge=_knows_its_charge,
        excused_by=(
            "battery/*",
            "power_monitor/*",
            "bus.*/*",
            "ina260*/*",
            "rtc/*",
            *BRAIN,
            "computer/*",
            "clock/*",
            "array*/*",
        ),
        exceptions="a state of charge that ground has set",
    ),
    Property(
        name="drive_ends_on_low_charge",
        promise="DRIVE is left within 15 s below 0.50 or with the state of charge unknown",
        reason="what is left must take the rover through finding its place in the Sun",
        judge=_leaves_drive,
        excused_by=(*BRAIN,),
    ),
    Property(
        name="low_charge_leads_to_safe",
        promise="below 0.30 the rover goes to SAFE",
        reason="the charge ladder of the design",
        judge=_low_is_safe,
        excused_by=(*BRAIN,),
    ),
    Property(
        name="battery_not_drawn_below_cutoff",
        promise="the bus never dies while a load that could be shed is on",
        reason="a dead bus loses clock and memory, and may never come back in the cold",
        judge=_not_below_cutoff,
        excused_by=("battery/*", "power_monitor/*", "array*/*", "sky/*", *SWITCHES, *BRAIN, "bus/*"),
    ),
    Property(
        name="heaters_keep_their_budget",
        promise="heaters never draw more together than the budget",
        reason="seven at once would empty the battery in a night",
        judge=_budget,
        excused_by=(*SWITCHES, *BRAIN),
    ),
    Property(
        name="cold_battery_is_heated",
        promise="below its keep-alive temperature the battery is heated while there is a computer to do so",
        reason="frozen cells carry no current, and at -30 C they are lost",
        judge=_heats,
        excused_by=(*SENSES, *SWITCHES, *BRAIN),
    ),
    Property(
        name="warm_battery_is_not_heated",
        promise="the battery heater is off above its thermostat's end",
        reason="a heater stuck in a wrong decision cooks the cells and empties them",
        judge=_does_not_cook,
        excused_by=(*SENSES, *SWITCHES, *BRAIN),
        exceptions="near the survival limit of the electronics it warms them too",
    ),
    Property(
        name="safe_is_quiet",
        promise="in SAFE every sheddable load is off that ground has not ordered on",
        reason="SAFE must last until somebody looks",
        judge=_safe_is_quiet,
        excused_by=(*SWITCHES, *BRAIN),
    ),
    Property(
        name="outputs_fall_safe",
        promise="2 s after the computer stopped wheels, heaters and sheddable loads are off",
        reason="nobody is there to switch them off",
        judge=_off_is_off,
        excused_by=(*SWITCHES, "wheels*/*", "drive_unit/*", "computer/hang", "roboclaw*/*", "bus.motors/*"),
        exceptions="a hung computer's outputs last as long as their holds; the controller's own battery heater",
    ),
)
