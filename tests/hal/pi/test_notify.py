"""sd_notify: both kinds of address, never waiting, silent without systemd."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from hal.api.errors import DeviceTimeout
from hal.pi.notify import Notifier
from hal.pi.watchdog import MINIMAL_MARK, SystemdWatchdog

pytestmark = pytest.mark.process


class Systemd:
    """The receiving end."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self._socket.settimeout(5.0)

    def hear(self) -> list[str]:
        return self._socket.recv(4096).decode().split("\n")

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Systemd]:
    address = str(tmp_path / "notify") if request.param == "path" else f"@rahi-{tmp_path}"
    there = Systemd(address)
    yield there
    there.close()


def test_what_is_sent_arrives_as_one_message(systemd: Systemd) -> None:
    notifier = Notifier.from_environment({"NOTIFY_SOCKET": systemd.address})
    assert notifier.send("READY=1", "STATUS=well")
    assert systemd.hear() == ["READY=1", "STATUS=well"]
    notifier.close()


def test_a_receiver_that_reads_nothing_costs_no_time(systemd: Systemd) -> None:
    """The queue fills up; then sending fails at once, and works again once there is room."""
    notifier = Notifier(systemd.address)
    sent = 0
    while notifier.send("WATCHDOG=1"):
        sent += 1
        assert sent < 100_000
    watchdog = SystemdWatchdog(notifier, None)
    with pytest.raises(DeviceTimeout):
        watchdog.stroke()
    assert notifier.failures == 2
    for _ in range(sent):
        systemd.hear()
    watchdog.stroke()
    assert systemd.hear() == ["WATCHDOG=1"]
    notifier.close()


def test_without_systemd_there_is_nothing_to_fail() -> None:
    notifier = Notifier.from_environment({})
    assert notifier.send("READY=1")
    SystemdWatchdog(notifier, None).stroke()
    assert notifier.failures == 0


def test_a_socket_that_has_gone_is_a_watchdog_that_does_not_answer(tmp_path: Path) -> None:
    watchdog = SystemdWatchdog(Notifier(str(tmp_path / "nobody")), None)
    with pytest.raises(DeviceTimeout):
        watchdog.ready(False)
    watchdog.close(True)


def test_a_minimal_boot_leaves_a_mark_that_a_whole_one_takes_away(systemd: Systemd, tmp_path: Path) -> None:
    """The slot tool reads it: only a whole boot approves a version."""
    run = tmp_path / "run"
    run.mkdir()
    watchdog = SystemdWatchdog(Notifier(systemd.address), run)
    watchdog.ready(True)
    assert (run / MINIMAL_MARK).exists()
    assert systemd.hear()[0] == "READY=1"
    watchdog.ready(False)
    assert not (run / MINIMAL_MARK).exists()
    assert systemd.hear() == ["READY=1", "STATUS=healthy"]
    watchdog.close(True)
