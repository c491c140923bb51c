"""What the image changes in Debian's root file system: left out, masked, laid over it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Final

from sil.image.application import Accounts
from sil.image.errors import ImageError
from sil.image.recipe import BOOT_PART, DATA_PART, partition_uuid
from sil.image.tree import Entry, folder

DATA_UNIT: Final = partition_uuid(DATA_PART).replace("-", r"\x2d")
"""The partition's name as systemd writes it in the names of units."""
_DROPPED: Final = re.compile(
    r"dev/.*|boot/(?!firmware$).*|vmlinuz.*|initrd\.img.*|etc/ssh/ssh_host_.*|var/log/.*|var/cache/.*|root/\.ssh.*"
    r"|var/lib/apt/.*|var/lib/dbus/machine-id|var/lib/systemd/.*|(tmp|run|var/tmp)/.*"
    r"|etc/systemd/system/(getty|timers)\.target\.wants/.*"
    r"|etc/systemd/system/multi-user\.target\.wants/e2scrub_reap\.service"
)
"""Of another computer (keys, identities, logs), covered by a mount, or upkeep that a read-only root has no use for."""
_MASKED: Final = (
    "systemd-logind.service",
    "systemd-firstboot.service",
    "systemd-machine-id-commit.service",
    "e2scrub_reap.service",
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "fstrim.timer",
    "getty@.service",
    "getty-static.service",
    "serial-getty@.service",
    "console-getty.service",
    "ssh.socket",
)
"""No log-in on any console: there is no password to log in with, and the serial lines belong to the rover."""
_UNITS: Final = "etc/systemd/system"
_PLACED: Final = (
    ("fstab", "etc/fstab"),
    ("rahi_first_boot.py", "usr/lib/rahi/rahi_first_boot.py"),
    ("rahi_data.py", "usr/lib/rahi/rahi_data.py"),
    ("rahi-first-boot.service", f"{_UNITS}/rahi-first-boot.service"),
    ("rahi-data.service", f"{_UNITS}/rahi-data.service"),
    ("rahi-state.service", f"{_UNITS}/rahi-state.service"),
    ("sshd.conf", "etc/ssh/sshd_config.d/10-rahi.conf"),
    ("ssh-only-with-key.conf", f"{_UNITS}/ssh.service.d/rahi.conf"),
    ("network-only-with-key.conf", f"{_UNITS}/systemd-networkd.service.d/rahi.conf"),
    ("wired.network", "etc/systemd/network/20-wired.network"),
    ("watchdog.conf", "etc/systemd/system.conf.d/rahi-image.conf"),
    ("journald.conf", "etc/systemd/journald.conf.d/rahi.conf"),
    ("modules.conf", "etc/modules-load.d/rahi.conf"),
    ("flight-on-image.conf", f"{_UNITS}/rahi-flight.service.d/image.conf"),
)
"""File of `sil/image/target`: where it goes."""
_WANTED: Final = (
    ("sysinit.target", "rahi-first-boot.service"),
    ("data.mount", "rahi-data.service"),
    ("multi-user.target", "rahi-flight.service"),
)
NO_PASSWORD: Final = frozenset({"*", "!", "!*", "!!", "*LK*"})
"""What stands in /etc/shadow where a password's hash would be, and no password ever hashes to."""


def dropped(path: str) -> bool:
    """Whether the image leaves out a path of Debian's tree."""
    return _DROPPED.fullmatch(path) is not None


def target_text(name: str) -> str:
    """A file of `sil/image/target`, with the partitions filled in."""
    text = (files("sil.image") / "target" / name).read_text(encoding="utf-8")
    data, boot = partition_uuid(DATA_PART), partition_uuid(BOOT_PART)
    return text.replace("@DATA_UNIT@", DATA_UNIT).replace("@DATA@", data).replace("@BOOT@", boot)


def system_layer(accounts: Accounts) -> Iterator[Entry]:
    """Everything that is laid over Debian.

    Raises:
        ImageError: an account has a password.
    """
    for source, path in _PLACED:
        yield Entry(path=path, data=target_text(source).encode())
    for unit in _MASKED:
        yield Entry(path=f"{_UNITS}/{unit}", link="/dev/null")
    for target, unit in _WANTED:
        yield Entry(path=f"{_UNITS}/{target}.wants/{unit}", link=f"/{_UNITS}/{unit}")
    networkd = "systemd-networkd.service"
    yield Entry(path=f"{_UNITS}/multi-user.target.wants/{networkd}", link=f"/usr/lib/systemd/system/{networkd}")
    yield Entry(path="etc/passwd", data=accounts.passwd.encode())
    yield Entry(path="etc/group", data=accounts.group.encode())
    yield Entry(path="etc/shadow", data=locked(accounts.shadow).encode(), mode=0o640)
    yield Entry(path="etc/hostname", data=b"rahi\n")
    yield Entry(path="etc/hosts", data=b"127.0.0.1 localhost\n::1 localhost\n")
    yield Entry(path="etc/resolv.conf", data=b"")
    yield Entry(path="etc/machine-id", data=b"", mode=0o444)
    yield from (folder("data"), folder("boot/firmware"))


def locked(shadow: str) -> str:
    """/etc/shadow with root locked, once it is sure that nobody else has a password.

    Raises:
        ImageError: an account has a password, or an empty one.
    """
    lines = [line.split(":") for line in shadow.splitlines() if line]
    for fields in lines:
        if fields[0] != "root" and (len(fields) < 2 or fields[1] not in NO_PASSWORD):
            raise ImageError(f"the account {fields[0]} of the root file system has a password")
    return "".join(":".join([name, "!*" if name == "root" else secret, *rest]) + "\n" for name, secret, *rest in lines)
