"""The wire rover: emulated chips on simulated wires, bound to the world, below the real drivers."""
