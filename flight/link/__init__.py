"""The parts of communications: one radio's care, relay windows, the command-loss timer, counters."""
