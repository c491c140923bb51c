"""What the rover believes of its radios: section `[comms]` of the rover file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from hal.api.config import Section

Rate = Annotated[float, Meta(gt=0.0, le=1e9)]
Dbm = Annotated[float, Meta(ge=-200.0, le=0.0)]


class RadioConfig(Section, frozen=True, kw_only=True):
    """One radio: its load switch, its rates, and the signal each faster rate needs.

    A radio with a single rate has it in all three places.
    """

    switch: Annotated[str, Meta(min_length=1)]
    beacon_bit_s: Rate
    nominal_bit_s: Rate
    high_bit_s: Rate
    nominal_rssi_dbm: Dbm
    high_rssi_dbm: Dbm

    def check(self) -> Iterator[str]:
        """Rates and the signal they need rise together."""
        if not self.beacon_bit_s <= self.nominal_bit_s <= self.high_bit_s:
            yield "beacon_bit_s, nominal_bit_s, high_bit_s must not fall"
        if self.high_rssi_dbm < self.nominal_rssi_dbm:
            yield "high_rssi_dbm must be at least nominal_rssi_dbm"


class CommsConfig(Section, frozen=True, kw_only=True):
    """Radios and the habits of the transmitters."""

    relay: RadioConfig
    local: RadioConfig
    burst_s: Annotated[float, Meta(ge=1.0, le=20.0)]
    """Where a mode sends in bursts, the length of each."""
    no_lock_s: Annotated[float, Meta(ge=5.0, le=3600.0)]
    """A relay window open this long without carrier is reported."""
    restart_guard_s: Annotated[float, Meta(ge=60.0, le=86400.0)]
    """The last stage of the command-loss timer restarts no rover that came up less than this ago."""

    def check(self) -> Iterator[str]:
        """Each radio has a switch of its own."""
        if self.relay.switch == self.local.switch:
            yield "relay.switch and local.switch must differ"
