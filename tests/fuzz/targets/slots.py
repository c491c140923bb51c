"""What the slot tool reads on the rover: `slots.json`, a manifest, an upload.  Refused, or inside the slot."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from sil.deploy.target.errors import SlotError
from sil.deploy.target.manifest import Manifest, digest
from sil.deploy.target.state import FACTORY, SLOTS, TRIES
from tests.fuzz.draw import Draw
from tests.sil.deploy.memory_disk import MemoryDisk
from tests.sil.deploy.slot_bench import Bench

_MANIFEST = Manifest("0.1.0", "3.11", "x86_64", {"a/b.py": (digest(b"hello"), 5)}).to_json()
_BLOCK = f"{digest(b'hello')} 5 0\n".encode() + b"hello"


def seeds() -> Iterator[bytes]:
    """Good ones of each."""
    yield b'\x00{"active": "a", "pending": "b", "tries": 2}'
    yield b'\x00{"active": "a", "pending": null, "tries": 0}'
    yield b"\x01" + _MANIFEST
    yield b"\x02" + _BLOCK + _BLOCK
    yield b"\x03a/b.py\nc/../d"


def check(data: bytes) -> None:
    """One file or stream of four kinds."""
    draw = Draw(data)
    (_state, _manifest, _upload, _paths)[draw.below(4)](draw.rest())


def _bench() -> Bench:
    return Bench(MemoryDisk(), Path("/r"))


def _state(data: bytes) -> None:
    bench = _bench()
    bench.disk.write(bench.places.base / "slots.json", data)
    with contextlib.redirect_stderr(io.StringIO()):
        state = bench.slots.state()
    assert state.active in (*SLOTS, FACTORY)
    assert state.pending in (*SLOTS, None)
    assert 0 <= state.tries <= TRIES


def _manifest(data: bytes) -> None:
    with contextlib.suppress(SlotError):
        manifest = Manifest.from_json(data)
        _inside(manifest)
        assert Manifest.from_json(manifest.to_json()) == manifest


def _paths(data: bytes) -> None:
    """The same with a content line that fits, which a fuzzer does not find by itself."""
    names = data.decode("utf-8", "replace").split("\n")
    right = Manifest("x", "3.11", "y", dict.fromkeys(names, (digest(b""), 0)))
    with contextlib.suppress(SlotError):
        _inside(Manifest.from_json(right.to_json()))


def _inside(manifest: Manifest) -> None:
    for path in manifest.files:
        parts = PurePosixPath(path).parts
        assert parts, path
        assert parts[0] != "/", path
        assert not {"..", "\0"} & set(parts), path


def _upload(data: bytes) -> None:
    bench = _bench()
    with contextlib.suppress(SlotError), contextlib.redirect_stderr(io.StringIO()):
        bench.loading.receive("a", io.BytesIO(data))
    assert all(0 <= item["offset"] <= len(data) for item in bench.loading.have("a", Manifest.from_json(_MANIFEST)))
    incoming = bench.places.base / "a" / ".incoming"
    for name in bench.disk.names(incoming):
        assert name.endswith(".part") or digest(bench.disk.read(incoming / name)) == name
