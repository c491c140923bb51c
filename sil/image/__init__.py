"""The Raspberry Pi SD-card image: built from Debian packages, flashed with care, booted in an emulator."""
