"""The campaign: one scenario with many seeds, through any executor, into one table of rows."""
