"""What a slot holds, file by file, as its `manifest.json` says it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath

from sil.deploy.target.errors import SlotError


def digest(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Manifest:
    """What a slot holds: path below `lib/` -> (SHA-256, bytes)."""

    rahi: str
    python: str
    machine: str
    files: Mapping[str, tuple[str, int]]

    @property
    def content(self) -> str:
        """Names exactly these files."""
        lines = (f"{path} {sha256} {size}\n" for path, (sha256, size) in sorted(self.files.items()))
        return digest("".join((f"{self.rahi} {self.python} {self.machine}\n", *lines)).encode())

    def to_json(self) -> bytes:
        """As written into a slot."""
        return json.dumps({"content": self.content, **asdict(self)}, indent=1, sort_keys=True).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Manifest:
        """Raises `SlotError` on anything but a whole and consistent manifest with paths that stay inside the slot."""
        try:
            raw = json.loads(data)
            files = {_inside(path): (str(sha), int(size)) for path, (sha, size) in raw["files"].items()}
            found = cls(str(raw["rahi"]), str(raw["python"]), str(raw["machine"]), files)
            whole = raw["content"] == found.content
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
            raise SlotError("this is no manifest") from None
        if not whole or not all(re.fullmatch("[0-9a-f]{64}", sha) and size >= 0 for sha, size in files.values()):
            raise SlotError("the manifest is damaged")
        return found


def _inside(path: str) -> str:
    parts = PurePosixPath(path).parts
    if not parts or path != "/".join(parts) or path.startswith("/") or ".." in parts or "\0" in path:
        raise ValueError(path)
    return path
