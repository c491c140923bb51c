"""Parts of the power subsystem, one idea a file."""
