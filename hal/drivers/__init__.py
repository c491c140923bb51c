"""Drivers of real chips: one chip a file, over the buses of `hal.buses`, with a deadline on every transaction."""
