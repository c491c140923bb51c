"""Monitors and actions (PUS 12 and 19): a table of checks on telemetry values, and what starts when one fails."""
