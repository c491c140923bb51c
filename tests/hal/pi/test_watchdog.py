"""The computer's own watchdog, on a file in place of the device."""

from __future__ import annotations

from pathlib import Path

import pytest

from hal.api.errors import DeviceTimeout, NotReady
from hal.pi.notify import Notifier
from hal.pi.watchdog import DeviceWatchdog, SystemdWatchdog


def _open(path: Path) -> DeviceWatchdog:
    return DeviceWatchdog(str(path), SystemdWatchdog(Notifier(None), None))


@pytest.fixture
def device(tmp_path: Path) -> Path:
    path = tmp_path / "watchdog"
    path.touch()
    return path


def test_it_is_disarmed_only_after_a_clean_stop(device: Path) -> None:
    """`V` as the last thing written, else nothing but strokes."""
    watchdog = _open(device)
    watchdog.stroke()
    watchdog.ready(False)
    watchdog.close(True)
    assert device.read_bytes() == b"\0V"


def test_an_end_that_is_not_clean_leaves_it_running(device: Path) -> None:
    watchdog = _open(device)
    watchdog.stroke()
    watchdog.close(False)
    assert device.read_bytes() == b"\0"


def test_a_stroke_never_disarms(device: Path) -> None:
    """Whatever is written between is not the magic character."""
    watchdog = _open(device)
    for _ in range(10):
        watchdog.stroke()
    assert b"V" not in device.read_bytes()
    watchdog.close(False)


def test_one_that_is_not_there_is_not_ready(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="none"):
        _open(tmp_path / "none")


def test_one_that_does_not_take_its_stroke_is_a_timeout() -> None:
    """/dev/full refuses every write."""
    watchdog = _open(Path("/dev/full"))
    with pytest.raises(DeviceTimeout):
        watchdog.stroke()
    watchdog.close(True)
