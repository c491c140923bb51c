"""From a recipe to an image, step by step; each step says what it does and how long it took."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from flight.rover_file import load_rover
from sil.deploy.bundle import Bundle
from sil.deploy.rover_text import read_rover
from sil.image.application import Accounts, application_layer, make_bundle, with_flight_user
from sil.image.boot_files import boot_files
from sil.image.disk import write_disk
from sil.image.errors import Unusable
from sil.image.fat import make_fat
from sil.image.pack import pack
from sil.image.recipe import RootRecipe
from sil.image.rootfs import find_recipe, root_tar
from sil.image.rover_files import rover_entries
from sil.image.squashfs import make_squashfs
from sil.image.system_layer import dropped, system_layer
from sil.image.tree import Entry, compose, read_files

CACHE: Final = Path("/var/tmp/rahi-image")
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Build:
    """What is asked for."""

    suite: str
    rover: str
    """A shipped rover's name or a file."""
    out: Path
    name: str
    cache: Path = CACHE
    extra: Sequence[Entry] = field(default=())
    """Laid over everything else: what a test adds to the image."""
    compressed: bool = True


@dataclass(frozen=True, kw_only=True)
class Image:
    """What came of it: the raw disk, and what is handed out."""

    disk: Path
    packed: tuple[Path, ...]


def build(wanted: Build, say: Say, recipe: Callable[[str], RootRecipe] = find_recipe) -> Image:
    """Make an image.

    Raises:
        Unusable: nothing can be written where the image shall go, told before anything slow.
        ImageError: a step failed.
    """
    _make_folder(wanted.out)
    with _step(say, "package index of the mirror"):
        found = recipe(wanted.suite)
    with _step(say, f"root file system {wanted.suite} {found.key} (about 7 minutes unless it is in the cache)"):
        base = root_tar(found, wanted.cache)
    with _step(say, "libraries for arm64"):
        bundle = make_bundle(wanted.suite, wanted.cache)
    disk = wanted.out / f"{wanted.name}.img"
    root, boot = disk.with_suffix(".squashfs"), disk.with_suffix(".fat")
    with _step(say, "read-only root"):
        make_root(base, wanted, bundle, root, found.date_s)
    with _step(say, "boot partition"):
        make_fat(boot_files(read_files(base, "boot/firmware")), boot, found.date_s)
    with _step(say, "disk"):
        write_disk(disk, boot, root)
    for part in (root, boot):
        part.unlink()
    if not wanted.compressed:
        return Image(disk=disk, packed=())
    with _step(say, "compressing"):
        return Image(disk=disk, packed=tuple(pack(disk)))


def image_name(rover: str, suite: str) -> str:
    """The name of an image's files without what follows the dot.

    Raises:
        Unusable: the rover's name cannot be part of a file's.
    """
    if not _FILE_NAME.fullmatch(rover):
        raise Unusable(f"name = {rover!r} of the rover is part of the image's file name: allowed are A-Z a-z 0-9 . _ -")
    return f"rahi-{rover}-{suite}"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):  # the only sure way to know that it can be written to
            pass
    except OSError as error:
        raise Unusable(f"--out = {folder}: cannot be written to: {error.strerror}") from None


def make_root(base: Path, wanted: Build, bundle: Bundle, out: Path, time_s: int) -> None:
    """The root partition.

    Raises:
        ImageError: the base cannot be used.
    """
    etc = read_files(base, "etc")
    debian = {name: etc[name].decode() for name in ("passwd", "group", "shadow")}
    accounts = with_flight_user(Accounts(**debian))
    rover = rover_entries(load_rover(wanted.rover), read_rover(wanted.rover, with_sim=False).data)
    layers = [*system_layer(accounts), *application_layer(bundle), *rover, *wanted.extra]
    make_squashfs(lambda sink: compose(base, dropped, layers, sink, time_s), out, time_s)


@contextmanager
def _step(say: Say, what: str) -> Iterator[None]:
    began_s = time.monotonic()
    say(f"{what} ...")
    yield
    say(f"    {time.monotonic() - began_s:.1f} s")
