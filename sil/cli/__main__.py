"""`python -m sil.cli` is `rahi`."""

from sil.cli import main

main()
