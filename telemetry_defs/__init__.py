"""The mission dictionary: every packet, command, event and parameter of Rahi, declared once.

Codecs, ground decoding, documents and exports derive from these declarations. Flight software imports
everything here save ``formats`` and ``exports``, which need desktop libraries.
"""
