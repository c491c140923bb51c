"""The simulated hardware: a world that obeys physics, and devices in it that answer through `hal.api`."""
