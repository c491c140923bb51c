"""What the rover believes of its instruments' common resources: section `[instruments]` of the rover file."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from hal.api.config import Section


class InstrumentsConfig(Section, frozen=True, kw_only=True):
    """Storage; the facts of each instrument are in its own file in `flight/instruments/`."""

    storage_bytes: Annotated[int, Meta(ge=100_000, le=60_000_000)]
    """Products may fill this much; no acquisition begins whose product might not fit."""
