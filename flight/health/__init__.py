"""Devices: who counts their errors, and the one owner of what goes beyond a retry."""
