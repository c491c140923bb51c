"""Promises about heaters, and about every output of a computer that has stopped."""

from __future__ import annotations

from typing import Final

from hal.api.clock import NS_PER_S
from sil.properties.energy import SETTLED_S
from sil.properties.judging import Judgement, Nearest, Property
from sil.properties.looks import BRAIN, LIMITS_TOUCHED, MEMORY, SENSES, SWITCHES, lasting
from sil.properties.record import Look, Run
from telemetry_defs.areas import thermal

BATTERY_SURVIVES_C: Final = (-30.0, 60.0)
WEB_SURVIVES_C: Final = (-40.0, 70.0)
"""Electronics survive -40 to +70 C, cells -30 (frozen, unpowered) to +60 (discharging)."""


POOR_SOC: Final = 0.29
POOR_A: Final = -0.1
"""Flight's own limits for a battery that bridges nothing and an array that does not carry the loads, and a little."""


def _watts(run: Run, look: Look) -> float:
    return sum(w for w, on in zip(run.heater_w, look.heaters_on, strict=True) if on)


def _budget(run: Run) -> Judgement:
    budget_w, nearest = thermal.HEATER_BUDGET_W.default, Nearest()
    for look in run.looks:
        if look.life:
            watts = _watts(run, look)
            nearest.note((budget_w + 0.01 - watts) / budget_w, look.t_ns, f"{watts:.0f} W of heaters on")
    return min(nearest.judgement(), _poor_budget(run), key=lambda judgement: judgement.margin)


def _poor_budget(run: Run) -> Judgement:
    """On a low battery that is being drained."""
    low_w = thermal.HEATER_BUDGET_LOW_W.default

    def poor(look: Look) -> bool:
        return look.battery_a < POOR_A and (look.believed_soc is None or look.believed_soc < POOR_SOC)

    return lasting(
        run,
        lambda look: poor(look) and _watts(run, look) > low_w + 0.01,
        10.0,
        f"over {low_w:g} W of heaters on a low battery",
        when=poor,
        settled_s=SETTLED_S,
    )


def _heats(run: Run) -> Judgement:
    battery = run.heater_names.index("battery")
    return lasting(
        run,
        lambda look: look.battery_c < thermal.KEEP_ON_C.default - 1.0 and not look.heaters_on[battery],
        20.0,
        "a cold battery is not heated",
        when=lambda look: look.battery_c < thermal.KEEP_ON_C.default,
        settled_s=SETTLED_S,
    )


def _does_not_cook(run: Run) -> Judgement:
    battery = run.heater_names.index("battery")
    ends_c = thermal.CHARGE_OFF_C.default + 1.5
    survival_c = thermal.SURVIVAL_C.default + 6.0
    return lasting(
        run,
        lambda look: (
            look.heaters_on[battery]
            and (look.battery_c > 31.0 or (look.battery_c > ends_c and look.web_c > survival_c))
        ),
        20.0,
        "a warm battery is heated",
        when=lambda look: look.battery_c > ends_c,
        settled_s=SETTLED_S,
    )


def _survives(run: Run) -> Judgement:
    """Beyond a survival limit what could bring it back is done: heaters on in the cold, loads off in the heat."""
    heater = run.heater_names.index("battery")

    def bad(look: Look) -> bool:
        cold = look.battery_c < BATTERY_SURVIVES_C[0] or look.web_c < WEB_SURVIVES_C[0]
        hot = look.battery_c > BATTERY_SURVIVES_C[1] or look.web_c > WEB_SURVIVES_C[1]
        return (cold and not look.heaters_on[heater]) or (hot and any(look.heaters_on))

    return lasting(run, bad, 20.0, "leaves survival limits unhelped", when=lambda look: True, settled_s=SETTLED_S)


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
        left = 1.0 - (look.t_ns - off_ns) / NS_PER_S / 2.0 if on or any(look.commanded) else 1.0
        nearest.note(left, look.t_ns, f"{', '.join(on) or 'wheels'} on without a computer")
    return nearest.judgement()


PROPERTIES: Final = (
    Property(
        name="heaters_keep_their_budget",
        promise="heaters never draw more together than the budget, on a low battery without Sun the lower one",
        reason="seven at once would empty the battery in a night",
        judge=_budget,
        unjudged_after=LIMITS_TOUCHED,
        excused_by=("power_monitor/*", "bus.*/*", "chip.power_monitor/*", *SWITCHES, *BRAIN),
    ),
    Property(
        name="cold_battery_is_heated",
        promise="below its keep-alive temperature the battery is heated while there is a computer to do so",
        reason="frozen cells carry no current, and at -30 C they are lost",
        judge=_heats,
        unjudged_after=(*LIMITS_TOUCHED, "thermal.*"),
        excused_by=(*SENSES, *SWITCHES, *BRAIN),
        aim=True,
    ),
    Property(
        name="warm_battery_is_not_heated",
        promise="the battery heater is off above its thermostat's end",
        reason="a heater stuck in a wrong decision cooks the cells and empties them",
        judge=_does_not_cook,
        unjudged_after=(*LIMITS_TOUCHED, "thermal.*"),
        excused_by=(*SENSES, *SWITCHES, *BRAIN),
        exceptions="near the survival limit of the electronics it warms them too",
        aim=True,
    ),
    Property(
        name="temperatures_survive",
        promise="beyond a survival limit the battery heater is on in the cold, and all heaters are off in the heat",
        reason="what freezes or cooks is lost for the mission",
        judge=_survives,
        unjudged_after=(*LIMITS_TOUCHED, "thermal.*", "power.*"),
        excused_by=(*SENSES, *SWITCHES, *BRAIN),
        exceptions="where the only heater is on and does not suffice",
    ),
    Property(
        name="outputs_fall_safe",
        promise="2 s after the computer stopped wheels, heaters and sheddable loads are off",
        reason="nobody is there to switch them off",
        judge=_off_is_off,
        excused_by=(*SWITCHES, "wheels*/*", "drive_unit/*", "computer/hang", "roboclaw*/*", "bus.motors/*", *MEMORY),
        exceptions="a hung computer's outputs last as long as their holds; the controller's own battery heater",
    ),
)
