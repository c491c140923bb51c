"""Deliberate defects of flight, to see whether `rahi hunt` finds them.  Nothing in the packages knows of them."""
