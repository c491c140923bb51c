"""Section `[health]` of the rover file."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from hal.api.config import Section

_Span = Annotated[float, Meta(ge=1.0, le=86400.0)]


class HealthConfig(Section, frozen=True, kw_only=True):
    """When a device counts as failing and what is done about it.  All numbers are our choice, none is published."""

    errors_in_row: Annotated[int, Meta(ge=2, le=100)] = 3
    """So many errors without a good answer between them, and a device is failing; fewer may be noise on the bus."""
    patience_s: _Span = 10.0
    """A device that fails for so long is power-cycled; its owner has tried again by then."""
    off_s: _Span = 5.0
    """How long its line stays off: time for the buffers of a board to run empty."""
    settle_s: _Span = 3.0
    """After the line may be on again: power grants it within a second, and the device has to start."""
    cycle_gap_s: _Span = 60.0
    """From one power cycle of a device to the next."""
    cycle_budget: Annotated[int, Meta(ge=0, le=20)] = 3
    """Power cycles of one device in 24 h of being on."""
    dead_after_s: _Span = 300.0
    """A device that has failed for so long, with no power cycle left to try, is given up."""
    probe_s: _Span = 600.0
    """From one probe of a dead device to the next."""
    probe_answers: Annotated[int, Meta(ge=1, le=20)] = 3
    """So many good answers in a row bring it back."""
