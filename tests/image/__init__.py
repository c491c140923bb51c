"""The proof in an emulator: an image is built, booted and hurt.  Run by `make image-test`, never by `make test`."""
