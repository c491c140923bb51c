"""Byte-level twins of the chips that `hal.drivers` drives."""
