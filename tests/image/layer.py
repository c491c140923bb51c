"""What a test image carries on top of a real one: the stand-in for flight on real ports, hooks, two updates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from sil.deploy.bundle import Bundle
from sil.deploy.target.manifest import Manifest, digest
from sil.image.tree import Entry

TARGET: Final = Path(__file__).resolve().parent / "target"
UPDATES: Final = "opt/rahi-test"
GOOD_VERSION: Final = (0, 99, 1)
BROKEN: Final = b'raise SystemExit("this version is broken on purpose")\n'
_UNITS: Final = "etc/systemd/system"


def layer_for(bundle: Bundle) -> Iterator[Entry]:
    """Files of the test layer for an image with this application."""
    for name in ("standin.py", "hooks.py"):
        yield Entry(path=f"{UPDATES}/{name}", data=(TARGET / name).read_bytes())
    hooks = "rahi-test-hooks.service"
    yield Entry(path=f"{_UNITS}/{hooks}", data=(TARGET / hooks).read_bytes())
    yield Entry(path=f"{_UNITS}/multi-user.target.wants/{hooks}", link=f"/{_UNITS}/{hooks}")
    yield Entry(path=f"{_UNITS}/rahi-flight.service.d/standin.conf", data=(TARGET / "standin.conf").read_bytes())
    version = (bundle.lib / "flight/version.py").read_text()
    yield from _update("good", bundle, {"flight/version.py": newer(version).encode()}, GOOD_VERSION)
    yield from _update("broken", bundle, {"flight/app.py": BROKEN}, (0, 99, 2))


def newer(source: str) -> str:
    """flight/version.py of the good update: telemetry has to show it."""
    changed, times = re.subn(r"^VERSION: Final = .*$", f"VERSION: Final = {GOOD_VERSION}", source, flags=re.MULTILINE)
    if times != 1:
        raise ValueError("flight/version.py does not say its version where it did")
    return changed


def _update(name: str, bundle: Bundle, changed: Mapping[str, bytes], version: tuple[int, ...]) -> Iterator[Entry]:
    files = {**bundle.manifest.files, **{path: (digest(data), len(data)) for path, data in changed.items()}}
    manifest: Manifest = replace(bundle.manifest, rahi=".".join(map(str, version)), files=files)
    yield Entry(path=f"{UPDATES}/{name}/manifest.json", data=manifest.to_json())
    for data in changed.values():
        yield Entry(path=f"{UPDATES}/{name}/{digest(data)}", data=data)
