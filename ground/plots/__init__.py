"""Still pictures of a run, drawn with matplotlib without a display."""
