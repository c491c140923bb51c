"""Put the flight software onto a rover computer over ssh, into the slot that does not run, and see it proven there."""
