"""The wiring of a rover file as a list of parts and as a picture."""
