"""`slots.json`: which slot is active, which is on trial and how many starts that has left; and where all of it lies."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sil.deploy.target.errors import SlotError

TRIES = 3
"""Starts that a new slot gets; the unit's StartLimitBurst must exceed this by two."""
SLOTS = ("a", "b")
FACTORY = "factory"


@dataclass(frozen=True)
class State:
    """`slots.json`."""

    active: str = FACTORY
    pending: str | None = None
    tries: int = 0

    @classmethod
    def from_json(cls, data: bytes) -> State:
        """Raises ValueError, TypeError on anything else."""
        state = cls(**json.loads(data))
        names_right = state.active in (*SLOTS, FACTORY) and state.pending in (*SLOTS, None)
        if not names_right or type(state.tries) is not int or not 0 <= state.tries <= TRIES:
            raise ValueError(state)
        return state


@dataclass(frozen=True)
class Places:
    """Folders: slots and `slots.json`; the factory copy; where `current` points at what runs."""

    base: Path
    factory: Path
    run: Path


def configured(tool: Path) -> Places:
    """Places from `slot.conf` beside the tool, lines of KEY=PATH; raises `SlotError` on any other line."""
    found = {"base": "/opt/rahi", "run": "/run/rahi"}
    with suppress(FileNotFoundError):
        for line in tool.with_name("slot.conf").read_text().splitlines():
            key, _, value = line.partition("=")
            if key not in ("base", "factory", "run") or not value.startswith("/"):
                raise SlotError(f"slot.conf: {line!r}: expected base=, factory= or run= and an absolute path")
            found[key] = value
    base = Path(found["base"])
    return Places(base, Path(found.get("factory", base / FACTORY)), Path(found["run"]))
