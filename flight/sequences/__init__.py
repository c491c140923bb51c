"""Stored sequences (PUS 21): commands at relative times and waits, loaded as data and validated whole."""
