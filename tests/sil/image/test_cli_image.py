"""`rahi image` on the command line: what is asked for wrongly, or cannot be done here, ends with 2 and one line."""

from pathlib import Path

import pytest

from sil.cli.app import run
from sil.image import tools


def refusal(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The one line of a command that is refused."""
    assert run(["image", *map(str, arguments)]) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1, said.err
    return said.err.strip()


def test_an_unknown_suite_is_refused_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert "'bookworm', 'trixie'" in refusal(capsys, "build", "--suite", "buster")


def test_a_rover_that_does_not_exist_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "none.toml" in refusal(capsys, "build", "--rover", tmp_path / "none.toml")


def test_a_simulated_rover_gets_no_image(capsys: pytest.CaptureFixture[str]) -> None:
    assert "board = 'sim'" in refusal(capsys, "build", "--rover", "south_pole")


def test_missing_tools_are_named_before_anything_is_done(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tools, "find", lambda _program: None)

    said = refusal(capsys, "build", "--out", tmp_path / "out")

    assert "sudo apt install binfmt-support bmap-tools device-tree-compiler dosfstools mmdebstrap mtools" in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["moon/base", "our rover", "../up", "r\u00f6ver", "a\\n"])
def test_a_rover_name_that_is_no_file_name_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    rover = tmp_path / "rover.toml"
    rover.write_text(f'name = "{name}"\nlike = "open_source_rover"\n', encoding="utf-8")

    assert "is part of the image's file name: allowed are" in refusal(capsys, "build", "--rover", rover)


def test_a_folder_that_cannot_be_written_to_is_told_before_anything_slow(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing is asked of a mirror: the step would be told of on standard output."""
    monkeypatch.setattr(tools, "find", lambda _program: "/usr/bin/x")
    (tmp_path / "file").touch()

    for out in (tmp_path / "file", tmp_path / "file/below", Path("/proc/image")):
        assert run(["image", "build", "--out", str(out)]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert f"--out = {out}: cannot be written to" in said.err
        assert said.err.count("\n") == 1


@pytest.mark.parametrize("machine", ["virt", "raspi3b"])
def test_an_image_that_is_not_there_is_not_booted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, machine: str
) -> None:
    monkeypatch.setattr(tools, "find", lambda _program: "/usr/bin/x")

    assert "x.img: no such image" in refusal(capsys, "boot", tmp_path / "x.img", "--machine", machine)


def test_an_unknown_machine_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "'raspi4b' is not one of" in refusal(capsys, "boot", tmp_path / "x.img", "--machine", "raspi4b")


def test_an_image_without_its_sum_is_not_flashed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "x.img.xz").touch()

    assert "x.img.xz.sha256: no such file" in refusal(capsys, "flash", "/dev/null", tmp_path / "x.img.xz")
