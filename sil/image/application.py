"""The application in the image: factory slot, slot tool, flight's unit and its user, all as `rahi deploy` has them.

This is the one place that knows how the image and `rahi deploy` hang together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sil.deploy.bundle import Bundle, Sources, build as build_bundle
from sil.deploy.errors import DeployError
from sil.deploy.facts import Facts
from sil.deploy.tool import TOOL_NAME, tool_archive
from sil.image.errors import ImageError
from sil.image.recipe import PYTHON_OF
from sil.image.tree import Entry, folder

FACTORY: Final = "opt/rahi/factory"
SLOTS: Final = "/data/rahi"
GLIBC_OF: Final = MappingProxyType({"bookworm": 36, "trixie": 41})
"""Minor of glibc 2.x in each suite."""
USER: Final = "rahi"
_UNITS: Final = "etc/systemd/system"
_SLOT_CONF: Final = f"base={SLOTS}\nfactory=/{FACTORY}\nrun=/run/rahi\n"
_PLACED: Final = (
    ("rahi-flight.service", f"{_UNITS}/rahi-flight.service"),
    ("rahi-watchdog.conf", "etc/systemd/system.conf.d/rahi-watchdog.conf"),
    ("rahi.rules", "etc/udev/rules.d/60-rahi.rules"),
)
"""File of `sil/deploy/target`: where it goes."""
_GROUP_IDS: Final = MappingProxyType({USER: 970, "i2c": 971, "gpio": 972})
"""Fixed, so that files on the data partition keep their owner over a new image; free in Debian's system range."""
_MEMBER_OF: Final = ("dialout", "i2c", "gpio")


@dataclass(frozen=True, kw_only=True)
class Accounts:
    """The three files of /etc that name users and groups."""

    passwd: str
    group: str
    shadow: str


def make_bundle(suite: str, cache: Path, *, with_sim: bool = False) -> Bundle:
    """A slot for the Python and the C library of a suite.

    Raises:
        ImageError: a library cannot be had.
    """
    facts = Facts(python=PYTHON_OF[suite], machine="aarch64", glibc=GLIBC_OF[suite], root=True, os_name=suite)
    try:
        return build_bundle(facts, Sources(with_sim=with_sim), cache / "deploy")
    except DeployError as error:
        raise ImageError(str(error)) from None


def application_layer(bundle: Bundle) -> Iterator[Entry]:
    """Everything of the application that lies in the read-only root."""
    yield from slot(bundle, FACTORY)
    yield Entry(path=f"opt/rahi/{TOOL_NAME}", data=tool_archive())
    yield Entry(path="opt/rahi/slot.conf", data=_SLOT_CONF.encode())
    for name, path in _PLACED:
        yield Entry(path=path, data=(files("sil.deploy") / "target" / name).read_bytes())
    yield folder("var/lib/rahi")


def slot(bundle: Bundle, base: str) -> Iterator[Entry]:
    """A slot as files below a folder."""
    for path in bundle.manifest.files:
        yield Entry(path=f"{base}/lib/{path}", data=(bundle.lib / path).read_bytes())
    yield Entry(path=f"{base}/manifest.json", data=bundle.manifest.to_json())


def with_flight_user(accounts: Accounts) -> Accounts:
    """Debian's accounts and the one that flight runs as: no password, no shell, in the groups of its devices.

    Raises:
        ImageError: Debian has one of them already, or a number is taken.
    """
    rows = [line.split(":") for line in accounts.group.splitlines() if line]
    taken = {row[0] for row in rows} | {row[2] for row in rows}
    if clash := [name for name, number in _GROUP_IDS.items() if name in taken or str(number) in taken]:
        raise ImageError(f"the root file system has a group {clash[0]} or number {_GROUP_IDS[clash[0]]} already")
    rows += [[name, "x", str(number), ""] for name, number in _GROUP_IDS.items()]
    group = "".join(":".join(_joined(row)) + "\n" for row in rows)
    number = _GROUP_IDS[USER]
    passwd = accounts.passwd + f"{USER}:x:{number}:{number}:Rahi flight software:/var/lib/rahi:/usr/sbin/nologin\n"
    return Accounts(passwd=passwd, group=group, shadow=accounts.shadow + f"{USER}:!*:20000::::::\n")


def _joined(row: list[str]) -> list[str]:
    """A row of /etc/group with the flight user in it, if it is one of its groups."""
    *head, members = row
    named: Mapping[bool, str] = {True: ",".join(filter(None, (members, USER))), False: members}
    return [*head, named[row[0] in _MEMBER_OF]]
