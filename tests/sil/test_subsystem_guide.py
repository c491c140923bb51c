"""docs/adding-a-subsystem.md: its code fits the dictionary and behaves, as it stands in the page."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from telemetry_defs import areas
from telemetry_defs.definitions import FailureCode, Mode
from telemetry_defs.dictionary import DICTIONARY, Dictionary
from tests.fakes.context import Bench, FakeExecution

GUIDE = (Path(__file__).parents[2] / "docs" / "adding-a-subsystem.md").read_text(encoding="utf-8")
AREA, SUBSYSTEM = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)


class Loads:
    """Grants what it is told to grant."""

    def __init__(self) -> None:
        self.requested = False
        self.granted = True

    def request(self, name: str, on: bool) -> None:
        assert name == "cover"
        self.requested = on

    def is_on(self, _name: str) -> bool:
        return self.requested and self.granted


def _module(monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> ModuleType:
    module = ModuleType(name)
    monkeypatch.setitem(sys.modules, name, module)
    exec(compile(text, name, "exec"), vars(module))
    return module


class Cover:
    """The page's subsystem on a bench."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        own_apid = AREA.replace("APID_COVER, ", "", 1).replace("apid=APID_COVER", "apid=0x106")
        self.area = _module(monkeypatch, "telemetry_defs.areas.cover", own_apid)
        monkeypatch.setattr(areas, "cover", self.area, raising=False)
        module = _module(monkeypatch, "flight.subsystems.cover", SUBSYSTEM)
        self.mode_targets = module.MODE_TARGETS
        self.bench = Bench(mode=Mode.IDLE)
        self.loads = Loads()
        self.row = module.Cover(loads=self.loads, context=self.bench.context)

    def open(self) -> FakeExecution:
        execution = FakeExecution()
        self.row.handlers()["cover.move"](self.area.MoveArguments(is_open=True), execution)
        return execution

    def run_s(self, duration_s: int) -> None:
        for _ in range(duration_s):
            self.row.tick(self.bench.clock.advance_s(1.0))


@pytest.fixture
def cover(monkeypatch: pytest.MonkeyPatch) -> Cover:
    return Cover(monkeypatch)


def test_its_area_fits_beside_the_others(cover: Cover) -> None:
    """All its numbers are free."""
    assert Dictionary((*DICTIONARY.areas, cover.area.AREA)).command("cover.move").cls is cover.area.MoveArguments
    assert set(cover.mode_targets) == set(Mode)


def test_it_moves_and_says_so(cover: Cover) -> None:
    """Power for as long as the parameter says, then the event and the end of the telecommand."""
    execution = cover.open()
    assert (execution.started, cover.loads.requested) == (True, True)
    cover.run_s(12)
    assert execution.completed
    assert not cover.loads.requested
    assert cover.bench.events.names() == ["cover.moved"]
    assert cover.row.housekeeping().is_open is True


def test_without_power_it_gives_up(cover: Cover) -> None:
    """Not granted, and taken away half-way: where the cover stands is then unknown."""
    cover.loads.granted = False
    refused = cover.open()
    cover.run_s(5)
    assert refused.failure is FailureCode.NOT_AVAILABLE
    cover.loads.granted = True
    cut = cover.open()
    cover.run_s(3)
    cover.loads.granted = False
    cover.run_s(1)
    assert cut.failure is FailureCode.ABORTED
    assert cover.row.housekeeping().is_open is None


def test_another_mode_stops_it(cover: Cover) -> None:
    """The motor has no power outside IDLE."""
    execution = cover.open()
    cover.run_s(3)
    cover.row.apply_mode(Mode.SAFE)
    assert execution.failure is FailureCode.ABORTED
    assert not cover.loads.requested
