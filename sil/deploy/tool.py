"""The slot tool as one file: an archive that Python runs, so that replacing it on the rover is a single rename.

`python -m sil.deploy.tool FILE` writes it.
"""

from __future__ import annotations

import io
import sys
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import Final

TOOL_NAME: Final = "rahi_slot.pyz"
_MAIN: Final = "import sys\n\nfrom sil.deploy.target.rahi_slot import main\n\nsys.exit(main())\n"
_PACKAGES: Final = ("sil", "sil.deploy")
_OLDEST: Final = (1980, 1, 1, 0, 0, 0)
"""A zip archive knows no earlier time; a fixed one makes equal sources equal bytes."""


def tool_archive() -> bytes:
    """The archive; equal sources give equal bytes."""
    sources = {"__main__.py": _MAIN.encode()}
    for package in _PACKAGES:
        sources[f"{package.replace('.', '/')}/__init__.py"] = (files(package) / "__init__.py").read_bytes()
    for entry in (files("sil.deploy") / "target").iterdir():
        if entry.name.endswith(".py"):
            sources[f"sil/deploy/target/{entry.name}"] = entry.read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, source in sorted(sources.items()):
            archive.writestr(zipfile.ZipInfo(name, _OLDEST), source)
    return buffer.getvalue()


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(tool_archive())
