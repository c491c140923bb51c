"""What can go wrong while an image is built, flashed or booted, as one line for the operator."""

from __future__ import annotations


class ImageError(Exception):
    """A step failed; the text says which and why."""


class Unusable(ImageError):
    """What was asked for cannot be done here: a missing tool, a wrong option, a refused disk.  Exit code 2."""
