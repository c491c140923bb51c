"""The hunt: search missions for a way to break a safety property, shrink what is found, leave a scenario."""
