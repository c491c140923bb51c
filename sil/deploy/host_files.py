"""The few files outside the slots that a rover computer needs; each is replaced atomically, and only if it differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from sil.deploy.layout import Layout
from sil.deploy.target.manifest import digest
from sil.deploy.tool import tool_archive
from sil.deploy.transport import Ran, Target, checked

UNIT: Final = "rahi-flight"
SYSUSERS: Final = "/etc/sysusers.d/rahi.conf"
_SHIPPED: Final = (
    ("rahi-flight.service", f"/etc/systemd/system/{UNIT}.service"),
    ("rahi.sysusers", SYSUSERS),
    ("rahi.rules", "/etc/udev/rules.d/60-rahi.rules"),
    ("rahi-watchdog.conf", "/etc/systemd/system.conf.d/rahi-watchdog.conf"),
)
_PUT: Final = """
set -e
umask 022
mkdir -p "$(dirname "$1")"
cat >"$1.new"
if [ "$(sha256sum <"$1.new" | cut -d' ' -f1)" != "$2" ]; then
    rm -f "$1.new"
    echo "$1 arrived damaged" >&2
    exit 1
fi
sync "$1.new"
mv -f "$1.new" "$1"
sync "$(dirname "$1")"
"""
"""Mode 0644 comes from the umask, since a FAT partition refuses chmod."""


@dataclass(frozen=True)
class HostFile:
    """A file on the target, by its real path there."""

    path: str
    data: bytes


def wanted_files(layout: Layout) -> list[HostFile]:
    """What every rover computer gets."""
    folder = files("sil.deploy") / "target"
    found = [HostFile(layout.tool, tool_archive())]
    for name, path in _SHIPPED:
        found.append(HostFile(layout.path(path), layout.text((folder / name).read_text()).encode()))
    if layout.prefix:
        conf = f"base={layout.path('/opt/rahi')}\nrun={layout.path('/run/rahi')}\n"
        found.append(HostFile(layout.path("/opt/rahi/slot.conf"), conf.encode()))
    return found


def differing(target: Target, wanted: Sequence[HostFile]) -> list[HostFile]:
    """Those that are missing there or have other bytes."""
    ran = target.run(["sha256sum", "--", *(file.path for file in wanted)])  # its status tells only that one is missing
    there = {line[66:]: line[:64] for line in ran.out.splitlines()}
    return [file for file in wanted if there.get(file.path) != digest(file.data)]


def read_file(target: Target, path: str) -> bytes | None:
    """A small file of text, None if there is none."""
    ran = target.run(["cat", "--", path])
    return ran.out.encode() if ran.status == 0 else None


def put_file(target: Target, file: HostFile) -> None:
    """Either the old bytes or the new ones are there, whenever it is cut; raises `DeployError`."""
    ran = target.run(["sh", "-c", _PUT, "sh", file.path, digest(file.data)], [file.data])
    checked(ran, f"{file.path} could not be written")


def activate(target: Target, layout: Layout) -> Iterator[str]:
    """Make systemd, udev and the user data base see what was put; gives what went wrong but need not stop anybody."""
    needed = (
        ["systemd-sysusers", layout.path(SYSUSERS)],
        ["systemctl", "daemon-reload"],
        ["systemctl", "enable", "--quiet", UNIT],
    )
    for argv in needed:
        checked(target.run(argv), " ".join(argv))
    # A container has no udev, and Raspberry Pi OS has such rules already.
    trigger = ["udevadm", "trigger", "--subsystem-match=i2c-dev", "--subsystem-match=gpio"]
    for argv in (["udevadm", "control", "--reload"], trigger):
        ran = target.run(argv)
        if ran.status != 0:
            yield f"udev does not answer, so its rules wait for the next boot: {ran.problem}"
            return


def restart(target: Target, *options: str) -> Ran:
    """Ask systemd to; without counting it among the starts of which too many make it reboot the computer."""
    target.run(["systemctl", "reset-failed", UNIT])
    return target.run(["systemctl", *options, "restart", UNIT])
