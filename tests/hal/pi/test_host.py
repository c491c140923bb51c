"""The computer's own state from fake kernel files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hal.pi.host import TEMPERATURE, THROTTLED, HostWatch
from tests.fakes.context import FakeClock
from tests.hal.pi.kernel_files import put
from tests.hal.pi.waiting import wait_for

pytestmark = pytest.mark.process


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Callable[..., HostWatch]]:
    opened: list[HostWatch] = []

    def make(folder: Path = tmp_path, root: Path = tmp_path, period_s: float = 60.0) -> HostWatch:
        opened.append(HostWatch(FakeClock(), folder, root, period_s))
        return opened[-1]

    yield make
    for host in opened:
        host.close()


def test_a_raspberry_pi_tells_its_temperature_flags_and_room(tmp_path: Path, watch: Callable[..., HostWatch]) -> None:
    put(tmp_path, TEMPERATURE, "48312\n")
    put(tmp_path, THROTTLED, "50005\n")
    host = watch()
    wait_for(lambda: host.read().cpu_temperature_c)
    reading = host.read()
    assert reading.cpu_temperature_c == pytest.approx(48.312)
    assert reading.throttle_flags == 0x50005
    assert reading.disk_free_bytes is not None
    assert reading.disk_free_bytes > 0


def test_what_a_computer_cannot_tell_is_none(tmp_path: Path, watch: Callable[..., HostWatch]) -> None:
    """Neither a missing file nor nonsense in it is an error."""
    put(tmp_path, THROTTLED, "zzz\n")
    host = watch(folder=tmp_path / "gone")
    host.look()
    reading = host.read()
    assert (reading.cpu_temperature_c, reading.throttle_flags, reading.disk_free_bytes) == (None, None, None)


def test_it_looks_again_by_itself(tmp_path: Path, watch: Callable[..., HostWatch]) -> None:
    put(tmp_path, TEMPERATURE, "20000\n")
    host = watch(period_s=0.005)
    wait_for(lambda: host.read().cpu_temperature_c == 20.0)
    put(tmp_path, TEMPERATURE, "30000\n")
    wait_for(lambda: host.read().cpu_temperature_c == 30.0)
