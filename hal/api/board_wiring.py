"""What section `[hardware]` says of the computer itself and of payloads with drivers of their own."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from hal.api.config import Section

Name = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,39}$")]


class PayloadWiring(Section, frozen=True, kw_only=True):
    """An instrument with a driver of a team's own, by the name that flight has for it."""

    driver: Annotated[str, Meta(pattern="^[A-Za-z0-9_.-]{1,80}$")]
    """Entry point of group `rahi.instruments`; see docs/adding-a-driver.md."""
    bus: Name | None = None
    """A serial line or an I2C bus."""
    power: Name | None = None
    options: dict[str, str | int | float | bool] = {}
    """Handed to the driver as they are."""


class ComputerWiring(Section, frozen=True, kw_only=True):
    """The flight computer itself."""

    storage: Annotated[str, Meta(pattern="^/[^\\x00-\\x1f]{0,199}$")] = "/var/lib/rahi"
    """Folder of everything that is kept."""
    storage_bytes: Annotated[int, Meta(ge=1_000_000, le=4_000_000_000)] = 64_000_000
    watchdog: Annotated[str, Meta(pattern="^/dev/")] | None = None
    """The computer's own watchdog, where it is flight's to stroke; None: systemd has it."""
