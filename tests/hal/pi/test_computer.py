"""The Raspberry Pi without what is wired to it: one life after another on one storage folder."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hal.api.errors import NotReady
from hal.api.process import BoardOptions, Level, Purpose
from hal.api.values import ResetCause
from hal.pi.computer import Computer, ComputerSettings, open_computer
from hal.pi.life import FILE
from tests.hal.pi.kernel_files import kernel_files
from tests.hal.pi.waiting import wait_for

pytestmark = pytest.mark.process


class Place:
    """A folder, kernel files, and what systemd would say."""

    def __init__(self, tmp_path: Path) -> None:
        self.folder = tmp_path / "storage"
        self.run = tmp_path / "run"
        self.run.mkdir()
        self.root = kernel_files(tmp_path / "root")
        self.environment = {"RUNTIME_DIRECTORY": str(self.run)}
        self.watchdog: str | None = None
        self._open: list[Computer] = []

    def open(self, purpose: Purpose = Purpose.FLY, latencies: Path | None = None) -> Computer:
        settings = ComputerSettings(folder=self.folder, watchdog=self.watchdog)
        options = BoardOptions(purpose=purpose, latencies=latencies)
        computer = open_computer(settings, options, self.environment, self.root)
        self._open.append(computer)
        return computer

    def end(self, computer: Computer, status: int) -> None:
        self._open.remove(computer)
        computer.process.ended(status)

    def kill(self, computer: Computer) -> None:
        """The process is gone without a word; the kernel closes what it had open."""
        self._open.remove(computer)
        record = (self.folder / FILE).read_bytes()
        computer.process.ended(-9)
        (self.folder / FILE).write_bytes(record)  # a killed process has not ended its record

    def close(self) -> None:
        for computer in list(self._open):
            self.end(computer, 1)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.close()


@pytest.mark.parametrize(
    ("status", "cause"), [(0, ResetCause.COMMANDED), (75, ResetCause.COMMANDED), (70, ResetCause.CRASH)]
)
def test_the_next_life_knows_how_the_last_one_ended(place: Place, status: int, cause: ResetCause) -> None:
    first = place.open()
    assert first.reset_cause is ResetCause.POWER_ON
    ticket = first.storage.append("kept", b"data")
    first.storage.request_sync()
    wait_for(lambda: first.storage.synced_through() >= ticket)
    place.end(first, status)

    second = place.open()
    assert second.reset_cause is cause
    assert second.storage.list() == ("kept",)


def test_a_process_killed_by_systemd_s_watchdog_is_a_watchdog_reset(place: Place) -> None:
    """The make-safe command that systemd runs in between hears it."""
    place.kill(place.open())
    place.environment["SERVICE_RESULT"] = "watchdog"
    between = place.open(Purpose.MAKE_SAFE)
    with pytest.raises(NotReady):
        between.storage.list()
    place.end(between, 0)
    del place.environment["SERVICE_RESULT"]
    assert place.open().reset_cause is ResetCause.WATCHDOG


def test_looking_or_making_safe_counts_as_no_life(place: Place) -> None:
    """The cause of the start that follows is still that of the last flight."""
    place.end(place.open(), 70)
    for purpose in (Purpose.CHECK, Purpose.MAKE_SAFE):
        place.end(place.open(purpose), 0)
    assert place.open().reset_cause is ResetCause.CRASH


def test_two_processes_on_one_folder_are_refused(place: Place) -> None:
    """But making safe always goes through; and once the first has ended, so does the second."""
    first = place.open()
    for purpose in (Purpose.FLY, Purpose.CHECK):
        with pytest.raises(NotReady, match="another flight process"):
            place.open(purpose)
    place.end(place.open(Purpose.MAKE_SAFE), 0)
    place.end(first, 0)
    place.open()


def test_a_folder_that_cannot_be_is_not_ready(place: Place) -> None:
    place.folder.write_text("a file")
    with pytest.raises(NotReady, match="storage"):
        place.open()


def test_a_rover_without_its_hardware_watchdog_flies_all_the_same(
    place: Place, capfd: pytest.CaptureFixture[str]
) -> None:
    place.watchdog = "/nowhere/watchdog"
    computer = place.open()
    computer.watchdog.stroke()
    place.end(computer, 0)
    assert "without the computer's watchdog: /nowhere/watchdog" in capfd.readouterr().err


@pytest.mark.parametrize(("status", "left"), [(0, b"\0V"), (75, b"\0"), (70, b"\0")])
def test_the_hardware_watchdog_is_disarmed_by_a_clean_stop_only(
    place: Place, tmp_path: Path, status: int, left: bytes
) -> None:
    device = tmp_path / "watchdog"
    device.touch()
    place.watchdog = str(device)
    computer = place.open()
    computer.watchdog.stroke()
    place.end(computer, status)
    assert device.read_bytes() == left


def test_a_check_starts_no_watchdog_and_tells_systemd_nothing(place: Place, tmp_path: Path) -> None:
    device = tmp_path / "watchdog"
    device.touch()
    place.watchdog = str(device)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.setblocking(False)
        place.environment["NOTIFY_SOCKET"] = str(tmp_path / "notify")
        computer = place.open(Purpose.CHECK)
        computer.watchdog.stroke()
        computer.watchdog.ready(False)
        place.end(computer, 0)
        with pytest.raises(BlockingIOError):
            systemd.recv(100)
    assert device.read_bytes() == b""


def test_the_end_closes_last_things_first_and_one_failure_stops_nothing(
    place: Place, capfd: pytest.CaptureFixture[str]
) -> None:
    computer = place.open()
    closed: list[str] = []

    def fail() -> None:
        raise OSError("stuck")

    for closer in (lambda: closed.append("bus"), fail, lambda: closed.append("driver")):
        computer.process.on_close(closer)
    place.end(computer, 0)
    assert closed == ["driver", "bus"]
    assert "OSError: stuck" in capfd.readouterr().err
    assert place.open().reset_cause is ResetCause.COMMANDED


def test_settling_collects_in_the_slack_and_the_end_writes_the_latencies(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "latencies"
    computer = place.open(latencies=path)
    computer.process.settle()
    for _ in range(3):
        deadline_ns = computer.clock.now_ns() + 2_000_000
        computer.process.slack(deadline_ns)
        computer.clock.sleep_until_ns(deadline_ns)
    computer.process.journal(Level.INFO, "done")
    place.end(computer, 0)
    assert [int(line) >= 0 for line in path.read_text().splitlines()] == [True] * 3


def test_what_goes_wrong_with_the_latencies_file_is_said_and_nothing_more(
    place: Place, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    computer = place.open(latencies=tmp_path)
    place.end(computer, 0)
    assert "IsADirectoryError" in capfd.readouterr().err


def test_no_thread_and_no_descriptor_outlives_a_life(place: Place) -> None:
    """A hundred lives would show it."""
    before = threading.enumerate()
    for _ in range(3):
        computer = place.open()
        computer.storage.append("kept", b"data")
        computer.storage.request_sync()
        assert _open_below(place.folder) != []
        place.end(computer, 0)
    assert _open_below(place.folder) == []
    assert [thread for thread in threading.enumerate() if thread not in before] == []


def _open_below(folder: Path) -> list[str]:
    """Files of that folder that this process holds open."""
    links = (Path("/proc/self/fd") / name for name in os.listdir("/proc/self/fd"))
    found = [os.readlink(link) for link in links if link.is_symlink()]
    return [name for name in found if name.startswith(str(folder))]
