"""Mission control: station, archive, products, pictures and reports.  It knows the rover by the dictionary alone."""
