"""Means by which faults act on the simulated hardware."""
