"""Two slots and a factory copy of the flight software: which one starts, which is on trial, which may be written."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sil.deploy.target.disk import Disk
from sil.deploy.target.errors import NothingStarts, SlotError, warn
from sil.deploy.target.manifest import Manifest
from sil.deploy.target.state import FACTORY, SLOTS, Places, State

HALTED = "72"
"""Flight's exit status for "do not restart me", which systemd obeys; an unproven slot may not ask for that."""

MINIMAL_MARK = "minimal"
"""File that flight leaves in its run-time folder while only the minimal set of rows runs (hal/pi/watchdog.py)."""


class Slots:
    """What is where, and which slot starts."""

    def __init__(self, disk: Disk, places: Places, python: str) -> None:
        """`python`: version and minor of the interpreter here, such as 3.11."""
        self.disk = disk
        self.places = places
        self.python = python

    def folder(self, name: str) -> Path:
        return self.places.factory if name == FACTORY else self.places.base / name

    def manifest(self, name: str) -> Manifest:
        """Raises `SlotError`: none, or damaged."""
        try:
            return Manifest.from_json(self.disk.read(self.folder(name) / "manifest.json"))
        except OSError:
            raise SlotError("empty") from None

    def problem(self, name: str) -> str | None:
        """Why a slot cannot start, as far as a look at every file's size tells: quick, since each start does it."""
        try:
            manifest = self.manifest(name)
        except SlotError as error:
            return str(error)
        if manifest.python != self.python:
            return f"made for Python {manifest.python}, this is {self.python}"
        lib = self.folder(name) / "lib"
        wrong = next((path for path, (_, size) in manifest.files.items() if self.disk.size(lib / path) != size), None)
        return None if wrong is None else f"{wrong} is missing or has another size"

    def proven(self, name: str) -> bool:
        """Whether what lies there has been good once (the factory copy was proven where it was made)."""
        try:
            return name == FACTORY or self.disk.read(self._mark(name)) == self.manifest(name).content.encode()
        except (OSError, SlotError):
            return False

    def state(self) -> State:
        """`slots.json`; the factory's where that cannot be read."""
        try:
            return State.from_json(self.disk.read(self.places.base / "slots.json"))
        except FileNotFoundError:
            return State()
        except (OSError, ValueError, TypeError, RecursionError):
            warn("slots.json cannot be read, taking the factory copy")
            return State()

    def put_state(self, state: State) -> None:
        self.put(self.places.base / "slots.json", json.dumps(asdict(state)).encode())

    def put(self, path: Path, data: bytes) -> None:
        """Either the old bytes or the new ones are there, whenever the power goes; the new ones on return."""
        fresh = path.with_name(path.name + ".new")
        self.disk.write(fresh, data)
        self.disk.sync(fresh)
        self.disk.rename(fresh, path)
        self.disk.sync(path.parent)

    def running(self) -> str | None:
        """The slot selected last."""
        link = self.disk.link(self.places.run / "current")
        return next((name for name in (*SLOTS, FACTORY) if str(self.folder(name)) == link), None)

    def select(self) -> str:
        """The slot to start now, one of its tries spent on the disk before it runs; raises `NothingStarts`."""
        with self.disk.lock(self.places.base):
            trial = self._take_try()
        chosen = trial or self.fallback()
        fresh = self.places.run / "current.new"
        if self.disk.link(fresh) is not None or self.disk.size(fresh) is not None:
            self.disk.remove(fresh)
        self.disk.symlink(str(self.folder(chosen)), fresh)
        self.disk.rename(fresh, self.places.run / "current")
        return chosen

    def fallback(self, without: str | None = None) -> str:
        """The best slot that has been good before; raises `NothingStarts`."""
        active = self.state().active
        names = [active, *(name for name in SLOTS if name != active and self.proven(name)), FACTORY]
        problems = {name: self.problem(name) for name in dict.fromkeys(names) if name != without}
        for name, problem in problems.items():
            if problem is None:
                return name
            warn(f"slot {name} cannot start: {problem}")
        raise NothingStarts("no slot can start")

    def fallback_or_factory(self, without: str) -> str:
        """The same for `slots.json`, which has to name something even if nothing starts."""
        try:
            return self.fallback(without)
        except NothingStarts:
            return FACTORY

    def _take_try(self) -> str | None:
        state = self.state()
        if state.pending is None:
            return None
        problem = self.problem(state.pending) or ("none of its starts was good" if state.tries == 0 else None)
        after = replace(state, pending=None, tries=0) if problem else replace(state, tries=state.tries - 1)
        try:
            self.put_state(after)
        except OSError as error:
            warn(f"slot {state.pending} is not tried: {error}")  # a try that cannot be counted might never end
            return None
        if problem:
            warn(f"slot {state.pending} dropped: {problem}")
        return after.pending

    def good(self) -> None:
        """What runs has reported ready: if it was on trial, it is the active slot from now on.

        A boot with the minimal set of rows proves nothing of its version, which stays on trial.
        """
        with self.disk.lock(self.places.base):
            state = self.state()
            if self.disk.size(self.places.run / MINIMAL_MARK) is not None:
                warn("not kept: only the minimal set of rows runs")
                return
            if state.pending is not None and state.pending == self.running():
                self.put(self._mark(state.pending), self.manifest(state.pending).content.encode())
                self.put_state(State(state.pending))

    def stopped(self, how: str, status: str) -> bool:
        """Whether an unproven slot asked never to be started again: it is dropped, and another has to be started."""
        with self.disk.lock(self.places.base):
            state = self.state()
            drop = (how, status) == ("exited", HALTED) and state.pending is not None
            drop = drop and state.pending == self.running()
            if drop:
                warn(f"slot {state.pending} dropped: it halted before it was good")
                self.put_state(replace(state, pending=None, tries=0))
                self.disk.remove(self.places.run / "current")  # nothing runs from it: the slot is free
        return drop

    def free(self) -> str:
        """The slot that may be written: not the one that runs, nor the one that would start next."""
        taken = (self.running(), self.state().active if self.problem(self.state().active) is None else None)
        name = next((name for name in SLOTS if name not in taken), None)
        if name is None:
            what = (
                "runs on trial: wait until it is good or dropped" if self.state().pending else "still runs: restart it"
            )
            raise SlotError(f"slot {self.running()} {what}, or go back")
        return name

    def back(self) -> str:
        """Make the other proven slot, or the factory copy, the active one; it starts with the next start."""
        with self.disk.lock(self.places.base):
            state = self.state()
            try:
                name = self.fallback(without=None if state.pending else state.active)
            except NothingStarts:
                raise SlotError("there is nothing to go back to") from None
            self.put_state(State(name))
        return name

    def status(self) -> dict[str, Any]:
        """Everything, for the desktop."""
        slots = {name: self._describe(name) for name in (*SLOTS, FACTORY)}
        places = {key: str(path) for key, path in asdict(self.places).items()}
        return {**asdict(self.state()), "running": self.running(), "python": self.python, "slots": slots, **places}

    def _describe(self, name: str) -> dict[str, Any]:
        problem, proven = self.problem(name), self.proven(name)
        try:
            manifest = self.manifest(name)
        except SlotError:
            return {"problem": problem, "proven": False}
        return {"problem": problem, "proven": proven, "rahi": manifest.rahi, "content": manifest.content}

    def _mark(self, name: str) -> Path:
        return self.folder(name) / "good"
