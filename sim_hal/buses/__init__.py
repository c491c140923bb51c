"""Simulated wires: the serial lines, I2C buses and GPIO lines between drivers and emulated chips, with their time."""
