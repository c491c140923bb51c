"""What runs on the card: two scripts of the standard library alone, units and settings."""
