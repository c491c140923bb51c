"""Safety properties: what must hold of a rover in any run, whatever ground, world, devices and power do."""
