"""One deployment from beginning to end: what is asked, what is built, what changes on the target, and the verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sil.deploy import facts as target_facts
from sil.deploy.board import board_changes
from sil.deploy.bundle import Bundle, Sources, build
from sil.deploy.errors import BadRequest
from sil.deploy.host_files import UNIT, HostFile, activate, differing, put_file, restart, wanted_files
from sil.deploy.layout import Layout
from sil.deploy.rover_text import RoverText
from sil.deploy.slot_client import Meter, Missing, SlotClient
from sil.deploy.target.state import FACTORY
from sil.deploy.transport import AsRoot, Target, checked, locked
from sil.deploy.verdict import Clock, Verdict, await_verdict

LOCK: Final = "/run/rahi-deploy.lock"
JOURNAL_LINES: Final = "15"


@dataclass(frozen=True)
class Wishes:
    """What is asked for; `rover` None: the file that is there stays."""

    sources: Sources
    rover: RoverText | None = None
    setup_board: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class Desk:
    """The operator's side."""

    say: Callable[[str], None]
    meter: Meter
    clock: Clock
    cache: Path


class Deployment:
    """Nothing is changed on the target before `wishes` are known to be possible, and nothing at all in a dry run."""

    def __init__(self, target: Target, layout: Layout, wishes: Wishes, desk: Desk) -> None:
        self._layout = layout
        self._wishes = wishes
        self._desk = desk
        self._facts = target_facts.ask(target, layout)
        self._target = AsRoot(target, self._facts.root)
        self._slots = SlotClient(self._target, layout)
        self._rover_replaced = False

    def run(self) -> bool:
        """Whether the target runs, or after a reboot will try, what was asked for. Raises `DeployError`."""
        found = self._facts
        self._desk.say(f"{self._target.name}: {found.os_name}, Python {found.python}, {found.machine}")
        checked(
            self._target.run(["true"]), f"{self._target.name}: no way to become root there (log in as root, or sudo)"
        )
        self._check_rover_file()
        bundle = build(found, self._wishes.sources, self._desk.cache)
        size = sum(size for _, size in bundle.manifest.files.values())
        self._desk.say(f"rahi {bundle.manifest.rahi} ({bundle.manifest.content[:8]}): {_amount(size)}")
        lock = (
            nullcontext()
            if self._wishes.dry_run
            else locked(self._target, self._layout.python, self._layout.path(LOCK))
        )
        with lock:
            return self._change(bundle)

    def _check_rover_file(self) -> None:
        if self._wishes.rover is None and not self._has_rover_file():
            raise BadRequest(f"{self._target.name} has no {self._layout.rover_file} yet: give --rover NAME or FILE")

    def _has_rover_file(self) -> bool:
        return self._target.run(["test", "-e", self._layout.rover_file]).status == 0

    def _change(self, bundle: Bundle) -> bool:
        changed = self._install_files()
        reboot = self._set_up_board()
        status = self._slots.status_if_installed()
        if status is not None and _runs(status, bundle):
            if not changed and self._is_active():
                self._desk.say("nothing to do: this is what runs there")
                return True
            return self._restart()
        slot = self._upload(bundle, installed=status is not None)
        if reboot:
            self._desk.say(f"reboot {self._target.name} now: it starts with these settings and tries slot {slot}")
            return True
        return self._try_out(slot)

    @contextmanager
    def _step(self, what: str) -> Iterator[bool]:
        """Say it; whether it is to be done."""
        self._desk.say(f"would {what}" if self._wishes.dry_run else what)
        yield not self._wishes.dry_run

    def _install_files(self) -> bool:
        """Whether anything is new that a running flight has not seen."""
        new = differing(self._target, wanted_files(self._layout))
        if self._target.run(["test", "-w", self._layout.path("/etc")]).status != 0:
            if new:
                self._desk.say("the system is read-only: unit and slot tool stay as its image has them")
            return self._install_rover_file()
        for file in new:
            self._put(file)
        with self._step("make systemd and udev see the files, start the unit at every boot") as do:
            for problem in activate(self._target, self._layout) if do else ():  # also after an install that was cut
                self._desk.say(problem)
        return self._install_rover_file() or bool(new)

    def _install_rover_file(self) -> bool:
        rover = self._wishes.rover
        if rover is None:
            return False
        path = self._layout.rover_file
        new = differing(self._target, [HostFile(path, rover.data)])
        if new and self._has_rover_file():
            with self._step(f"keep the old rover file as {path}.before") as do:
                if do:
                    checked(self._target.run(["cp", "-p", "--", path, f"{path}.before"]), f"{path}.before")
                    self._rover_replaced = True
        for file in new:
            self._put(file)
        return bool(new)

    def _put(self, file: HostFile) -> None:
        with self._step(f"write {file.path}") as do:
            if do:
                put_file(self._target, file)

    def _set_up_board(self) -> bool:
        """Whether the board has to boot to see its new settings."""
        changes = board_changes(self._target, self._layout)
        if changes is None:
            self._desk.say("no config.txt: not a Raspberry Pi; serial ports and I2C are yours to set up")
            return False
        for change in changes:
            what = ", ".join(change.what)
            if not self._wishes.setup_board:
                self._desk.say(f"wanted in {change.file.path}: {what} (--setup-board does it)")
                continue
            with self._step(f"write {change.file.path} (old: .before-rahi): {what}") as do:
                if do:
                    self._target.run(["cp", "-n", "--", change.file.path, f"{change.file.path}.before-rahi"])
                    put_file(self._target, change.file)
        return bool(changes) and self._wishes.setup_board

    def _is_active(self) -> bool:
        return self._target.run(["systemctl", "is-active", "--quiet", UNIT]).status == 0

    def _restart(self) -> bool:
        with self._step(f"restart {UNIT}, slots stay as they are") as do:
            if not do or restart(self._target).status == 0:
                return True
        self._complain(f"{UNIT} does not start")
        return False

    def _upload(self, bundle: Bundle, *, installed: bool) -> str:
        """The slot that is on trial from now on; only in a dry run can the slot tool be missing still."""
        slot = self._slots.free() if installed else "a"
        manifest = bundle.manifest
        missing = self._slots.have(slot, manifest) if installed else _everything(bundle)
        amount = _amount(sum(item.size - item.offset for item in missing))
        with self._step(f"upload {amount} in {len(missing)} files for slot {slot}") as do:
            if do and missing:
                self._slots.send(slot, bundle, missing, self._desk.meter)
        with self._step(f"verify all {len(manifest.files)} files there and put slot {slot} on trial") as do:
            if do:
                self._slots.stage(slot, manifest)
        return slot

    def _try_out(self, slot: str) -> bool:
        with self._step(f"restart {UNIT} and wait until slot {slot} is good or dropped") as do:
            if not do:
                return True
            checked(restart(self._target, "--no-block"), f"{UNIT} could not be restarted")
        verdict = await_verdict(self._slots.status, slot, self._desk.clock, self._desk.say)
        if verdict is Verdict.GOOD:
            self._desk.say(f"good: slot {slot} runs and is the active one")
            if self._slots.status()["slots"][FACTORY]["problem"] is not None and self._slots.seal():
                self._desk.say("copied it as the factory copy")
            return True
        if verdict is Verdict.DROPPED:
            self._tell_rolled_back(slot)
        else:
            self._complain(f"no verdict: slot {slot} is still on trial; see --status")
        return False

    def _tell_rolled_back(self, slot: str) -> None:
        status = self._slots.status()
        if status["slots"][status["active"]]["problem"] is None:
            self._complain(f"rolled back: slot {slot} never got ready; {status['active']} runs again")
        else:
            self._complain(f"failed: slot {slot} never got ready, and there is nothing before it to go back to")
        if self._rover_replaced:
            path = self._layout.rover_file
            self._desk.say("the rover file of before goes with it")
            checked(self._target.run(["mv", "-f", "--", f"{path}.before", path]), f"{path} could not be put back")
            restart(self._target, "--no-block")

    def _complain(self, what: str) -> None:
        self._desk.say(what)
        ran = self._target.run(
            ["journalctl", "--unit", UNIT, "--lines", JOURNAL_LINES, "--no-pager", "--output", "cat"]
        )
        for line in ran.out.splitlines():
            self._desk.say(f"  | {line}")


def _runs(status: Mapping[str, Any], bundle: Bundle) -> bool:
    """Whether just this content is active and started."""
    active = status["active"]
    there = status["slots"][active]
    same = there.get("content") == bundle.manifest.content and there["problem"] is None
    return same and status["pending"] is None and status["running"] == active


def _everything(bundle: Bundle) -> list[Missing]:
    return [Missing(sha256, path.stat().st_size, 0) for sha256, path in bundle.contents().items()]


def _amount(size: float) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"
