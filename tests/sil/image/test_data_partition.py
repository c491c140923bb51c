"""The data partition at the first boot: grown and formatted once, and never touched when something is on it."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sil.image.target.rahi_data import gap_bytes, prepare

Run = Callable[[list[str], str], "subprocess.CompletedProcess[str]"]


class Programs:
    """Answers for `blkid` and remembers everything."""

    def __init__(self, status: int = 0, found: str = "", failing: str = "") -> None:
        self.calls: list[tuple[list[str], str]] = []
        self._status, self._found, self._failing = status, found, failing

    def __call__(self, command: list[str], text: str) -> "subprocess.CompletedProcess[str]":
        self.calls.append((command, text))
        if command[0] == "blkid":
            return subprocess.CompletedProcess(command, self._status, self._found, "")
        return subprocess.CompletedProcess(command, int(command[0] == self._failing), "", "no space")

    @property
    def names(self) -> list[str]:
        return [command[0] for command, _ in self.calls]


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A link to the third partition of a card of 4 GiB, and sysfs as the kernel has it."""
    part = tmp_path / "sys/devices/mmcblk0/mmcblk0p3"
    part.mkdir(parents=True)
    for path, text in ((part / "start", 1574912), (part / "size", 32768), (part / "partition", 3)):
        path.write_text(f"{text}\n")
    (part.parent / "size").write_text(f"{(4 << 30) // 512}\n")
    (tmp_path / "class").mkdir()
    (tmp_path / "class/mmcblk0p3").symlink_to(part)
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/mmcblk0p3").touch()
    (tmp_path / "link").symlink_to(tmp_path / "dev/mmcblk0p3")
    return tmp_path


@pytest.mark.parametrize("status", [0, 2])  # with and without a row in the partition table that blkid speaks of
def test_an_empty_partition_is_grown_and_formatted(card: Path, status: int) -> None:
    programs = Programs(status)

    said = prepare(card / "link", card / "class", programs)

    assert said.endswith("formatted, grown to the end of the card")
    assert programs.names == ["blkid", "sfdisk", "partx", "mkfs.ext4", "udevadm"]
    grow, text = programs.calls[1]
    assert (grow[-3:], text) == (["-N", "3", str(card / "dev/mmcblk0")], ",+\n")
    assert programs.calls[3][0][-1] == str(card / "dev/mmcblk0p3")


def test_a_partition_at_the_end_of_the_card_is_only_formatted(card: Path) -> None:
    (card / "sys/devices/mmcblk0/size").write_text(f"{1574912 + 32768 + 2048}\n")
    programs = Programs()

    assert prepare(card / "link", card / "class", programs).endswith("formatted")
    assert "sfdisk" not in programs.names
    assert gap_bytes(card / "sys/devices/mmcblk0/mmcblk0p3") == 1 << 20


@pytest.mark.parametrize(("status", "found"), [(0, "ext4\n"), (0, "vfat"), (0, "dos"), (8, ""), (4, "")])
def test_whatever_holds_something_is_left_alone(card: Path, status: int, found: str) -> None:
    programs = Programs(status, found)

    assert "left as it is" in prepare(card / "link", card / "class", programs)
    assert programs.names == ["blkid"]


def test_a_program_that_fails_is_named(card: Path) -> None:
    with pytest.raises(RuntimeError, match=r"mkfs\.ext4 ended with 1: no space"):
        prepare(card / "link", card / "class", Programs(failing="mkfs.ext4"))
