"""`kill -9` of a live flight process on real files, at random moments under load, again and again."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from flight import state_image
from flight.store.segments import packet_time_ns
from telemetry_defs.definitions import Mode
from telemetry_defs.packets import parse_tm
from tests.process.flight_on_files import LIFE_NS
from tests.sil.kept_things import Ledger, newest_kept, stored
from tests.sil.lone_rover import GPS_NS, first_state

ROOT = Path(__file__).parents[2]
KILLS = 10
SOAK_KILLS = 200
LIVES_PER_ROUND = 3
"""Sequence counts are reserved in quarters of their range."""
pytestmark = pytest.mark.process


class Promises:
    """What the lives so far have said that will survive."""

    def __init__(self) -> None:
        self.ledger: Ledger | None = None
        self.kept: dict[str, int] = {}
        self.packets: dict[bytes, None] = {}
        self.boots = 1
        self._numbers: dict[int, int] = {}
        """From the numbers of this life to those of the ledger."""

    def take(self, words: list[Any]) -> None:
        """One line of a life."""
        kind, *rest = words
        if kind == "boot":
            self._boot(*rest)
        elif kind == "kept":
            self.kept[rest[0]] = max(self.kept.get(rest[0], 0), rest[1])
        elif kind == "packet":
            self.packets[bytes.fromhex(rest[0])] = None
        elif self.ledger is not None and kind == "asked":
            self._numbers[rest[0]] = self.ledger.asked(*rest[1:])
        elif self.ledger is not None and kind in ("done", "refused"):
            (self.ledger.done if kind == "done" else self.ledger.refused)(self._numbers[rest[0]])

    def _boot(self, boots: int, lost: bool, found: dict[str, Any]) -> None:
        assert not lost
        assert boots > self.boots
        self.boots = boots
        if self.ledger is None:
            self.ledger = Ledger(found)
        else:
            self.ledger.check(found)

    def check_files(self, folder: Path) -> None:
        """What lies there between two lives."""
        names = tuple(sorted(path.name for path in folder.iterdir() if not path.name.startswith(".")))
        kept = newest_kept(names, lambda name: (folder / name).read_bytes())
        for name, generation in self.kept.items():
            assert kept.get(name, 0) >= generation, f"{name}: generation {generation} lost"
        there = stored(names, lambda name: (folder / name).read_bytes())
        assert not self.packets.keys() - dict.fromkeys(there).keys()
        _check_counts(there)


def _check_counts(packets: list[bytes]) -> None:
    """No count comes again within a round of lives."""
    lives: dict[tuple[int, int], int] = {}
    for packet in sorted(packets, key=packet_time_ns):
        tm = parse_tm(packet)
        life = (packet_time_ns(packet) - GPS_NS) // LIFE_NS
        key = (tm.apid, tm.sequence_count)
        assert life - lives.get(key, -LIVES_PER_ROUND) >= LIVES_PER_ROUND, f"{key} in lives {lives[key]} and {life}"
        lives[key] = life


def _one_life(folder: Path, life: int, for_s: float) -> Iterator[list[Any]]:
    """Lines of a process that is killed some time after it is up."""
    command = [sys.executable, "-m", "tests.process.flight_on_files", str(folder), str(life)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            head = [process.stdout.readline(), process.stdout.readline()]
            assert head[1], process.stderr.read().decode()
            killer = subprocess.Popen([sys.executable, "-S", "-c", _KILL, str(process.pid), str(for_s)])
            tail = process.stdout.read().splitlines(keepends=True)
            killer.wait()
            said = process.stderr.read().decode()
        finally:
            process.kill()
    assert not said, said
    for line in (*head, *tail):
        if line.endswith(b"\n"):
            yield msgspec.json.decode(line)


_KILL = "import os, sys, time; time.sleep(float(sys.argv[2])); os.kill(int(sys.argv[1]), 9)"


def _kill_again_and_again(folder: Path, kills: int, seed: int) -> Promises:
    dice = Random(seed)
    folder.mkdir()
    (folder / state_image.FIRST_COPY).write_bytes(first_state(Mode.IDLE))
    promises = Promises()
    for life in range(kills + 1):
        for words in _one_life(folder, life, 0.8 * dice.random() if life else 0.8):
            promises.take(words)
        promises.check_files(folder)
    return promises


@pytest.mark.parametrize("seed", [1, 2])
def test_a_killed_process_comes_back_with_all_that_it_had_acknowledged(tmp_path: Path, seed: int) -> None:
    """Parameters, kept files, stored packets; counts that do not repeat; no state lost, each time."""
    promises = _kill_again_and_again(tmp_path / "disk", KILLS, seed)
    assert promises.ledger is not None
    assert promises.ledger.acknowledged > KILLS, "the load must have something acknowledged"
    assert len(promises.packets) > 10 * KILLS


@pytest.mark.soak
def test_two_hundred_kills(tmp_path: Path) -> None:
    """The same for longer, on one growing storage."""
    _kill_again_and_again(tmp_path / "disk", SOAK_KILLS, int(time.time()))
