"""The rover's subsystems, one a file, all of the same shape (see docs/adding-a-subsystem.md)."""
