"""Still pictures of a run, drawn with matplotlib without a display."""

from ground.plots.overview import overview

__all__ = ["overview"]
