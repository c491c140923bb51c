"""What Rahi costs: every number of docs/benchmarks.md, measured here.  Never part of the tests, which must not time."""
