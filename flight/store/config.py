"""What the rover file says of the packet store."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from hal.api.config import Section


class StoreConfig(Section, frozen=True, kw_only=True):
    """Section `[store]`."""

    capacity_bytes: Annotated[int, Meta(ge=1_000_000, le=1_000_000_000)] = 16_000_000
    """Size of all segments; beyond it whole ones are evicted."""
