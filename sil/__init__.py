"""Software-in-the-loop bench: scenarios, runner, live sessions, and the `rahi` command."""
