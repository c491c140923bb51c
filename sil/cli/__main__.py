"""`python -m sil.cli` is `rahi`."""

from sil.cli.app import main

main()
