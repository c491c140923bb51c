"""Emulated chips in real time for other processes: serial ones on pseudo-terminals, the others on a Unix socket."""
