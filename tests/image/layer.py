"""What a test image carries on top of a real one: emulated chips, hooks, two updates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import sil
from sil.deploy.bundle import Bundle
from sil.deploy.target.manifest import Manifest, digest
from sil.image.application import make_bundle
from sil.image.tree import Entry

TARGET: Final = Path(__file__).resolve().parent / "target"
TESTS: Final = "opt/rahi-test"
GOOD_VERSION: Final = (0, 99, 1)
BROKEN: Final = b'raise SystemExit("this version is broken on purpose")\n'
_UNITS: Final = "etc/systemd/system"


def layer_for(suite: str, cache: Path) -> Iterator[Entry]:
    """Files of the test layer; the application itself is left as it is in every image.

    Raises:
        ImageError: a library cannot be had.
    """
    for name in ("chips.py", "hooks.py"):
        yield Entry(path=f"{TESTS}/{name}", data=(TARGET / name).read_bytes())
    for unit in ("rahi-test-hooks.service", "rahi-test-chips.service"):
        yield Entry(path=f"{_UNITS}/{unit}", data=(TARGET / unit).read_bytes())
        yield Entry(path=f"{_UNITS}/multi-user.target.wants/{unit}", link=f"/{_UNITS}/{unit}")
    yield from _chips(make_bundle(suite, cache, with_sim=True))
    bundle = make_bundle(suite, cache)
    version = newer((bundle.lib / "flight/version.py").read_text())
    yield from _update("good", bundle, {"flight/version.py": version.encode()}, GOOD_VERSION)
    yield from _update("broken", bundle, {"flight/app.py": BROKEN}, (0, 99, 2))


def _chips(bundle: Bundle) -> Iterator[Entry]:
    """Everything that the emulated chips need, apart from what flight runs from."""
    for path in bundle.manifest.files:
        yield Entry(path=f"{TESTS}/lib/{path}", data=(bundle.lib / path).read_bytes())
    bench = Path(sil.__file__).parent
    for module in (bench / "__init__.py", *sorted((bench / "emulate").glob("*.py"))):
        yield Entry(path=f"{TESTS}/lib/sil/{module.relative_to(bench)}", data=module.read_bytes())


def newer(source: str) -> str:
    """flight/version.py of the good update: telemetry has to show it."""
    changed, times = re.subn(r"^VERSION: Final = .*$", f"VERSION: Final = {GOOD_VERSION}", source, flags=re.MULTILINE)
    if times != 1:
        raise ValueError("flight/version.py does not say its version where it did")
    return changed


def _update(name: str, bundle: Bundle, changed: Mapping[str, bytes], version: tuple[int, ...]) -> Iterator[Entry]:
    files = {**bundle.manifest.files, **{path: (digest(data), len(data)) for path, data in changed.items()}}
    manifest: Manifest = replace(bundle.manifest, rahi=".".join(map(str, version)), files=files)
    yield Entry(path=f"{TESTS}/{name}/manifest.json", data=manifest.to_json())
    for data in changed.values():
        yield Entry(path=f"{TESTS}/{name}/{digest(data)}", data=data)
