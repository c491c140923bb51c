"""What is installed on the rover computer: the slot tool, which imports nothing but itself, and files for systemd."""
