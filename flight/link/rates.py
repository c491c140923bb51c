"""Which rate a link can carry: what the mode or ground wants, cut to what the signal allows."""

from __future__ import annotations

from typing import Final

from flight.subsystems.comms_config import RadioConfig
from telemetry_defs.areas.comms import CommsTarget, RateChoice

STEP_UP_MARGIN_DB: Final = 3.0
"""Signal above the threshold before a faster rate is taken up, so that fading does not make the rate hunt."""


def choose_rate(
    config: RadioConfig, target: CommsTarget, ground: RateChoice, rssi_dbm: float | None, now_bit_s: float
) -> float:
    """The downlink rate, bit/s.  `now_bit_s` is the rate in use, 0 for none.

    A signal of unknown strength (None) counts as the weakest that is one: it carries the lowest rate.
    """
    wanted = _wanted(target) if ground is RateChoice.AUTO else ground
    steps = (
        (RateChoice.HIGH, config.high_bit_s, config.high_rssi_dbm),
        (RateChoice.NOMINAL, config.nominal_bit_s, config.nominal_rssi_dbm),
    )
    for step, rate_bit_s, least_dbm in steps:
        margin_db = STEP_UP_MARGIN_DB if 0.0 < now_bit_s < rate_bit_s else 0.0
        if step <= wanted and rssi_dbm is not None and rssi_dbm >= least_dbm + margin_db:
            return rate_bit_s
    return config.beacon_bit_s


def _wanted(target: CommsTarget) -> RateChoice:
    if target is CommsTarget.HIGH:
        return RateChoice.HIGH
    if target in (CommsTarget.NOMINAL, CommsTarget.ECONOMY):
        return RateChoice.NOMINAL
    return RateChoice.BEACON
