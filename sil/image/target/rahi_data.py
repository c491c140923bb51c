"""Make the data partition at the first boot: grown to the end of the card, then formatted.  Standard library only.

A partition that already holds something is left alone, whatever it is: nothing that was recorded is ever erased here.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

SECTOR_BYTES = 512
WORTH_BYTES = 4 << 20
"""A gap behind the partition that is smaller than this is left."""
CERTAIN = (0, 2)
"""Exit codes of `blkid -p`: something was found, which may be the row in the partition table alone; nothing was."""

Run = Callable[[list[str], str], "subprocess.CompletedProcess[str]"]


def run_program(command: list[str], text: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program with `text` on its standard input."""
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def gap_bytes(part: Path) -> int:
    """Free bytes between the end of a partition and the end of its disk; `part` is its folder in sysfs."""
    start, size, disk = (int(path.read_text()) for path in (part / "start", part / "size", part.parent / "size"))
    return (disk - start - size) * SECTOR_BYTES


def prepare(link: Path, sysfs: Path, run: Run) -> str:
    """Grow and format the partition behind `link` if nothing is on it; returns what was done, in one line.

    Raises:
        RuntimeError: a program failed; the partition is as that left it.
    """
    device = link.resolve()
    probe = run(["blkid", "-p", "-o", "value", "-s", "TYPE", "-s", "PTTYPE", str(device)], "")
    found = probe.stdout.strip()
    if found or probe.returncode not in CERTAIN:
        return f"data partition {device} is in use ({found or 'ambiguous content'}), left as it is"
    part = (sysfs / device.name).resolve()
    grown = ""
    if gap_bytes(part) >= WORTH_BYTES:
        number = (part / "partition").read_text().strip()
        disk = str(device.parent / part.parent.name)
        must(run, ["sfdisk", "--force", "--no-reread", "--no-tell-kernel", "-q", "-N", number, disk], ",+\n")
        must(run, ["partx", "--update", "--nr", number, disk])
        grown = ", grown to the end of the card"
    must(run, ["mkfs.ext4", "-q", "-L", "rahi-data", "-m", "0", str(device)])
    must(run, ["udevadm", "settle", "--timeout=10"])
    return f"data partition {device} formatted{grown}"


def must(run: Run, command: list[str], text: str = "") -> None:
    """Run a program that has to succeed."""
    done = run(command, text)
    if done.returncode != 0:
        said = " ".join((done.stderr or done.stdout).split())
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {said[:200]}")


def main(arguments: list[str]) -> int:
    """Prepare the partition whose link is named."""
    try:
        print(f"rahi: {prepare(Path(arguments[0]), Path('/sys/class/block'), run_program)}", flush=True)
    except (OSError, ValueError, RuntimeError) as error:
        print(f"rahi: no data partition, flight runs from the factory copy: {error}", flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
