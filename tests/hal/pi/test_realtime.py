"""Real-time settings: what is refused is said in one sentence and changes nothing else."""

from __future__ import annotations

import subprocess
import sys

import pytest

from hal.api.process import BoardOptions
from hal.pi.realtime import take_up

pytestmark = pytest.mark.process

_TAKE = """
import os, sys
from hal.api.process import BoardOptions
from hal.pi.realtime import take_up
cpu = min(os.sched_getaffinity(0))
refused = list(take_up(BoardOptions(priority=7, pin=cpu, lock_memory=True)))
locked = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmLck"))
print(len(refused), os.sched_getscheduler(0) & 0xFF, os.sched_getparam(0).sched_priority, len(os.sched_getaffinity(0)),
      int(locked) > 0, sep=",")
print(*refused, sep="\\n")
"""


def test_nothing_asked_for_is_nothing_done() -> None:
    assert list(take_up(BoardOptions())) == []


def test_a_cpu_that_is_not_there_is_one_sentence() -> None:
    (said,) = take_up(BoardOptions(pin=1023))
    assert said.startswith("no running on CPU 1023 only: ")


def test_each_setting_is_in_force_or_has_been_refused() -> None:
    """In a process of its own; what this system permits is not for the test to say."""
    run = subprocess.run([sys.executable, "-c", _TAKE], capture_output=True, text=True, check=True)
    first, *refused = run.stdout.splitlines()
    count, policy, priority, cpus, locked = first.split(",")
    refused = [line for line in refused if line]
    assert int(count) == len(refused)
    said = " ".join(refused)
    assert ("no real-time priority 7" in said) != ((policy, priority) == ("1", "7"))
    assert ("no running on CPU" in said) != (cpus == "1")
    assert ("no locked memory" in said) != (locked == "True")
