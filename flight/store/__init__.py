"""The packet store (PUS 15): an append-only log of telemetry packets in segments, and what ground takes from it."""
