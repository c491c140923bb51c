"""Composition of a root file system: what is dropped and laid over, and the same bytes whatever the order was."""

import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from sil.image.errors import ImageError
from sil.image.tree import Entry, compose, folder, read_files

LATEST_S = 1_000_000


def write_base(path: Path, order: list[str] | None = None, mtime_s: int = 500) -> Path:
    """A small Debian: folders, files, a symbolic and a hard link, an extended attribute."""
    contents = {
        "./etc": None,
        "./etc/passwd": b"root",
        "./usr": None,
        "./usr/bin": None,
        "./usr/bin/perl": b"#!perl",
        "./var": None,
        "./var/log": b"noise",
    }
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for name in order or list(contents):
            info = tarfile.TarInfo(name)
            data = contents[name]
            info.mtime, info.mode, info.uid = mtime_s, 0o755, 3
            info.type = tarfile.REGTYPE if data is not None else tarfile.DIRTYPE
            info.size = len(data or b"")
            if name.endswith("perl"):
                info.pax_headers = {"SCHILY.xattr.security.capability": "x", "atime": "1.5"}
            tar.addfile(info, io.BytesIO(data) if data else None)
        for name, kind, target in (
            ("./a-link", tarfile.SYMTYPE, "usr/bin"),
            ("./usr/bin/a-hard", tarfile.LNKTYPE, "./usr/bin/perl"),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.mtime = kind, target, mtime_s
            tar.addfile(info)
    return path


def composed(base: Path, added: list[Entry] = [], drop: str = "var/log") -> bytes:  # noqa: B006  # never changed
    out = io.BytesIO()
    compose(base, lambda path: path == drop, added, out, LATEST_S)
    return out.getvalue()


def members(data: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {member.name: member for member in tar}


def test_parents_come_first_and_hard_links_last(tmp_path: Path) -> None:
    names = list(members(composed(write_base(tmp_path / "base.tar"))))

    assert names == ["a-link", "etc", "etc/passwd", "usr", "usr/bin", "usr/bin/perl", "var", "usr/bin/a-hard"]


def test_owners_times_and_attributes_of_the_base_are_kept(tmp_path: Path) -> None:
    perl = members(composed(write_base(tmp_path / "base.tar")))["usr/bin/perl"]

    assert (perl.uid, perl.mtime, perl.mode) == (3, 500, 0o755)
    assert perl.pax_headers == {"SCHILY.xattr.security.capability": "x"}


def test_no_time_is_later_than_the_image(tmp_path: Path) -> None:
    found = members(composed(write_base(tmp_path / "base.tar", mtime_s=LATEST_S + 9), [Entry(path="new", data=b"x")]))

    assert {member.mtime for member in found.values()} == {LATEST_S}


def test_a_layer_replaces_adds_and_brings_its_folders(tmp_path: Path) -> None:
    layer = [
        Entry(path="etc/passwd", data=b"other", mode=0o600),
        Entry(path="opt/rahi/x", data=b"1"),
        Entry(path="etc/mask", link="/dev/null"),
        folder("data"),
    ]
    data = composed(write_base(tmp_path / "base.tar"), layer)
    found = members(data)

    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        passwd = tar.extractfile("etc/passwd")
        assert passwd is not None
        assert passwd.read() == b"other"
    assert found["etc/passwd"].mode == 0o600
    assert found["opt"].isdir()
    assert found["opt/rahi"].isdir()
    assert found["etc/mask"].linkname == "/dev/null"
    assert found["data"].isdir()
    assert all((found[name].uid, found[name].gid) == (0, 0) for name in ("opt/rahi/x", "data", "etc/mask"))


@given(st.permutations(["./etc", "./etc/passwd", "./usr", "./usr/bin", "./usr/bin/perl", "./var", "./var/log"]))
def test_the_same_bytes_in_whatever_order_the_base_was_packed(order: list[str]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        first = composed(write_base(Path(name) / "a.tar"), [Entry(path="z", data=b"1"), Entry(path="b", data=b"2")])
        other = composed(
            write_base(Path(name) / "b.tar", order), [Entry(path="b", data=b"2"), Entry(path="z", data=b"1")]
        )

    assert first == other


def test_a_hard_link_never_loses_its_file(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="usr/bin/a-hard is a hard link to usr/bin/perl"):
        composed(write_base(tmp_path / "base.tar"), drop="usr/bin/perl")


def test_a_torn_base_is_told(tmp_path: Path) -> None:
    base = write_base(tmp_path / "base.tar")
    base.write_bytes(base.read_bytes()[:700])

    with pytest.raises(ImageError, match="is not a whole tar"):
        composed(base)


def test_files_are_read_by_folder_and_through_links(tmp_path: Path) -> None:
    assert read_files(write_base(tmp_path / "base.tar"), "usr/bin") == {"a-hard": b"#!perl", "perl": b"#!perl"}
