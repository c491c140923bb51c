"""The rover's hardware: interfaces, buses, drivers and boards. Imports nothing else of Rahi."""
