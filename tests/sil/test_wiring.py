"""The wiring as tables and as a picture: nothing of a rover file is missing, nothing runs out of its box."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from flight.rover_file import load_rover
from hal.api.wiring import Hardware
from sil.cli.app import run
from sil.docs.section_keys import key_table
from sil.docs.wiring import SECTIONS, rover_tables
from sil.wiring.diagram import WIDTH, wiring_svg
from sil.wiring.parts import not_switched, parts_of
from sil.wiring.svg import LETTER_PX

SVG = "{http://www.w3.org/2000/svg}"
ROVERS = ("open_source_rover", "south_pole", "desk")

OWN = """\
name = "ours"
like = "open_source_rover"
[hardware.buses]
motors = { kind = "serial", url = "serial:///dev/ttyUSB3?baud=115200" }
[hardware.loads.lines]
camera = { line = 17, active_low = true }
"""


def texts(svg: str) -> list[str]:
    """Every line of text, in order."""
    return [item.text or "" for item in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def number(item: ElementTree.Element, key: str) -> float:
    return float(item.attrib[key])


@pytest.mark.parametrize("name", ROVERS)
def test_every_bus_and_every_part_is_in_the_picture(name: str) -> None:
    """As often as it is wired: three controllers are three boxes."""
    rover = load_rover(name)
    said = texts(wiring_svg(rover))

    for bus, wiring in rover.hardware.buses.items():
        assert any(line.startswith(f"{bus}: {wiring.kind}, {wiring.url}") for line in said)
    titles = [part.title for part in parts_of(rover.hardware)]
    for title in titles:
        drawn = [line for line in said if line == title or line.startswith(f"{title}, pin ")]
        assert len(drawn) == titles.count(title), title
    whole = "".join(said).replace(" ", "")
    for part in parts_of(rover.hardware):
        assert all(words.replace(" ", "") in whole for words in (part.device, *part.serves)), part
    for switch, _ in not_switched(rover.hardware):
        assert switch in whole


@pytest.mark.parametrize("name", ROVERS)
def test_every_device_of_the_wiring_is_a_part(name: str) -> None:
    """Counted from the sections themselves."""
    hardware = load_rover(name).hardware
    devices = {part.device.partition(".")[0] for part in parts_of(hardware)}
    fitted = {key for key in Hardware.__struct_fields__ if getattr(hardware, key)} - {"computer", "buses", "beside"}
    unwired = {device for device in ("heaters", "loads") if bank_has_no_line(hardware, device)}

    assert devices == fitted - unwired
    wheels, parts = hardware.wheels, parts_of(hardware)
    assert wheels is not None
    assert [part.chip for part in parts].count("RoboClaw") == len(wheels.units)
    assert [part.chip for part in parts].count("TMP117") == len(hardware.temperatures)


def bank_has_no_line(hardware: Hardware, device: str) -> bool:
    bank = getattr(hardware, device)
    return bank is not None and all(line.line is None for line in bank.lines.values())


@pytest.mark.parametrize("name", ROVERS)
def test_no_text_leaves_the_picture_or_its_box_and_no_box_covers_another(name: str) -> None:
    """By the width of a fixed-width letter."""
    root = ElementTree.fromstring(wiring_svg(load_rover(name)))
    boxes = [
        (number(box, "x"), number(box, "y"), number(box, "width"), number(box, "height"))
        for box in root.iter(f"{SVG}rect")
        if "rx" in box.attrib
    ]
    for item in root.iter(f"{SVG}text"):
        x, y, size = (number(item, key) for key in ("x", "y", "font-size"))
        right = x + len(item.text or "") * size * LETTER_PX
        assert right <= WIDTH
        assert y <= number(root, "height")
        for left, top, width, height in boxes:
            if left <= x < left + width and top <= y <= top + height:
                assert right <= left + width, item.text
    for index, (x, y, width, height) in enumerate(boxes):
        for other_x, other_y, other_width, other_height in boxes[index + 1 :]:
            apart = x + width <= other_x or other_x + other_width <= x
            assert apart or y + height <= other_y or other_y + other_height <= y


def test_the_same_rover_file_gives_the_same_picture() -> None:
    """To the byte."""
    assert wiring_svg(load_rover("open_source_rover")) == wiring_svg(load_rover("open_source_rover"))


def test_every_key_of_the_wiring_is_in_the_reference() -> None:
    """With a range or a kind, and a default or the word that it must be given."""
    for kind in SECTIONS.values():
        rows = [line for line in key_table(kind) if line.startswith("| `")]
        assert [re.match(r"\| `(\w+)`", row)[1] for row in rows] == list(kind.__struct_fields__)  # type: ignore[index]  # a row that does not match fails the test
        assert all(cell.strip() for row in rows for cell in row.split(" | ")[1:3])


def test_every_section_of_the_wiring_is_in_the_reference() -> None:
    """A new class of section brings its table or fails here."""
    from hal.api import wiring
    from hal.api.config import Section

    declared = {item for item in vars(wiring).values() if isinstance(item, type) and issubclass(item, Section)}
    assert set(SECTIONS.values()) == declared - {Section}


def test_a_rover_of_ones_own_is_told_and_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its own port and line beside what it has from the rover that it is like."""
    rover = tmp_path / "ours.toml"
    rover.write_text(OWN, encoding="utf-8")

    assert run(["wiring", str(rover)]) == 0
    said = capsys.readouterr().out
    assert said == "\n".join(rover_tables(load_rover(str(rover)))).rstrip() + "\n"
    assert "| `loads.camera` | GPIO | `lines` | 17, pin 11 | on when low, safe off |" in said
    assert "/dev/ttyUSB3, USB" in said

    picture = tmp_path / "ours.svg"
    assert run(["wiring", str(rover), "--out", str(picture)]) == 0
    assert "GPIO 17, pin 11" in texts(picture.read_text(encoding="utf-8"))


def test_payloads_are_listed_and_drawn_with_their_drivers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On their bus, or beside them all."""
    rover = tmp_path / "ours.toml"
    more = """\
[hardware.payloads.dosimeter]
driver = "our_dosimeter"
bus = "main"
power = "motors"
options = { address = 36 }
[hardware.payloads.probe]
driver = "our.probe"
"""
    rover.write_text(OWN + more, encoding="utf-8")

    assert run(["wiring", str(rover)]) == 0
    said = capsys.readouterr().out
    assert "| `payloads.dosimeter` | our_dosimeter | `main` |  | dosimeter, address 36 | `motors` |  |" in said
    assert "| `payloads.probe` | our.probe |  |  | probe |  |  |" in said
    drawn = texts(wiring_svg(load_rover(str(rover))))
    assert {"our_dosimeter", "payloads.dosimeter", "Without a bus: payloads.probe (our.probe)"} <= set(drawn)


def test_a_rover_file_from_elsewhere_cannot_steer_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Escape codes in its texts are written out; the picture stays XML."""
    rover, picture = tmp_path / "ours.toml", tmp_path / "ours.svg"
    rover.write_text(
        OWN.replace('"ours"', r'"o\u001b[2J"').replace("USB3?", r"USB3\u001b[2J\u0007\n?"), encoding="utf-8"
    )

    assert run(["wiring", str(rover)]) == 0
    said = capsys.readouterr().out
    assert r"USB3\x1b[2J\x07\n?" in said
    assert not {"\x1b", "\x07"} & set(said)
    assert run(["wiring", str(rover), "--out", str(picture)]) == 0
    assert r"Wiring of o\x1b[2J" in texts(picture.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["nobody"], "no such rover"),
        (["desk", "--out", "picture.png"], "--out = picture.png: expected a file name that ends in .svg"),
        (["desk", "--out", "no-such-folder/x.svg"], "--out = no-such-folder/x.svg: cannot be written"),
    ],
)
def test_bad_input_is_told_in_one_line(
    arguments: list[str],
    problem: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Exit status 2."""
    monkeypatch.chdir(tmp_path)
    assert run(["wiring", *arguments]) == 2
    told = capsys.readouterr().err
    assert problem in told
    assert told.count("\n") == 1
