"""Partition table, file systems and block map of an image, small but real; tools that are not here skip their tests."""

import hashlib
import os
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import IO

import pytest
from hypothesis import given, strategies as st

from sil.image import disk
from sil.image.block_map import differences, read_map
from sil.image.disk import LINUX, Partition, boot_record, layout, write_disk
from sil.image.errors import ImageError
from sil.image.fat import get, make_fat, put
from sil.image.pack import pack
from sil.image.squashfs import make_squashfs
from sil.image.tools import find
from sil.image.tree import Entry, compose
from tests.sil.image.test_tree import write_base

TIME_S = 1_700_000_000


def needs(*programs: str) -> pytest.MarkDecorator:
    missing = [program for program in programs if find(program) is None]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


def test_partitions_lie_behind_each_other_on_whole_mebibytes() -> None:
    parts = layout()

    assert [part.start_bytes % (1 << 20) for part in parts] == [0, 0, 0]
    assert all(one.start_bytes + one.size_bytes == two.start_bytes for one, two in pairwise(parts))


@given(
    st.integers(1, 1 << 20),
    st.integers(1, 1 << 20),
    st.integers(0, 0xFFFFFFFF),
)
def test_a_boot_record_reads_back(start: int, size: int, disk_id: int) -> None:
    record = boot_record([Partition(kind=LINUX, start_bytes=start * 512, size_bytes=size * 512)], disk_id)

    assert (len(record), record[510:]) == (512, b"\x55\xaa")
    assert int.from_bytes(record[440:444], "little") == disk_id
    assert record[450] == LINUX
    assert (int.from_bytes(record[454:458], "little"), int.from_bytes(record[458:462], "little")) == (start, size)
    assert record[462:510] == bytes(48)


@pytest.mark.parametrize(
    "part",
    [
        Partition(kind=LINUX, start_bytes=100, size_bytes=512),
        Partition(kind=LINUX, start_bytes=512, size_bytes=0),
        Partition(kind=LINUX, start_bytes=2 << 40, size_bytes=512),
    ],
)
def test_a_partition_that_a_boot_record_cannot_say_is_refused(part: Partition) -> None:
    with pytest.raises(ValueError, match=r"whole sectors|2 TiB"):
        boot_record([part])
    with pytest.raises(ValueError, match="at most 4"):
        boot_record([layout()[0]] * 5)


@needs("sfdisk")
@pytest.mark.process
def test_fdisk_reads_the_same_table(tmp_path: Path) -> None:
    image = tmp_path / "x.img"
    write_disk(image, _part(tmp_path / "boot", b"FAT"), _part(tmp_path / "root", b"hsqs"))

    told = subprocess.run([find("sfdisk") or "", "--dump", str(image)], capture_output=True, text=True, check=True)

    assert "label-id: 0x52414849" in told.stdout
    rows = [line.split(":")[1].replace(" ", "") for line in told.stdout.splitlines() if "start=" in line]
    assert rows == [
        "start=2048,size=524288,type=c",
        "start=526336,size=1048576,type=83",
        "start=1574912,size=32768,type=83",
    ]


def _part(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_parts_lie_where_the_table_says_and_the_data_partition_begins_with_zeros(tmp_path: Path) -> None:
    first, second, data = layout()
    fat = b"head" + bytes(3 << 20) + b"tail" + bytes(5 << 20)
    image = tmp_path / "x.img"

    write_disk(image, _part(tmp_path / "boot", fat), _part(tmp_path / "root", b"hsqs"))

    with image.open("rb") as file:
        file.seek(first.start_bytes)
        assert file.read(len(fat)) == fat
        file.seek(second.start_bytes)
        assert file.read(4) == b"hsqs"
    assert image.stat().st_size == data.start_bytes + data.size_bytes
    assert _is_mapped(image, data.start_bytes)  # or an old card's file system would stay and be taken for ours
    assert _is_mapped(image, first.start_bytes + (1 << 20))  # zeros of an allocation table mean "free"
    assert not _is_mapped(image, data.start_bytes + (8 << 20))


def _is_mapped(image: Path, at: int) -> bool:
    with image.open("rb") as file:
        try:
            return os.lseek(file.fileno(), at, os.SEEK_DATA) == at
        except OSError:
            return False


def test_a_part_that_does_not_fit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "ROOT_BYTES", 1 << 20)

    with pytest.raises(ImageError, match="the root file system has 1048577 bytes, its partition 1048576"):
        write_disk(tmp_path / "x", _part(tmp_path / "b", b"x"), _part(tmp_path / "r", bytes((1 << 20) + 1)))


@needs("mkfs.vfat", "mcopy")
@pytest.mark.process
def test_a_fat_is_the_same_bits_each_time_and_gives_back_its_files(tmp_path: Path) -> None:
    files = {"vmlinuz": b"kernel" * 9000, "rahi.toml": b"", "cmdline.txt": b"ro\n"}
    sums = []
    for name in ("one", "two"):
        make_fat(dict(reversed(files.items())) if name == "two" else files, tmp_path / name, TIME_S, 40 << 20)
        sums.append(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())

    assert sums[0] == sums[1]
    put(tmp_path / "one", {"rahi.toml": b"x = 1\n"}, TIME_S)
    for name, content in (("vmlinuz", files["vmlinuz"]), ("rahi.toml", b"x = 1\n")):
        get(tmp_path / "one", name, tmp_path / "out")
        assert (tmp_path / "out").read_bytes() == content


@needs("mkfs.vfat", "mcopy")
@pytest.mark.process
def test_a_fat_that_is_too_small_is_told(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="mcopy ended with 1"):
        make_fat({"big": bytes(41 << 20)}, tmp_path / "fat", TIME_S, 40 << 20)
    with pytest.raises(ImageError, match="the boot partition is flat, a/b is in a folder"):
        make_fat({"a/b": b""}, tmp_path / "fat", TIME_S, 40 << 20)


@needs("mksquashfs", "unsquashfs")
@pytest.mark.process
def test_a_squashfs_is_the_same_bits_each_time(tmp_path: Path) -> None:
    base = write_base(tmp_path / "base.tar")
    layer = [Entry(path="etc/rahi", data=b"x"), Entry(path="etc/mask", link="/dev/null")]
    for name in ("one", "two"):
        make_squashfs(lambda sink: compose(base, lambda _path: False, layer, sink, TIME_S), tmp_path / name, TIME_S)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    listed = subprocess.run(
        [find("unsquashfs") or "", "-lln", str(tmp_path / "one")],
        capture_output=True,
        text=True,
        check=True,
        env={"TZ": "UTC"},
    ).stdout
    assert "2023-11-14 22:13 squashfs-root\n" in listed  # the root folder, which the tool stamps with the clock
    assert "squashfs-root/etc/mask -> /dev/null" in listed


@needs("mksquashfs")
@pytest.mark.process
def test_a_tree_that_cannot_be_composed_leaves_its_own_error(tmp_path: Path) -> None:
    def broken(_sink: IO[bytes]) -> None:
        raise ImageError("no base")

    with pytest.raises(ImageError, match="no base"):
        make_squashfs(broken, tmp_path / "out", TIME_S)


@needs("bmaptool", "xz")
@pytest.mark.process
def test_what_is_handed_out_belongs_together_and_a_damaged_card_is_found(tmp_path: Path) -> None:
    image = tmp_path / "x.img"
    with image.open("wb") as file:
        file.write(b"head" * 5000)
        file.seek(4 << 20)
        file.write(b"tail" * 5000)
        file.truncate(8 << 20)

    packed, block_map, sums = pack(image)

    assert sums.read_text() == f"{hashlib.sha256(packed.read_bytes()).hexdigest()}  x.img.xz\n"
    found = read_map(block_map)
    assert found.image_bytes == 8 << 20
    assert 40_000 <= found.mapped_bytes < 100_000
    with image.open("r+b") as file:
        assert differences(found, file) == []
        file.seek((4 << 20) + 100)
        file.write(b"!")
        assert [item.first * found.block_bytes for item in differences(found, file)] == [4 << 20]
