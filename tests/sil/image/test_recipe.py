"""Recipes, the cache of root file systems, and what the build tells when a tool or a mirror is missing."""

from pathlib import Path

import pytest

from sil.image.errors import ImageError, Unusable
from sil.image.recipe import RootRecipe, partition_uuid
from sil.image.rootfs import command, find_recipe, root_tar
from sil.image.tools import BUILD_TOOLS, need, run

OLD = "Origin: Debian\nSuite: oldstable\nDate: Sat, 11 Jul 2026 10:16:37 UTC\nAcquire-By-Hash: yes\n"
NEW = "Date: Wed, 25 Nov 2026 02:22:30 UTC\n"


def recipe(**changes: object) -> RootRecipe:
    given = {"suite": "bookworm", "mirror": "http://m/debian", "security_mirror": "http://m/s", "date_s": 5, **changes}
    return RootRecipe(**given)  # type: ignore[arg-type]  # changed by name


def test_the_date_is_the_newest_index_of_both_mirrors() -> None:
    asked: list[str] = []

    def fetch(address: str) -> str:
        asked.append(address)
        return OLD if "security" not in address else NEW

    found = find_recipe("bookworm", fetch=fetch)

    assert found.date_s == 1795573350  # date -u -d '2026-11-25 02:22:30' +%s
    assert asked == [
        "http://deb.debian.org/debian/dists/bookworm/InRelease",
        "http://deb.debian.org/debian-security/dists/bookworm-security/InRelease",
    ]


def test_an_answer_without_a_date_is_no_package_index() -> None:
    with pytest.raises(ImageError, match=r"bookworm/InRelease gives no date, so it is no package index"):
        find_recipe("bookworm", fetch=lambda _address: "<html>log in to this network</html>")


@pytest.mark.parametrize(
    "change", [{"suite": "trixie"}, {"date_s": 6}, {"packages": ("systemd",)}, {"mirror": "http://n"}]
)
def test_whatever_the_result_depends_on_changes_the_key(change: dict[str, object]) -> None:
    assert recipe(**change).key != recipe().key


def test_equal_recipes_have_equal_keys() -> None:
    assert recipe().key == recipe().key


def test_a_root_file_system_is_made_once(tmp_path: Path) -> None:
    made: list[str] = []

    def make(found: RootRecipe, tar: Path) -> None:
        made.append(found.suite)
        tar.write_bytes(b"tar")

    first = root_tar(recipe(), tmp_path, make)

    assert root_tar(recipe(), tmp_path, make) == first
    assert (made, first.read_bytes()) == (["bookworm"], b"tar")


def test_one_that_failed_is_not_kept(tmp_path: Path) -> None:
    def make(_found: RootRecipe, tar: Path) -> None:
        tar.write_bytes(b"half")
        raise ImageError("mirror went away")

    with pytest.raises(ImageError):
        root_tar(recipe(), tmp_path, make)
    assert list(tmp_path.glob("root-*.tar")) == list(tmp_path.glob("*.part.tar"))


def test_the_command_names_suite_packages_and_sources() -> None:
    words = command(recipe(), Path("/m"), Path("/t.tar"))

    assert words[-4:-2] == ["bookworm", "/t.tar"]
    assert words[-2:] == [
        "deb http://m/debian bookworm main non-free-firmware",
        "deb http://m/s bookworm-security main non-free-firmware",
    ]
    assert any(word.startswith("--include=") and "openssh-server" in word for word in words)


def test_missing_tools_are_told_in_one_line_with_their_packages() -> None:
    with pytest.raises(Unusable) as told:
        need(BUILD_TOOLS, lambda program: None if program in ("mcopy", "fdtput", "fdtget") else "/usr/bin/x")

    assert str(told.value) == (
        "some tools are missing; install them with: sudo apt install device-tree-compiler mtools"
    )


def test_a_program_that_fails_is_named_with_what_it_said() -> None:
    with pytest.raises(ImageError, match=r"^sh ended with 3: no room$"):
        run("sh", "-c", "echo no room >&2; exit 3")


def test_partitions_are_named_as_linux_names_them() -> None:
    assert partition_uuid(2) == "52414849-02"
