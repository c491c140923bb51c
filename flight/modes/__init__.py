"""Rover modes: the declared table, its guards, the machine and the row that watches over it."""
