"""Dictionary area of stored command sequences: PUS service 21."""

from __future__ import annotations

from telemetry_defs.definitions import APID_SYSTEM, Area

AREA = Area(name="sequences", apid=APID_SYSTEM, number=8)
