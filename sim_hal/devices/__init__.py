"""Device depth: every hal interface straight over the simulated world, one device a file."""
