"""`rahi image`: build a card for a Raspberry Pi, start it in an emulator, write it to a disk."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Final, ParamSpec

import click

from sil.deploy.errors import BadRequest
from sil.image.errors import ImageError, Unusable
from sil.image.recipe import PYTHON_OF

FAILED: Final = 1
SUITES: Final = click.Choice(tuple(PYTHON_OF))
MACHINES: Final = click.Choice(("virt", "raspi3b"))
RADIO_PORT: Final = 15551
P = ParamSpec("P")


@click.group("image", short_help="Build, boot and flash a Raspberry Pi SD-card image.")
def command() -> None:
    """Build a read-only SD-card image with flight on it, start it in QEMU, write it to a card.

    Exit code 0: done; 1: a step failed; 2: bad input, a missing tool or a refused disk.
    """


def _told(action: Callable[P, int]) -> Callable[P, int]:
    """Bad input is told as everywhere; a step that failed is told in one line and gives 1."""

    @wraps(action)
    def run(*args: P.args, **kwargs: P.kwargs) -> int:
        try:
            return action(*args, **kwargs)
        except (Unusable, BadRequest) as error:
            raise click.ClickException(str(error)) from None
        except ImageError as error:
            click.echo(f"rahi: {error}", err=True)
            return FAILED

    return run


@command.command("build")
@click.option("--suite", type=SUITES, default="bookworm", show_default=True, help="Debian release.")
@click.option(
    "--rover", default="open_source_rover", show_default=True, metavar="FILE", help="Rover file, a name or a path."
)
@click.option("--out", type=click.Path(path_type=Path), default=Path("image"), show_default=True, metavar="DIR")
@_told
def build_command(suite: str, rover: str, out: Path) -> int:
    """Build NAME.img.xz, its block map and its SHA-256.

    The first build takes about ten minutes, later ones two: the Debian part is kept in /var/tmp/rahi-image.
    """
    from sil.deploy.rover_text import read_rover
    from sil.image.build import Build, build, image_name
    from sil.image.tools import BUILD_TOOLS, need

    name = image_name(read_rover(rover, with_sim=False).name, suite)
    need(BUILD_TOOLS)
    image = build(Build(suite=suite, rover=rover, out=out, name=name), click.echo)
    for path in image.packed:
        click.echo(f"{path}  {path.stat().st_size / 1e6:.1f} MB")
    return 0


@command.command("boot")
@click.argument("image", type=click.Path(path_type=Path))
@click.option("--machine", type=MACHINES, default="virt", show_default=True, help="Which board QEMU plays.")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=RADIO_PORT, show_default=True, help="TCP port of the radio."
)
@_told
def boot_command(image: Path, machine: str, port: int) -> int:
    """Start IMAGE (.img or .img.xz) in QEMU, on a copy; the console is this terminal, Ctrl-A X ends it.

    Flight's radio is a TCP port on this computer, which takes one ground station at a time.
    """
    from sil.image.boot import prepare
    from sil.image.qemu import HOST, MACHINES as BOARDS, Lines, command as qemu
    from sil.image.tools import BOOT_TOOLS, need

    need(BOOT_TOOLS)
    with tempfile.TemporaryDirectory(prefix="rahi-boot-", dir="/var/tmp") as folder:
        files = prepare(image, BOARDS[machine], Path(folder))
        click.echo(f"radio: tcp://{HOST}:{port}")
        return FAILED if subprocess.run(qemu(BOARDS[machine], files, Lines(radio=port)), check=False).returncode else 0


@command.command("flash")
@click.argument("device")
@click.argument("image", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check everything, write nothing.")
@click.option("--force-fixed", is_flag=True, help="Allow a disk that is not removable.")
@_told
def flash_command(device: str, image: Path, dry_run: bool, force_fixed: bool) -> int:
    """Write IMAGE (.img.xz) to the disk DEVICE, for example /dev/sdb, and read it back.

    A mounted disk, the system's own, a partition and a disk that is not removable are refused. What is on the disk is
    lost, so its name has to be typed first.
    """
    from sil.image.flash import check_access, check_disk, check_image, find_image, read_back, write, writer
    from sil.image.flash_checks import confirmed, size

    whole = find_image(image)
    expected = check_image(whole)
    disk = check_disk(device, expected.image_bytes, force_fixed=force_fixed)
    words = writer(whole, disk)
    click.echo(f"{disk.path}: {disk.model}, {size(disk.size_bytes)}; {size(expected.mapped_bytes)} will be written")
    if dry_run:
        click.echo(f"dry run, nothing is written; it would be: {' '.join(words)}")
        return 0
    check_access(disk)
    if not confirmed(
        disk, click.prompt(f"Everything on it will be lost. Type {disk.name} to go on", default="", show_default=False)
    ):
        click.echo("rahi: nothing was written", err=True)
        return FAILED
    check_disk(device, expected.image_bytes, force_fixed=force_fixed)  # somebody may have mounted it meanwhile
    write(words)
    with click.progressbar(length=expected.mapped_bytes, label="reading back", file=sys.stderr) as bar:
        read_back(disk, expected, bar.update)
    click.echo(f"{disk.path} holds {image.name}")
    return 0
