"""Dictionary area of monitors and actions: PUS services 12 and 19."""

from __future__ import annotations

from telemetry_defs.definitions import APID_SYSTEM, Area

AREA = Area(name="monitors", apid=APID_SYSTEM, number=7)
