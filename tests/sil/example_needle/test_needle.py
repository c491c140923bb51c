"""The worked example of docs/fault-bench.md: a new instrument, its property, and the bug that a search finds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import Phase, find, settings, strategies as st
from hypothesis.errors import NoSuchExample
from msgspec import structs

from flight.instruments import plasma
from flight.instruments.table import INSTRUMENTS
from flight.instruments.unit import Devices, Unit
from flight.subsystems import instruments
from sil.hunt.reduce import reduce
from sil.properties.judging import Judgement, Nearest, Property, judged
from sil.properties.looks import told
from sil.properties.record import Run
from sil.properties.witness import observe
from sil.scenario import CommandSection, Scenario
from sil.strategies.commands import Step, drives
from sil.strategies.missions import missions
from sil.strategies.numbers import tenths
from sim_hal.devices import rack
from tests.sil.example_needle.needle import MendedNeedleUnit, Needle, NeedleUnit

BUILT: list[Needle] = []


def needle_is_in(run: Run) -> Judgement:
    """Looked at after every cycle."""
    nearest = Nearest()
    for look, out in zip(run.looks, run.watched["needle_out"], strict=True):
        if told(look):
            nearest.note(-1.0 if out else 1.0, look.t_ns, "drives with the needle in the ground")
    return nearest.judgement()


NEEDLE_IS_IN = Property(
    name="needle_in_while_driving",
    promise="no wheel is told to turn while the needle is in the ground",
    reason="the first centimetre of driving would break it off",
    judge=needle_is_in,
    excused_by=("wheels.*/runaway",),
)


@st.composite
def science(draw: st.DrawFn) -> Step:
    """A measurement, the mode that allows driving, and a drive."""
    measure = {"instrument": "PLASMA", "duration_s": draw(st.sampled_from([5.0, 60.0]))}
    return (
        CommandSection(at_s=7.0, name="instruments.acquire", args=measure),
        CommandSection(at_s=draw(tenths(8.0, 25.0)), name="system.set_mode", args={"mode": "IDLE"}),
        CommandSection(at_s=draw(tenths(26.0, 33.0)), name="mobility.arc", args=draw(drives("mobility.arc"))),
    )


def charged(mission: Scenario) -> Scenario:
    """Driving needs more than 0.6 state of charge; what a drawn mission has is not the question here."""
    return structs.replace(mission, start=structs.replace(mission.start, soc=0.8, temperatures_c={}))


MISSIONS = missions(ground=science(), modes=("IDLE",), most_faults=1).map(charged)


def breaks(scenario: Scenario) -> bool:
    """Fly it and judge it."""
    run = observe(scenario, watch={"needle_out": lambda mission: float(bool(BUILT) and BUILT[-1].out)})
    return not judged(NEEDLE_IS_IN, run).holds


FEW = settings(max_examples=60, database=None, deadline=None, phases=[Phase.generate])
"""Scenarios are reduced by their own parts, which is faster than by the choices that made them."""


@pytest.fixture
def carried(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    """The two rows that adding an instrument takes: its device in the rack, its unit in flight's table."""

    def built(*parts: object) -> Needle:
        BUILT.append(Needle(*parts))  # type: ignore[arg-type]  # what the rack gives to every payload
        return BUILT[-1]

    def unit(devices: Devices) -> Unit | None:
        made: Unit = request.param(devices.instruments["plasma"])
        return made

    row = replace(plasma.SPEC, find=unit)
    monkeypatch.setattr(rack, "PAYLOADS", (*rack.PAYLOADS[:2], ("plasma", built)))
    monkeypatch.setattr(instruments, "INSTRUMENTS", (*INSTRUMENTS[:3], row))
    yield
    BUILT.clear()


@pytest.mark.parametrize("carried", [NeedleUnit], indirect=True)
def test_the_search_finds_the_bug(carried: None) -> None:
    """A measurement that is broken off leaves the needle out; no fault is needed to show it."""
    smallest = reduce(find(MISSIONS, breaks, settings=FEW), breaks, over=lambda: False)

    assert not smallest.fault
    assert [command.name for command in smallest.command] == ["instruments.acquire", "system.set_mode", "mobility.arc"]


@pytest.mark.parametrize("carried", [MendedNeedleUnit], indirect=True)
def test_mended_it_finds_nothing(carried: None) -> None:
    """With the needle pulled in by every abort."""
    with pytest.raises(NoSuchExample):
        find(MISSIONS, breaks, settings=settings(FEW, max_examples=15))


def test_the_page_shows_this_code() -> None:
    """Every block of docs/fault-bench.md, word for word."""
    root = Path(__file__).parents[3]
    page = (root / "docs" / "fault-bench.md").read_text(encoding="utf-8")
    code = "".join(path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("*.py")))
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)

    assert len(blocks) == 5
    assert [block for block in blocks if block not in code] == []
