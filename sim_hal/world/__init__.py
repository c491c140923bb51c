"""The simulated Moon and the vehicle on it, as they truly are; nothing here knows of devices or of flight software."""
