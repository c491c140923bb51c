"""The slot tool: `/usr/bin/python3 -I rahi_slot.pyz VERB`, as root, by systemd at each start and by `rahi deploy`.

It runs on the rover from one archive of this folder (see sil/deploy/tool.py), with the standard library only.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Final, NoReturn

from sil.deploy.target.disk import Disk
from sil.deploy.target.errors import NothingStarts, SlotError, warn
from sil.deploy.target.loading import Loading
from sil.deploy.target.manifest import Manifest
from sil.deploy.target.slots import Slots
from sil.deploy.target.state import SLOTS, configured

UNIT: Final = "rahi-flight"
MANIFEST_BYTES: Final = 4_000_000
"""No manifest is longer."""


class Tool:
    """Each verb is a method; what it prints is for the desktop, what it warns is for the journal."""

    def __init__(self, slots: Slots, stream: BinaryIO, systemctl: Callable[..., None]) -> None:
        self.slots = slots
        self.loading = Loading(slots)
        self.stream = stream
        self.systemctl = systemctl

    def select(self) -> None:
        """Choose the slot of this start (ExecStartPre)."""
        try:
            print(self.slots.select())
        except NothingStarts:
            self.systemctl("stop", UNIT)  # restarts would end in a reboot, and that in the next one
            raise

    def good(self) -> None:
        """What runs is ready: keep it (ExecStartPost)."""
        self.slots.good()

    def stopped(self) -> None:
        """What ran has ended (ExecStopPost; systemd says how in EXIT_CODE and EXIT_STATUS)."""
        if self.slots.stopped(os.environ.get("EXIT_CODE", ""), os.environ.get("EXIT_STATUS", "")):
            self.systemctl("restart", UNIT)

    def free(self) -> None:
        """Name the slot that may be written."""
        print(self.slots.free())

    def back(self) -> None:
        """Go back to what was good before, from the next start on."""
        print(self.slots.back())

    def status(self) -> None:
        """Print everything as JSON."""
        print(json.dumps(self.slots.status()))

    def have(self, slot: str) -> None:
        """Print what has to be sent for the manifest on standard input."""
        print(json.dumps(self.loading.have(slot, self._manifest())))

    def receive(self, slot: str) -> None:
        """Take contents from standard input."""
        self.loading.receive(slot, self.stream)

    def stage(self, slot: str) -> None:
        """Assemble and verify the slot of the manifest on standard input, then put it on trial."""
        self.loading.stage(slot, self._manifest())

    def seal(self) -> None:
        """Copy the active slot to the factory's place if that is empty."""
        print("sealed" if self.loading.seal() else "kept")

    def _manifest(self) -> Manifest:
        return Manifest.from_json(self.stream.read(MANIFEST_BYTES))


ALONE: Final[Mapping[str, Callable[[Tool], None]]] = MappingProxyType(
    {
        verb.__name__: verb
        for verb in (Tool.select, Tool.good, Tool.stopped, Tool.free, Tool.back, Tool.status, Tool.seal)
    }
)
WITH_SLOT: Final[Mapping[str, Callable[[Tool, str], None]]] = MappingProxyType(
    {verb.__name__: verb for verb in (Tool.have, Tool.receive, Tool.stage)}
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """In one line."""
        self.exit(2, f"rahi-slot: {message}\n")


def _queue(verb: str, unit: str) -> None:
    """Ask systemd without waiting: this runs inside the unit's own start or stop."""
    subprocess.run(["systemctl", "--no-block", verb, unit], check=False)


def main(arguments: Sequence[str] | None = None, tool_path: Path | None = None) -> int:
    """Do one verb; the exit status is 1 if it could not be done and 2 if there is no such verb."""
    parser = _Parser(prog="rahi-slot", description="Slots of the Rahi flight software.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB", parser_class=_Parser)
    for name, alone in ALONE.items():
        verbs.add_parser(name, help=alone.__doc__)
    for name, with_slot in WITH_SLOT.items():
        verbs.add_parser(name, help=with_slot.__doc__).add_argument("slot", choices=SLOTS)
    given = parser.parse_args(arguments)
    os.umask(0o022)
    python = "{}.{}".format(*sys.version_info)
    try:
        places = configured(tool_path or Path(sys.argv[0]).resolve())
        tool = Tool(Slots(Disk(), places, python), sys.stdin.buffer, _queue)
        if given.verb in ALONE:
            ALONE[given.verb](tool)
        else:
            WITH_SLOT[given.verb](tool, given.slot)
    except (SlotError, OSError) as error:
        warn(f"{given.verb}: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
