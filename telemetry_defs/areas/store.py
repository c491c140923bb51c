"""Dictionary area of the packet store: PUS service 15."""

from __future__ import annotations

from telemetry_defs.definitions import APID_SYSTEM, Area

AREA = Area(name="store", apid=APID_SYSTEM, number=10)
