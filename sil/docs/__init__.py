"""The generated pages of docs/: what can be read off the code is never written by hand."""
