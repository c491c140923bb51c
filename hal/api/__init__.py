"""Device interfaces by capability, their value types and errors, the clock, and the strict TOML reader."""
