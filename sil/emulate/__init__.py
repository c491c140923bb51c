"""Emulated chips in real time for other processes: serial ones on pseudo-terminals, I2C and GPIO ones on a Unix socket."""
