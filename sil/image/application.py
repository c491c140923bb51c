"""The application in the image: the factory slot, the slot tool and flight's unit.

This is the one place that knows how the slot tool of `rahi deploy` wants them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import distribution
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from flight.version import VERSION
from sil.image.tree import Entry

FACTORY: Final = "opt/rahi/factory"
FLIGHT_PACKAGES: Final = ("flight", "hal", "telemetry_defs")
ROVER_FILE: Final = "etc/rahi/rover.toml"
_INFO: Final = "rahi-{version}.dist-info"


@dataclass(frozen=True, kw_only=True)
class Application:
    """What becomes a slot: files by their path on PYTHONPATH, for one Python."""

    files: Mapping[str, bytes]
    python: str
    version: str = ".".join(map(str, VERSION))

    @property
    def manifest(self) -> bytes:
        """Version, Python, and SHA-256 and size of every file, as the slot tool checks them."""
        rows = {
            f"lib/{path}": {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
            for path, data in sorted(self.files.items())
        }
        return (json.dumps({"version": self.version, "python": self.python, "files": rows}, indent=1) + "\n").encode()

    def entries(self, base: str) -> Iterator[Entry]:
        """As files below a folder."""
        for path, data in sorted(self.files.items()):
            yield Entry(path=f"{base}/lib/{path}", data=data)
        yield Entry(path=f"{base}/manifest.json", data=self.manifest)


def own_files(packages: Sequence[str] = FLIGHT_PACKAGES) -> dict[str, bytes]:
    """Rahi's own packages as they are installed here, and the metadata by which boards are found."""
    found: dict[str, bytes] = {}
    for package in packages:
        found.update(_walk(files(package), package))
    info = _INFO.format(version=".".join(map(str, VERSION)))
    for name in ("METADATA", "entry_points.txt"):
        found[f"{info}/{name}"] = (distribution("rahi").read_text(name) or "").encode()
    return found


def _walk(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    for child in sorted(folder.iterdir(), key=lambda item: item.name):
        if child.is_dir() and child.name != "__pycache__":
            yield from _walk(child, f"{path}/{child.name}")
        elif child.is_file() and not child.name.endswith(".pyc"):
            yield f"{path}/{child.name}", child.read_bytes()


def application_layer(application: Application, rover: bytes) -> Iterator[Entry]:
    """Everything of the application that lies in the read-only root."""
    yield from application.entries(FACTORY)
    yield Entry(path=ROVER_FILE, data=rover)
