"""Products: files with science data, their catalogue, how they are stored and how they come down (PUS 13)."""
