"""Where things lie on the rover computer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_PLACES: Final = re.compile("/opt/rahi|/etc/rahi|/run/rahi|/usr/bin/python3")
"""What the unit file speaks of."""


@dataclass(frozen=True)
class Layout:
    """Paths on the target; `prefix` moves all of them below one folder, for a trial beside the real system."""

    prefix: str = ""

    def path(self, path: str) -> str:
        """An absolute path of a real system, where it is here."""
        return self.prefix + path

    def text(self, text: str) -> str:
        """A file that speaks of such paths."""
        return _PLACES.sub(lambda found: self.path(found[0]), text)

    @property
    def python(self) -> str:
        """The system's interpreter: flight runs on it."""
        return self.path("/usr/bin/python3")

    @property
    def tool(self) -> str:
        """The slot tool."""
        return self.path("/opt/rahi/rahi_slot.pyz")

    @property
    def rover_file(self) -> str:
        """What flight is started with."""
        return self.path("/etc/rahi/rover.toml")
