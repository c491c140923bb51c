"""The areas of the dictionary, one file each; every file exports its ``AREA``."""
