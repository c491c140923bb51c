"""The Raspberry Pi board: real clock, real ports, and the processes below flight that make outputs safe."""
