"""What the pictures and the report show, as plain data: lines, spans, tracks and marks of one run."""
