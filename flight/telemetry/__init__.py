"""Telemetry: events, housekeeping and the queues that lead to the radios."""
