"""Start an image in QEMU: on a copy of it, with kernel and device tree taken from the card as the Pi would."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from sil.image.boot_files import FIRST_BOOT_FILE, INITRD, KERNEL
from sil.image.device_tree import pinless_mini_uart
from sil.image.errors import ImageError, Unusable
from sil.image.fat import get, put
from sil.image.qemu import CARD_BYTES, Files, Machine
from sil.image.recipe import ALIGN_BYTES
from sil.image.tools import run

TREE: Final = "bcm2837-rpi-3-b.dtb"
_LATER_S: Final = 1_600_000_000
"""Time stamp of the settings written into the copy; only their content matters."""


def prepare(image: Path, machine: Machine, folder: Path, settings: str = "") -> Files:
    """Copy an image (.img or .img.xz) to a card in `folder` and take out what QEMU loads itself.

    `settings` are further lines for the card's rahi.toml; the radio's port is this machine's.

    Raises:
        ImageError: there is no such image, or it is none of ours.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = Files(
        card=folder / "card.img", kernel=folder / KERNEL, initrd=folder / INITRD, tree=folder / f"{machine.name}.dtb"
    )
    copy_card(image, files.card)
    text = f'radio_port = "{machine.radio_port}"\n{settings}'
    put(files.card, {FIRST_BOOT_FILE: text.encode()}, _LATER_S, ALIGN_BYTES)
    for name, path in ((KERNEL, files.kernel), (INITRD, files.initrd), (TREE, files.tree)):
        get(files.card, name, path, ALIGN_BYTES)
    pinless_mini_uart(files.tree)
    return files


def copy_card(image: Path, card: Path) -> None:
    """A sparse copy, as large as a card.

    Raises:
        ImageError: there is no such image.
    """
    if not image.is_file():
        raise Unusable(f"{image}: no such image")
    if image.suffix == ".xz":
        with card.open("wb") as out:
            done = subprocess.run(["xz", "-dc", str(image)], stdout=out, stderr=subprocess.PIPE, check=False)
        if done.returncode != 0:
            raise ImageError(f"{image} cannot be unpacked: {done.stderr.decode(errors='replace').strip()}")
    else:
        run("cp", "--sparse=always", image, card)
    with card.open("r+b") as file:
        file.truncate(max(CARD_BYTES, card.stat().st_size))
