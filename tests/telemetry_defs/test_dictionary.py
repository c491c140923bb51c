"""The dictionary: what it refuses, what it finds, and what its hash means."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pytest

import telemetry_defs
from telemetry_defs.definitions import Area, Command, Event, FailureCode, Housekeeping, Mode, Parameter, Severity
from telemetry_defs.dictionary import DICTIONARY, Dictionary, DictionaryError
from telemetry_defs.wire import Wire
from tests.telemetry_defs.records import DRIVE, HK, LIMIT, PING, SHED, SMALL, Everything, Shed, area

OTHER = Area("thermal", 0x102, 2)
HUGE = msgspec.defstruct("Huge", [("text", Annotated[bytes, Wire("bytes", max_bytes=1010)])])
UNITLESS = msgspec.defstruct("Unitless", [("bus", Annotated[float, Wire("f32")])])


def changed(item: Any, **changes: Any) -> Any:
    return msgspec.structs.replace(item, **changes)


@pytest.mark.parametrize(
    ("areas", "culprit"),
    [
        ([area(name="Power")], "'Power': name must be lower_case"),
        ([area(apid=0x7FF)], "APID 0x7ff"),
        ([area(number=256)], "number 256"),
        ([area(), changed(OTHER, name="power")], "area name power"),
        ([area(), changed(OTHER, number=1)], "area number 1 of thermal is taken by power"),
        ([area(housekeeping=(HK, changed(HK, structure_id=8)))], "name power.hk"),
        ([area(housekeeping=(HK, changed(HK, name="power.b")))], "structure id 7 of power.b is taken by power.hk"),
        ([area(housekeeping=(changed(HK, structure_id=255),))], "power.hk: structure id 255"),
        ([area(housekeeping=(changed(HK, period_s=-1.0),))], "power.hk: period -1.0"),
        ([area(housekeeping=(changed(HK, name="mobility.hk"),))], "'mobility.hk': name must be power.lower_case"),
        ([area(housekeeping=(changed(HK, meaning=""),))], "power.hk: meaning is empty"),
        ([area(housekeeping=(changed(HK, cls=HUGE),))], "power.hk: 1012 bytes, at most 1002"),
        ([area(housekeeping=(changed(HK, cls=UNITLESS),))], "power.hk: field bus has no unit"),
        ([area(commands=(changed(DRIVE, function_id=0x0201),))], "power.drive: function id 0x0201 must have"),
        ([area(commands=(changed(DRIVE, function_id=None),))], "power.drive: needs either"),
        ([area(commands=(changed(PING, function_id=0x0102),))], "power.ping: needs either"),
        (
            [area(commands=(DRIVE, changed(DRIVE, name="power.b")))],
            "function id 257 of power.b is taken by",
        ),
        ([area(commands=(PING, changed(PING, name="power.b")))], r"service \(17, 1\) of power.b"),
        ([area(commands=(changed(DRIVE, cls=HUGE),))], "power.drive: 1012 bytes, at most 241"),
        ([area(commands=(changed(PING, service=256),))], "power.ping: service 256"),
        ([area(events=(SHED, changed(SHED, name="power.b")))], "event id 257 of power.b"),
        ([area(events=(changed(SHED, event_id=0xFFFF),))], "power.shed: event id 65535"),
        ([area(events=(changed(SHED, cls=int),))], "power.shed: int is not a msgspec.Struct"),
        ([area(parameters=(LIMIT, changed(LIMIT, name="power.b")))], "parameter id 257 of power.b"),
        ([area(parameters=(changed(LIMIT, parameter_id=0x8000),))], "power.soc_low: parameter id 32768"),
        ([area(parameters=(changed(LIMIT, unit=""),))], "power.soc_low: unit is empty"),
        ([area(parameters=(changed(LIMIT, default=0.95),))], "default of power.soc_low = 0.95 outside 0.1..0.9"),
        ([area(parameters=(changed(LIMIT, integer=True),))], "default of power.soc_low = 0.3 must be a whole number"),
    ],
)
def test_a_wrong_declaration_is_refused_by_name(areas: list[Area], culprit: str) -> None:
    """Every rule of the dictionary stops the build and names the culprit."""
    with pytest.raises(DictionaryError, match=culprit):
        Dictionary(areas)


def test_look_up_by_name_and_by_number_agree() -> None:
    """Whatever the mission declares is found both ways."""
    for hk in DICTIONARY.housekeeping:
        assert DICTIONARY.hk(hk.name) is DICTIONARY.hk_by_id(hk.structure_id) is hk
    for event in DICTIONARY.events:
        assert DICTIONARY.event(event.name) is DICTIONARY.event_by_id(event.event_id) is event
    for parameter in DICTIONARY.parameters:
        assert DICTIONARY.parameter(parameter.name) is DICTIONARY.parameter_by_id(parameter.parameter_id) is parameter
    for command in DICTIONARY.commands:
        by_number = (
            DICTIONARY.command_by_service(command.service, command.subtype)
            if command.function_id is None
            else DICTIONARY.command_by_function(command.function_id)
        )
        assert DICTIONARY.command(command.name) is by_number is command
    for report in DICTIONARY.reports:
        assert DICTIONARY.report(report.service, report.subtype) is report


def test_an_unknown_name_proposes_the_nearest() -> None:
    """People misspell; an unknown number is only None."""
    with pytest.raises(DictionaryError, match=r"unknown command 'power.drvie'; did you mean 'power.drive'\?"):
        SMALL.command("power.drvie")
    assert SMALL.command_by_function(0x0999) is None
    assert SMALL.command_by_service(8, 1) is None
    assert SMALL.apid("power.hk") == 0x101


def test_the_hash_follows_the_wire_and_not_the_prose() -> None:
    """A new unit, limit or id is another dictionary; a better wording is the same."""
    assert Dictionary((area(),)).hash32 == SMALL.hash32
    assert Dictionary((area(events=(changed(SHED, meaning="other words"),)),)).hash32 == SMALL.hash32
    for other in (
        area(events=(changed(SHED, event_id=0x0199),)),
        area(housekeeping=(changed(HK, cls=Shed),)),
        area(parameters=(changed(LIMIT, high=0.95),)),
        area(commands=(changed(DRIVE, hazardous=False), PING)),
    ):
        assert Dictionary((other,)).hash32 != SMALL.hash32


@pytest.mark.process
def test_the_hash_is_the_same_in_every_process() -> None:
    """Whatever PYTHONHASHSEED, both ends compute one hash."""
    code = "from telemetry_defs.dictionary import DICTIONARY; print(DICTIONARY.hash32)"
    for seed in ("1", "2"):
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(telemetry_defs.__file__).parents[1])}
        run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        assert int(run.stdout) == DICTIONARY.hash32


def test_mode_codes_differ_in_two_bits() -> None:
    """One flipped bit in the persisted mode is never another legal mode, nor zero, nor all ones."""
    for a, b in itertools.combinations([0x00, 0xFF, *Mode], 2):
        assert (a ^ b).bit_count() >= 2
    assert len(Mode) == 13


def test_failure_codes_and_severities_fit_their_fields() -> None:
    """u16 and the PUS 5 subtypes."""
    assert all(0 < code < 0xFFFF for code in FailureCode)
    assert [int(severity) for severity in Severity] == [1, 2, 3, 4]


def test_command_and_parameter_helpers() -> None:
    """Modes, arm codes and the range of a parameter."""
    assert DRIVE.allowed_in(Mode.IDLE)
    assert not DRIVE.allowed_in(Mode.SAFE)
    assert PING.allowed_in(Mode.SAFE)
    assert (DRIVE.arm_code, LIMIT.arm_code) == (0x0101, 0x8101)
    assert LIMIT.problem(0.5) is None
    assert LIMIT.problem(float("nan")) == "power.soc_low = nan outside 0.1..0.9"
    assert changed(LIMIT, high=5.0, integer=True).problem(1.5) == "power.soc_low = 1.5 must be a whole number"


def test_definitions_take_positions_or_keywords() -> None:
    """Areas may be written either way."""
    assert Housekeeping(name="a.b", structure_id=1, cls=Everything) == Housekeeping("a.b", 1, Everything)
    assert Event(name="a.b", event_id=1, severity=Severity.LOW) == Event("a.b", 1, Severity.LOW)
    assert Command(name="a.b", function_id=3).service == 8
    assert Parameter("a.b", 1, 0.0, 0.0, 1.0, "1", "x").arm_code == 0x8001
