"""Flashing: which disks are refused and why, on trees as sysfs has them, and that nothing is written without a word."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, strategies as st

from sil.cli.image import command
from sil.image import flash
from sil.image.block_map import BlockMap, Range, read_map
from sil.image.disks import Disk, Roots, find_disk
from sil.image.errors import ImageError, Unusable
from sil.image.flash import check_image, find_image
from sil.image.flash_checks import confirmed, refusals

IMAGE_BYTES = 800_000_000
CARD = Disk(
    name="sdb",
    path=Path("/dev/sdb"),
    size_bytes=32_000_000_000,
    model="Generic Card Reader",
    is_partition=False,
    removable=True,
    read_only=False,
    mounts=(),
    swap=(),
    holders=(),
    is_system=False,
)


class Computer:
    """A tree as Linux shows its disks: a system disk with encryption and swap, and what a test plugs in."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.roots = Roots(sys=root / "sys", dev=root / "dev", mounts=root / "mounts", swaps=root / "swaps")
        (root / "sys/class/block").mkdir(parents=True)
        (root / "dev").mkdir()
        (root / "mounts").write_text("proc /proc proc rw 0 0\n")
        (root / "swaps").write_text("Filename\tType\tSize\tUsed\tPriority\n")
        self.plug("nvme0n1", "pci0/nvme", parts=2)
        self.hold("nvme0n1p2", "dm-0")
        self.mount("dm-0", "/")
        self.mount("nvme0n1p1", "/boot/efi")

    def plug(
        self, name: str, bus: str, *, removable: bool = False, parts: int = 0, gb: int = 32, kind: str = ""
    ) -> None:
        folder = self.root / "sys/devices" / bus / "block" / name
        self._block(name, folder, gb * 1_000_000_000 // 512)
        (folder / "removable").write_text(f"{int(removable)}\n")
        (folder / "device").mkdir()
        (folder / "device/model").write_text("Storage \n")
        if kind:
            (folder / "device/type").write_text(f"{kind}\n")
        for number in range(1, parts + 1):
            part = f"{name}p{number}" if name[-1].isdigit() else f"{name}{number}"
            self._block(part, folder / part, 1000)
            (folder / part / "partition").write_text(f"{number}\n")

    def hold(self, below: str, holder: str) -> None:
        self._block(holder, self.root / "sys/devices/virtual/block" / holder, 1000)
        (self.root / "sys/class/block" / below / "holders" / holder).touch()

    def mount(self, name: str, point: str) -> None:
        with (self.root / "mounts").open("a") as file:
            file.write(f"{self.root}/dev/{name} {point} ext4 rw 0 0\n")

    def swap(self, name: str) -> None:
        with (self.root / "swaps").open("a") as file:
            file.write(f"/dev/{name} partition 1 0 -2\n")

    def find(self, name: str) -> Disk:
        found = find_disk(str(self.root / "dev" / name), self.roots)
        assert found is not None
        return found

    def refusal(self, name: str) -> str:
        return "; ".join(refusals(self.find(name), IMAGE_BYTES)).replace(str(self.root), "")

    def _block(self, name: str, folder: Path, sectors: int) -> None:
        (folder / "holders").mkdir(parents=True)
        (folder / "size").write_text(f"{sectors}\n")
        (folder / "ro").write_text("0\n")
        (self.root / "sys/class/block" / name).symlink_to(folder)
        (self.root / "dev" / name).touch()


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    return Computer(tmp_path)


@pytest.mark.parametrize(
    ("name", "bus", "removable", "kind"),
    [
        ("sdb", "pci0/usb1/1-2/host6", True, ""),
        ("sdb", "pci0/usb1/1-2/host6", False, ""),
        ("mmcblk0", "platform/mmc0", False, "SD"),
    ],
)
def test_a_card_in_a_reader_or_a_slot_is_taken(
    computer: Computer, name: str, bus: str, removable: bool, kind: str
) -> None:
    computer.plug(name, bus, removable=removable, parts=2, kind=kind)

    assert computer.refusal(name) == ""


def test_the_system_disk_is_refused_though_its_root_lies_in_an_encrypted_volume(computer: Computer) -> None:
    found = computer.find("nvme0n1")

    assert found.mounts == ("/", "/boot/efi")
    assert "/dev/nvme0n1 holds the system that runs here" in computer.refusal("nvme0n1")


def test_no_option_lifts_the_refusal_of_the_system_disk(computer: Computer) -> None:
    reasons = refusals(computer.find("nvme0n1"), IMAGE_BYTES, force_fixed=True)

    assert any("holds the system" in reason for reason in reasons)


def test_a_disk_with_swap_is_the_systems(computer: Computer) -> None:
    computer.plug("sdb", "pci0/usb1/host6", parts=1)
    computer.swap("sdb1")

    assert "holds the system" in computer.refusal("sdb")


def test_a_mounted_card_is_refused_with_what_to_do(computer: Computer) -> None:
    computer.plug("sdb", "pci0/usb1/host6", parts=2)
    computer.mount("sdb1", "/media/me/MY\\040CARD")

    assert computer.refusal("sdb") == (
        "/dev/sdb is mounted at /media/me/MY CARD; unmount it first: sudo umount '/media/me/MY CARD'"
    )


def test_a_partition_is_refused(computer: Computer) -> None:
    computer.plug("sdb", "pci0/usb1/host6", parts=1)

    assert "/dev/sdb1 is a partition; name the whole disk" in computer.refusal("sdb1")


def test_a_fixed_disk_is_refused_unless_forced(computer: Computer) -> None:
    computer.plug("sda", "pci0/ata1/host0")

    assert computer.refusal("sda") == "/dev/sda is not removable; if it really is the one: --force-fixed"
    assert refusals(computer.find("sda"), IMAGE_BYTES, force_fixed=True) == []


def test_a_soldered_in_memory_is_no_card(computer: Computer) -> None:
    computer.plug("mmcblk1", "platform/mmc1", kind="MMC")

    assert "is not removable" in computer.refusal("mmcblk1")


def test_a_disk_that_is_part_of_a_volume_is_refused(computer: Computer) -> None:
    computer.plug("sdb", "pci0/usb1/host6", parts=1)
    computer.hold("sdb1", "md127")

    assert computer.refusal("sdb") == "/dev/sdb is part of md127"


def test_a_link_by_id_is_followed(computer: Computer) -> None:
    computer.plug("sdb", "pci0/usb1/host6")
    (computer.root / "link").symlink_to(computer.root / "dev/sdb")
    found = find_disk(str(computer.root / "link"), computer.roots)

    assert found is not None
    assert found.name == "sdb"


@pytest.mark.parametrize("name", ["dev/sdz", "mounts", "", "dev"])
def test_what_is_no_disk_is_not_found(computer: Computer, name: str) -> None:
    assert find_disk(str(computer.root / name), computer.roots) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"size_bytes": 500_000_000}, "has 0.5 GB, the image needs 0.8 GB"),
        ({"size_bytes": 4 << 40}, "more than any card"),
        ({"read_only": True}, "is read-only"),
    ],
)
def test_a_card_that_cannot_take_it_is_refused(change: dict[str, object], words: str) -> None:
    assert words in refusals(replace(CARD, **change), IMAGE_BYTES)[0]  # type: ignore[arg-type]  # by name


ANY_DISK = st.builds(
    lambda **facts: replace(CARD, **facts),
    is_partition=st.booleans(),
    removable=st.booleans(),
    read_only=st.booleans(),
    is_system=st.booleans(),
    mounts=st.lists(st.sampled_from(["/", "/media/x"]), max_size=2).map(tuple),
    holders=st.lists(st.just("md0"), max_size=1).map(tuple),
    size_bytes=st.integers(0, 1 << 42),
)


@given(ANY_DISK, st.booleans())
def test_only_a_disk_with_nothing_against_it_is_taken(disk: Disk, force: bool) -> None:
    bad = bool(disk.is_partition or disk.read_only or disk.mounts or disk.is_system or disk.holders)
    bad = bad or not IMAGE_BYTES <= disk.size_bytes <= 2 << 40 or not (disk.removable or force)

    assert bool(refusals(disk, IMAGE_BYTES, force_fixed=force)) == bool(bad)


@pytest.mark.parametrize(
    ("answer", "holds"), [("sdb", True), (" /dev/sdb\n", True), ("", False), ("yes", False), ("sd", False)]
)
def test_only_the_disks_name_is_a_yes(answer: str, holds: bool) -> None:
    assert confirmed(CARD, answer) is holds


BMAP = """<?xml version="1.0" ?>
<bmap version="2.0"><ImageSize> 10000 </ImageSize><BlockSize> 4096 </BlockSize><ChecksumType> sha256 </ChecksumType>
<BlockMap><Range chksum="{one}"> 0 </Range><Range chksum="{two}"> 1-2 </Range></BlockMap></bmap>
"""
CONTENT = bytes(range(256)) * 39 + b"sixteen bytes ok"


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An image with its three files; the packed one is not read as such here."""
    path = tmp_path / "x.img.xz"
    path.write_bytes(b"packed")
    sums = [hashlib.sha256(part).hexdigest() for part in (CONTENT[:4096], CONTENT[4096:])]
    (tmp_path / "x.img.bmap").write_text(BMAP.format(one=sums[0], two=sums[1]))
    (tmp_path / "x.img.xz.sha256").write_text(f"{hashlib.sha256(b'packed').hexdigest()}  x.img.xz\n")
    return path


def test_an_image_comes_with_its_map(image: Path) -> None:
    found = check_image(find_image(image))

    assert (found.image_bytes, found.block_bytes, found.mapped_bytes) == (10000, 4096, 12288)
    assert [(item.first, item.last) for item in found.ranges] == [(0, 0), (1, 2)]


def test_a_damaged_image_is_not_written(image: Path) -> None:
    image.write_bytes(b"pocked")

    with pytest.raises(ImageError, match="is damaged: SHA-256"):
        check_image(find_image(image))


@pytest.mark.parametrize("name", ["x.img.bmap", "x.img.xz.sha256", "x.img.xz"])
def test_a_missing_file_is_named(image: Path, name: str) -> None:
    (image.parent / name).unlink()

    with pytest.raises(Unusable, match=f"{name}: no such file"):
        find_image(image)


def test_a_sum_of_another_file_is_refused(image: Path) -> None:
    image.with_name("x.img.xz.sha256").write_text("0" * 64 + "  y.img.xz\n")

    with pytest.raises(Unusable, match=r"does not give the SHA-256 of x\.img\.xz"):
        find_image(image)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("sha256", "sha1"),
        lambda text: text.replace("<BlockSize>", "<Size>").replace("</BlockSize>", "</Size>"),
        lambda text: text.replace("1-2", "1-x"),
        lambda text: text.replace("<bmap", '<!DOCTYPE bmap [<!ENTITY a "aaaa">]><bmap', 1),
        lambda text: text[:60],
        lambda _text: "",
    ],
)
def test_a_map_that_is_none_is_refused(image: Path, change: Callable[[str], str]) -> None:
    path = image.with_name("x.img.bmap")
    path.write_text(change(path.read_text()))

    with pytest.raises(ImageError, match=r"no block map|no SHA-256"):
        read_map(path)


class Desk:
    """The command with a card that is a plain file, and a writer that writes what it is told to."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.card = tmp_path / "sdb"
        self.card.write_bytes(bytes(20000))
        self.disk = replace(CARD, path=self.card)
        self.written: list[list[str]] = []
        self.to_write = CONTENT
        monkeypatch.setattr(flash, "find_disk", lambda _device: self.disk)
        monkeypatch.setattr(flash, "is_block_device", lambda _path: True)
        monkeypatch.setattr(flash, "find", lambda program: f"/usr/bin/{program}" if program == "bmaptool" else None)
        monkeypatch.setattr(flash, "write", self._write)

    def _write(self, words: list[str]) -> None:
        self.written.append(words)
        with self.card.open("r+b") as file:
            file.write(self.to_write)

    def run(self, image: Path, *options: str, answer: str = "") -> tuple[int, str]:
        done = CliRunner().invoke(
            command, ["flash", str(self.card), str(image), *options], input=answer, standalone_mode=False
        )
        code = done.return_value if done.exception is None else 2
        return code, done.output + (str(getattr(done.exception, "message", "")) if done.exception else "")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch)


def test_a_card_is_written_once_its_name_is_typed_and_read_back(desk: Desk, image: Path) -> None:
    code, said = desk.run(image, answer="sdb\n")

    assert code == 0, said
    assert desk.written[0][:2] == ["/usr/bin/bmaptool", "copy"]
    assert f"{desk.card} holds x.img.xz" in said


def test_without_its_name_nothing_is_written(desk: Desk, image: Path) -> None:
    code, said = desk.run(image, answer="yes\n")

    assert (code, desk.written) == (1, [])
    assert "nothing was written" in said


def test_a_dry_run_writes_nothing_and_shows_the_command(desk: Desk, image: Path) -> None:
    code, said = desk.run(image, "--dry-run")

    assert (code, desk.written) == (0, [])
    assert "dry run, nothing is written; it would be: /usr/bin/bmaptool copy --bmap" in said


def test_a_refused_disk_gives_2(desk: Desk, image: Path) -> None:
    desk.disk = replace(desk.disk, mounts=("/media/x",), removable=False)

    code, said = desk.run(image, answer="sdb\n")

    assert (code, desk.written) == (2, [])
    assert "is mounted at /media/x" in said
    assert "is not removable" in said


def test_a_card_that_does_not_keep_what_was_written_is_told(desk: Desk, image: Path) -> None:
    desk.to_write = CONTENT[:5000] + b"!" + CONTENT[5001:]

    code, said = desk.run(image, answer="sdb\n")

    assert code == 1
    assert "does not hold what was written (first at byte 4096)" in said


def test_who_may_not_write_to_the_disk_is_told_before_being_asked(
    desk: Desk, image: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda _path, mode: mode == os.R_OK)

    code, said = desk.run(image, answer="sdb\n")

    assert (code, desk.written) == (2, [])
    assert "run this command with sudo" in said
    assert desk.run(image, "--dry-run")[0] == 0


def test_a_plain_file_is_no_disk(image: Path) -> None:
    done = CliRunner().invoke(command, ["flash", str(image), str(image)], standalone_mode=False)

    assert "is no disk of this computer" in str(getattr(done.exception, "message", ""))


def test_a_short_card_is_found_out(tmp_path: Path) -> None:
    from sil.image.block_map import differences

    (tmp_path / "card").write_bytes(b"x" * 100)
    found = BlockMap(image_bytes=8192, block_bytes=4096, ranges=(Range(first=0, last=1, sha256="0" * 64),))

    with (tmp_path / "card").open("rb") as file:
        assert differences(found, file) == list(found.ranges)
    assert os.path.getsize(tmp_path / "card") == 100
