"""Instruments, one a file: each exports `SPEC`.  What they have in common is in `unit` and `life_cycle`."""
