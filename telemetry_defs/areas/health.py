"""Dictionary area of devices, rows and their recovery."""

from __future__ import annotations

from telemetry_defs.definitions import APID_SYSTEM, Area

AREA = Area(name="health", apid=APID_SYSTEM, number=11)
