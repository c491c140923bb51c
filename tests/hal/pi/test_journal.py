"""Journal lines: with and without priorities, bounded, never waiting."""

from __future__ import annotations

import os

import pytest

from hal.api.process import Level
from hal.pi.journal import ROOM, Journal
from tests.hal.pi.waiting import wait_for

pytestmark = pytest.mark.process


class Pipe:
    """Where the lines go."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()

    def read_all(self) -> str:
        os.close(self.writer)
        with os.fdopen(self.reader, encoding="utf-8") as file:
            return file.read()


@pytest.fixture
def pipe() -> Pipe:
    return Pipe()


def test_systemd_gets_priorities_and_a_terminal_a_name(pipe: Pipe) -> None:
    for with_priority in (True, False):
        journal = Journal(pipe.writer, with_priority=with_priority)
        journal.write(Level.WARNING, "hot")
        journal.close()
    assert pipe.read_all() == "<4>hot\nrahi-flight: hot\n"


def test_a_text_is_one_line_whatever_is_in_it(pipe: Pipe) -> None:
    """Nobody fakes a second line, or a priority, or moves the cursor."""
    journal = Journal(pipe.writer, with_priority=True)
    journal.write(Level.ERROR, "a\n<0>b\x1b[2J" + "x" * 1000)
    journal.close()
    text = pipe.read_all()
    assert text.startswith("<3>a?<0>b?[2Jxxx")
    assert text.count("\n") == 1
    assert len(text) < 420


def test_a_reader_that_is_held_up_costs_lines_and_no_time(pipe: Pipe) -> None:
    """The pipe fills, then the queue; writing goes on, and what waited comes out once somebody reads."""
    journal = Journal(pipe.writer)
    line = "y" * 390
    written = 0
    while journal.dropped == 0:
        journal.write(Level.INFO, line)
        written += 1
        assert written < 10_000
    assert written > ROOM
    journal.close(timeout_s=0.01)
    taken = os.read(pipe.reader, 1 << 20)
    while taken.count(b"\n") < written - journal.dropped:
        taken += os.read(pipe.reader, 1 << 20)
    assert set(taken.split(b"\n")) == {b"rahi-flight: " + line.encode(), b""}


def test_a_reader_that_has_gone_is_no_error(pipe: Pipe) -> None:
    os.close(pipe.reader)
    journal = Journal(pipe.writer)
    journal.write(Level.INFO, "anybody?")
    wait_for(lambda: journal.dropped == 1)
    journal.close()
    os.close(pipe.writer)
