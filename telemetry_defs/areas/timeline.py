"""Dictionary area of time-tagged telecommands: PUS service 11."""

from __future__ import annotations

from telemetry_defs.definitions import APID_SYSTEM, Area

AREA = Area(name="timeline", apid=APID_SYSTEM, number=9)
