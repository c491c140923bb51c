"""Fuzzing of everything that takes bytes from outside: `make fuzz`, docs/fuzzing.md."""
