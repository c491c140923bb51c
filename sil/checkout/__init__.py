"""The first power-up of a rover: an operator led through it, by telecommands only."""
