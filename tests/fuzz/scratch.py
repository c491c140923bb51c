"""One folder in memory or on disk for those who only read files; it goes with the process."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile


@functools.cache
def scratch() -> str:
    """Its path."""
    folder = tempfile.mkdtemp(prefix="rahi-fuzz-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
