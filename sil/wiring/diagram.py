"""The wiring of a rover as a picture: computer on the left, each bus a coloured line, each chip a box on its bus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flight.rover_file import RoverFile
from hal.api.wiring import BusWiring
from sil.wiring.parts import Part, not_switched, parts_of
from sil.wiring.pi_header import pin_of, port_of
from sil.wiring.svg import INK, document, folded, line, rectangle, text

WIDTH: Final = 1200
_COMPUTER_X, _COMPUTER_WIDTH = 20, 240
_SPINE_X: Final = 284
_BOX_X, _BOX_WIDTH, _GAP = 304, 210, 14
_A_ROW: Final = 4
_PITCH: Final = 16
_PAD: Final = 8
_COLOURS: Final = ("#1f6fb2", "#8a4fb0", "#0f8577", "#c2571a", "#a8812a", "#b03a5b", "#4b5f73")
_TOP: Final = 78


def wiring_svg(rover: RoverFile) -> str:
    """The picture as SVG text, the same for the same rover file."""
    parts = parts_of(rover.hardware)
    shapes: list[str] = []
    y = _TOP
    for number, (name, bus) in enumerate(rover.hardware.buses.items()):
        mine = [part for part in parts if part.bus == name]
        y = _bus(shapes, y, name, bus, mine, _COLOURS[number % len(_COLOURS)])
    computer = [rectangle(_COMPUTER_X, _TOP - 10, _COMPUTER_WIDTH, max(y - _TOP, 60), fill="#eef2f6")]
    notes = _notes(rover, max(y, _TOP + 60) + 22)
    title = f"Wiring of {rover.name}"
    heading = [
        text(_COMPUTER_X, 30, title, size=20, bold=True),
        text(_COMPUTER_X, 52, _board(rover.board), size=13),
    ]
    height = max(y, _TOP + 60) + 22 + _PITCH * len(notes) + 6
    return document(WIDTH, height, title, [*heading, *computer, *shapes, *notes])


def _board(board: str) -> str:
    return "Raspberry Pi on the left; pins are those of its header" if board == "pi" else f"board: {board}"


def _bus(shapes: list[str], y: int, name: str, bus: BusWiring, parts: Sequence[Part], colour: str) -> int:
    """One bus from `y` on; returns where the next one begins."""
    right = _COMPUTER_X + _COMPUTER_WIDTH
    wire_y = y + 24
    port, place = port_of(bus)
    for row, (words, bold) in enumerate(((name, True), (port, False), (place, False))):
        lines = folded(words, _COMPUTER_WIDTH - 2 * _PAD)
        shapes.append(text(_COMPUTER_X + _PAD, y + 12 + row * _PITCH, lines[0], bold=bold, colour=colour))
    budget = "" if bus.kind == "gpio" else f", {bus.budget_ms:g} ms a cycle"
    shapes.append(text(_BOX_X, y + 14, f"{name}: {bus.kind}, {bus.url}{budget}", colour=colour, bold=True))
    shapes.append(line(right, wire_y, _SPINE_X, wire_y, colour))
    if not parts:
        shapes.append(text(_BOX_X, wire_y + 18, "nothing on it"))
    end = _rows(shapes, wire_y, bus, parts, colour)
    return max(end, wire_y + 36) + 20


def _rows(shapes: list[str], wire_y: int, bus: BusWiring, parts: Sequence[Part], colour: str) -> int:
    """The boxes, four a row, each row under a branch of the bus; returns the lower edge of the last."""
    y = wire_y
    for first in range(0, len(parts), _A_ROW):
        row = [_words(part, bus) for part in parts[first : first + _A_ROW]]
        height = max(map(len, row)) * _PITCH + 12
        last_x = _BOX_X + (len(row) - 1) * (_BOX_WIDTH + _GAP) + _BOX_WIDTH // 2
        if y > wire_y:
            shapes.append(line(_SPINE_X, wire_y, _SPINE_X, y, colour))
        shapes.append(line(_SPINE_X, y, last_x, y, colour))
        for column, words in enumerate(row):
            _box(shapes, _BOX_X + column * (_BOX_WIDTH + _GAP), y, height, words, colour)
        y += 12 + height + 14
    return y - 14


def _box(shapes: list[str], x: int, wire_y: int, height: int, words: Sequence[str], colour: str) -> None:
    """One part on its stub; the first line is its title."""
    middle = x + _BOX_WIDTH // 2
    shapes.append(line(middle, wire_y, middle, wire_y + 12, colour))
    shapes.append(rectangle(x, wire_y + 12, _BOX_WIDTH, height, stroke=colour))
    for row, words_ in enumerate(words):
        shapes.append(text(x + _PAD, wire_y + 28 + row * _PITCH, words_, bold=row == 0))


def _words(part: Part, bus: BusWiring) -> list[str]:
    place = pin_of(bus, int(part.address)) if part.chip == "GPIO" else ""
    said = [f"{part.title}{f', {place}' if place else ''}", part.device, *part.serves]
    said += [f"fed by load {part.power}"] if part.power is not None else []
    said += ["may be left out"] if part.optional else []
    return [row for words in said for row in folded(words, _BOX_WIDTH - 2 * _PAD)]


def _notes(rover: RoverFile, y: int) -> list[str]:
    """What is not on any bus."""
    said = []
    for state, on in (("on", True), ("off", False)):
        names = [name for name, safe in not_switched(rover.hardware) if safe is on]
        said += [f"No line, always {state}: {', '.join(names)}"] if names else []
    loose = [f"{part.device} ({part.chip})" for part in parts_of(rover.hardware) if not part.bus]
    said += [f"Without a bus: {', '.join(loose)}"] if loose else []
    if rover.hardware.beside:
        said.append(f"Beside these buses: {', '.join(rover.hardware.beside)}")
    rows = [row for words in said for row in folded(words, WIDTH - 2 * _COMPUTER_X)]
    return [text(_COMPUTER_X, y + index * _PITCH, row, colour=INK) for index, row in enumerate(rows)]
