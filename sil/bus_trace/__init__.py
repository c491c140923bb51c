"""Bus traces (`hal.buses.tracing`) as text: each transaction with its meaning for the chip that it was with."""
