"""Faults: a closed registry of what can break, and the injector that breaks it at its time."""
