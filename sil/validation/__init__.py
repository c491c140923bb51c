"""The simulated world held against published numbers: `python -m sil.validation docs` writes docs/validation.md.

One file for each part of the world; each gives a `Chapter` with its figures, its picture and what it does not show.
"""
