"""The Debian root file system for arm64: made by mmdebstrap in minutes, kept in the cache as one tar."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

from sil.image.errors import ImageError
from sil.image.recipe import RootRecipe
from sil.image.tools import run

MIRROR: Final = "http://deb.debian.org/debian"
SECURITY_MIRROR: Final = "http://deb.debian.org/debian-security"
FETCH_S: Final = 60.0
MAX_INDEX_BYTES: Final = 4_000_000
_DATE: Final = re.compile(r"^Date: (.+)$", re.MULTILINE)
_NO_DOCS: Final = ("/usr/share/man/*", "/usr/share/locale/*", "/usr/share/doc/*")

Fetch = Callable[[str], str]


def fetch_text(url: str) -> str:
    """The text at an http address.

    Raises:
        ImageError: it cannot be had.
    """
    try:
        with urlopen(url, timeout=FETCH_S) as answer:  # the two mirrors, or what the operator named in their place
            return str(answer.read(MAX_INDEX_BYTES).decode(errors="replace"))
    except (URLError, OSError, ValueError) as error:
        raise ImageError(f"cannot read {url}: {error}") from None


def find_recipe(
    suite: str, mirror: str = MIRROR, security_mirror: str = SECURITY_MIRROR, fetch: Fetch = fetch_text
) -> RootRecipe:
    """The recipe for a suite as the mirrors have it today.

    Raises:
        ImageError: a mirror does not answer or has no such suite.
    """
    addresses = (f"{mirror}/dists/{suite}/InRelease", f"{security_mirror}/dists/{suite}-security/InRelease")
    date_s = max(_release_date_s(address, fetch(address)) for address in addresses)
    return RootRecipe(suite=suite, mirror=mirror, security_mirror=security_mirror, date_s=date_s)


def _release_date_s(address: str, text: str) -> int:
    found = _DATE.search(text)
    if found is None:
        raise ImageError(f"{address} gives no date, so it is no package index")
    return int(parsedate_to_datetime(found.group(1).replace("UTC", "+0000")).timestamp())


def root_tar(recipe: RootRecipe, cache: Path, make: Callable[[RootRecipe, Path], None] | None = None) -> Path:
    """The root file system of a recipe, made if the cache has none; two makers never work on the same one.

    Raises:
        ImageError: it could not be made.
    """
    wanted = cache / f"root-{recipe.suite}-{recipe.key}.tar"
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(wanted.with_suffix(".lock")):
        if not wanted.exists():
            part = wanted.with_suffix(".part.tar")
            (make or bootstrap)(recipe, part)
            part.replace(wanted)
    return wanted


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def bootstrap(recipe: RootRecipe, tar: Path) -> None:
    """Run mmdebstrap: 7 minutes where the processor of the target is emulated.

    Raises:
        ImageError: it failed; everything that it said is beside `tar`.
    """
    modules = tar.with_suffix(".modules")
    modules.write_text("\n".join(recipe.initramfs_modules) + "\n")
    try:
        stamp = {"SOURCE_DATE_EPOCH": str(recipe.date_s)}
        run(*command(recipe, modules, tar), env=stamp, log=tar.with_suffix(".log"))
    except ImageError as error:
        tar.unlink(missing_ok=True)
        raise ImageError(f"{error} (all of it: {tar.with_suffix('.log')})") from None


def command(recipe: RootRecipe, modules: Path, tar: Path) -> list[str]:
    """The command line of mmdebstrap; an ordinary user's runs in a user namespace."""
    hook = (
        'mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/boot/firmware"; '
        'printf "MODULES=list\\nCOMPRESS=gzip\\nFSTYPE=squashfs\\n" > "$1/etc/initramfs-tools/conf.d/rahi"; '
        f'cp "{modules}" "$1/etc/initramfs-tools/modules"; '
        'echo "ROOTPART=/dev/mmcblk0p2" > "$1/etc/default/raspi-firmware"'
    )
    return [
        "mmdebstrap",
        f"--mode={'root' if os.geteuid() == 0 else 'unshare'}",
        "--architectures=arm64",
        "--variant=minbase",
        "--components=main,non-free-firmware",
        f"--include={','.join(recipe.packages)}",
        f"--essential-hook={hook}",
        '--aptopt=APT::Install-Recommends "false"',
        '--aptopt=Acquire::Languages "none"',
        "--dpkgopt=force-confold",
        *(f"--dpkgopt=path-exclude={path}" for path in _NO_DOCS),
        "--dpkgopt=path-include=/usr/share/doc/*/copyright",
        recipe.suite,
        str(tar),
        *recipe.sources,
    ]
