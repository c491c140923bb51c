"""Parts of the thermal subsystem, one idea a file."""
