"""The settings on the card: what holds, what is told, and that nothing but one plain key ever opens ssh."""

import base64
import socket
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from sil.image.target import rahi_first_boot
from sil.image.target.rahi_first_boot import Settings, main, read_settings

KEY = "ssh-ed25519 " + base64.b64encode(b"\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20" + bytes(range(32))).decode()


def test_every_key_holds() -> None:
    text = f'hostname = "rover-7"\nssh_authorized_key = "{KEY} me@desk"\nradio_port = "/dev/ttyUSB0"\n'

    assert read_settings(text.encode()) == (
        Settings(hostname="rover-7", ssh_authorized_key=f"{KEY} me@desk", radio_port="/dev/ttyUSB0"),
        [],
    )


def test_an_empty_file_leaves_the_defaults_and_ssh_shut() -> None:
    settings, problems = read_settings(b"")

    assert (settings, problems) == (Settings(), [])
    assert settings.ssh_authorized_key == ""


def test_a_file_saved_on_windows_is_read() -> None:
    assert read_settings(b'\xef\xbb\xbfhostname = "moon"\r\n')[0].hostname == "moon"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('hostname = "Rover"', "hostname is 'Rover'; allowed: 1 to 63"),
        ('hostname = "-a"', "no - at the ends"),
        ("hostname = 7", "hostname is 7; allowed"),
        (f'hostname = "{"a" * 64}"', "1 to 63"),
        ('radio_port = "ttyUSB0"', "radio_port is 'ttyUSB0'; allowed: /dev/tty"),
        ('radio_port = "/dev/../etc/passwd"', "radio_port is"),
        ('radio_port = "/dev/serial/by-id/../../sda"', "radio_port is"),
        ('ssh_authorized_key = "ssh-ed25519 AAAA"', "damaged: its second word holds no ssh-ed25519 key"),
        ('ssh_authorized_key = "ssh-ed25519 %%%"', "not base64"),
        (f"ssh_authorized_key = 'command=\"reboot\" {KEY}'", "no public key"),
        (f'ssh_authorized_key = "{KEY}\\n{KEY}"', "no public key"),
        ('ssh_authorized_key = "-----BEGIN OPENSSH PRIVATE KEY-----"', "no public key"),
        ("ssh_authorized_key = true", "no public key"),
        ('password = "x"', "password is unknown, the keys are hostname, ssh_authorized_key, radio_port"),
    ],
)
def test_what_is_wrong_is_told_in_one_line_and_keeps_its_default(line: str, words: str) -> None:
    settings, problems = read_settings(f"{line}\n".encode())

    assert len(problems) == 1
    assert words in problems[0]
    assert problems[0].isprintable()
    assert settings == Settings()


def test_a_slip_in_one_key_does_not_silence_the_radio() -> None:
    settings, problems = read_settings(b'hostname = "?"\nradio_port = "/dev/ttyS0"\n')

    assert settings.radio_port == "/dev/ttyS0"
    assert len(problems) == 1


@given(st.binary(max_size=300))
def test_any_bytes_give_settings_and_printable_problems(text: bytes) -> None:
    settings, problems = read_settings(text)

    assert settings.radio_port == "" or settings.radio_port.startswith("/dev/")
    assert all(problem.isprintable() for problem in problems)


@given(st.text(max_size=200))
def test_no_text_that_is_not_a_key_is_taken_for_one(text: str) -> None:
    problem = rahi_first_boot.ssh_key(text)

    assert problem or text == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [(rb'"\u001b[2J\r\n" = 1', r"\x1b[2J\r\n is unknown"), (rb'a = {"\u001b" = 1, "\u001b" = 2}', r"\x1b")],
)
def test_a_key_cannot_steer_the_console(text: bytes, shown: str) -> None:
    _, (problem,) = read_settings(text)

    assert shown in problem
    assert problem.isprintable()


def test_a_key_of_thousands_of_parts_is_not_read() -> None:
    """It would take four gigabytes, at a boot, before the radio is up."""
    settings, problems = read_settings(b"x = {" + b"a." * 30_000 + b"a = 1}")

    assert settings == Settings()
    assert problems == ["not valid TOML, nothing of it is used: more than 1000 dots"]


def test_a_file_of_nothing_but_slips_is_told_of_in_few_lines() -> None:
    _, problems = read_settings(b"".join(b"a%d=1\n" % number for number in range(500)))

    assert len(problems) == 11
    assert problems[-1] == "and 490 more"


def test_a_file_too_large_is_not_read() -> None:
    assert "larger than" in read_settings(b"#" * 70000)[1][0]


@pytest.fixture
def rovers(tmp_path: Path) -> Path:
    """The image's folder of rover files."""
    folder = tmp_path / "rovers"
    folder.mkdir()
    (folder / "rover-built-in.toml").write_text("built in")
    (folder / "rover-other-radio.toml").write_text("on @PORT@")
    return folder


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the computer is called, in order; its real name is left alone."""
    names: list[str] = []
    monkeypatch.setattr(socket, "sethostname", names.append)
    return names


def test_main_leaves_key_and_rover_file_and_tells(
    tmp_path: Path, rovers: Path, named: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    file, run = tmp_path / "rahi.toml", tmp_path / "run"
    file.write_text(f'hostname = "r1"\nssh_authorized_key = "{KEY}"\nradio_port = "/dev/ttyS0"\nx = 1\n')

    assert main([str(file), str(rovers), str(run)]) == 0
    assert named == ["r1"]
    assert (run / "rover.toml").read_text() == "on /dev/ttyS0"
    assert (run / "authorized_keys").read_text() == KEY + "\n"
    assert (run / "authorized_keys").stat().st_mode & 0o777 == 0o600
    assert capsys.readouterr().out.splitlines() == [
        "rahi: rahi.toml: x is unknown, the keys are hostname, ssh_authorized_key, radio_port",
        "rahi: host r1, radio /dev/ttyS0, ssh with the key of rahi.toml",
    ]

    file.write_text("")
    assert main([str(file), str(rovers), str(run)]) == 0
    assert not (run / "authorized_keys").exists()
    assert (run / "rover.toml").read_text() == "built in"


def test_a_card_without_the_file_comes_up_with_defaults(
    tmp_path: Path, rovers: Path, named: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "none.toml"), str(rovers), str(tmp_path / "run")]) == 0
    assert named == ["rahi"]
    assert "none.toml: cannot be read (No such file or directory), defaults hold" in capsys.readouterr().out
