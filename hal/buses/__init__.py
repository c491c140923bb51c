"""Buses below the drivers: what a driver may ask of a serial line, an I2C bus and GPIO lines, and how each opens."""
