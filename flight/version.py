"""The version of the flight software, as telemetry carries it."""

from __future__ import annotations

from typing import Final

VERSION: Final = (0, 1, 0)
VERSION_CODE: Final = VERSION[0] << 16 | VERSION[1] << 8 | VERSION[2]
