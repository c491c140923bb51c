"""What runs on the rover: executive, modes, subsystems, services."""
