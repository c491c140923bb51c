"""Exports of the real dictionary, read by third parties where there are any."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from hypothesis import given, settings, strategies as st
from space_packet_parser.cli import spp

from telemetry_defs import reports
from telemetry_defs.codec import Codec
from telemetry_defs.definitions import Command, Event, Housekeeping
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.exports.json import to_json
from telemetry_defs.exports.markdown import to_markdown
from telemetry_defs.exports.xtce import to_xtce
from telemetry_defs.exports.xtce_xml import NAMESPACE, flat_name
from telemetry_defs.formats import decode_tm, record_format
from telemetry_defs.packets import TimeQuality, build_tm
from telemetry_defs.wire import fields_of
from tests.telemetry_defs.records import SMALL, records
from tests.telemetry_defs.xtce_reader import XtceReader, compare_record

XML = to_xtce(DICTIONARY)
PREFIX = f"{{{NAMESPACE}}}"
Item = Housekeeping | Event | reports.Report


@pytest.fixture(scope="module")
def xtce() -> XtceReader:
    return XtceReader(XML)


def test_xtce_is_valid_by_its_schema(tmp_path: Path) -> None:
    """`spp validate` finds nothing, for the mission and for the small dictionary with every kind of field."""
    for dictionary in (DICTIONARY, SMALL):
        path = tmp_path / "rahi.xml"
        path.write_text(to_xtce(dictionary))
        result = CliRunner().invoke(spp, ["validate", "--level", "schema", "--no-schema-download", str(path)])
        assert result.exit_code == 0, result.output


def _packet(item: Item, value: Any) -> bytes:
    data = Codec(item.cls).pack(value)
    if isinstance(item, Housekeeping):
        service, subtype, data = 3, 25, reports.pack_structure(item.structure_id, data)
    elif isinstance(item, Event):
        service, subtype, data = 5, int(item.severity), reports.pack_event(item.event_id, data)
    else:
        service, subtype = item.service, item.subtype
    return build_tm(0x101, service, subtype, 5, 6, 7_500_000_000, TimeQuality.GROUND, data)


ITEMS: tuple[Item, ...] = (*DICTIONARY.housekeeping, *DICTIONARY.events, *DICTIONARY.reports)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.name)
@settings(max_examples=4)
@given(data=st.data())
def test_xtce_decodes_every_packet_to_our_values(xtce: XtceReader, item: Item, data: st.DataObject) -> None:
    """space-packet-parser with our XTCE reads what our own ground reads."""
    packet = _packet(item, data.draw(records(item.cls)))
    ours, theirs = decode_tm(packet).fields, xtce.parse(packet)
    compare_record(item.name, item.cls, ours, theirs)
    assert theirs["packet_crc"] == int.from_bytes(packet[-2:], "big")


def test_xtce_reads_a_parameter_report(xtce: XtceReader) -> None:
    """The pairs of TM[20,2] come out as one binary parameter of the right length."""
    data = reports.pack_parameter_report([(1, 2.0), (3, 4.0)])
    theirs = xtce.parse(build_tm(0x100, 20, 2, 0, 0, 0, 0, data))
    assert theirs["parameter_values_pairs"] == data[1:]


def test_xtce_header(xtce: XtceReader) -> None:
    """Header parameters are flat and named as in the standard."""
    theirs = xtce.parse(build_tm(0x103, 17, 2, 5, 6, 7_500_000_000, TimeQuality.GROUND, b"", 9))
    expected = {"apid": 0x103, "sequence_count": 5, "message_count": 6, "destination_id": 9, "time_s": 7}
    assert {name: theirs[name] for name in expected} == expected
    assert (theirs["time_fraction"], theirs["time_quality"]) == (0x8000, "GROUND")


def test_xtce_names_are_unique_and_every_command_is_there() -> None:
    """Parameters, containers, algorithms and commands each have names of their own."""
    root = ElementTree.fromstring(XML)
    for tag in ("Parameter", "SequenceContainer", "MetaCommand", "CustomAlgorithm"):
        names = [element.get("name") for element in root.iter(PREFIX + tag)]
        assert len(names) == len(set(names)) > 0
    commands = [element.get("name") for element in root.iter(PREFIX + "MetaCommand")]
    assert commands == ["telecommand", *(flat_name(command.name) for command in DICTIONARY.commands)]


def test_xtce_warns_of_exactly_the_hazardous_commands() -> None:
    """An operator of another system is warned where ours is."""
    root = ElementTree.fromstring(XML)
    warned = [
        command.get("name")
        for command in root.iter(PREFIX + "MetaCommand")
        if command.find(f"{PREFIX}DefaultSignificance[@consequenceLevel='critical']") is not None
    ]
    assert warned == [flat_name(command.name) for command in DICTIONARY.commands if command.hazardous]


def _bits(command: Command) -> int:
    """Bits of the application data that XTCE lays out for a command, a bytes argument counted as empty."""
    root = ElementTree.fromstring(XML)
    name = flat_name(command.name)
    meta = root.find(f".//{PREFIX}MetaCommand[@name='{name}']")
    assert meta is not None
    sizes = {
        kind.get("name"): int(encoding.get("sizeInBits", "0"))
        for kind in next(root.iter(PREFIX + "ArgumentTypeSet"))
        for encoding in kind
        if encoding.tag.endswith("DataEncoding")
    }
    types = {item.get("name"): item.get("argumentTypeRef") for item in meta.iter(PREFIX + "Argument")}
    fixed = sum(int(entry.get("sizeInBits", "0")) for entry in meta.iter(PREFIX + "FixedValueEntry"))
    return fixed + sum(sizes[types[item.get("argumentRef")]] for item in meta.iter(PREFIX + "ArgumentRefEntry"))


@pytest.mark.parametrize("command", DICTIONARY.commands, ids=lambda command: command.name)
def test_xtce_commands_have_the_size_of_ours(command: Command) -> None:
    """Function id and arguments fill as many bits as our codec packs."""
    assert _bits(command) == 8 * (Codec(command.cls).size + (0 if command.function_id is None else 2))


def test_json_holds_everything() -> None:
    """A script finds every definition with its fields."""
    document = json.loads(to_json(DICTIONARY))
    assert document["dictionary_hash"] == DICTIONARY.hash32
    for key in ("housekeeping", "commands", "events", "parameters"):
        names = [item["name"] for area in document["areas"] for item in area[key]]
        assert names == [item.name for item in getattr(DICTIONARY, key)]
    hk = document["areas"][0]["housekeeping"][0]
    assert [field["name"] for field in hk["fields"]] == [
        field.name for field in fields_of(DICTIONARY.housekeeping[0].cls)
    ]


def test_markdown_holds_everything_in_well_formed_tables() -> None:
    """Every name appears; every row of a table has the columns of its header."""
    text = to_markdown(DICTIONARY)
    items: tuple[Any, ...] = (*ITEMS, *DICTIONARY.commands, *DICTIONARY.parameters)
    for item in items:
        assert item.name in text
    for command in DICTIONARY.commands:
        chapter = text.split(f"#### {command.name}\n")[1].split("\n#")[0]
        assert ("**Hazardous**" in chapter) == command.hazardous
    columns = 0
    for line in text.splitlines():
        if not line.startswith("|"):
            columns = 0
            continue
        columns = columns or line.count("|")
        assert line.count("|") == columns, line


def test_markdown_shows_the_small_dictionary() -> None:
    """Types, scale, ranges and arm codes as an operator reads them."""
    text = to_markdown(SMALL)
    for row in (
        "| `bus_v` | u16? | 0.001 | V | 24..33.6 | bus voltage |",
        "| `web_c` | u8? | 0.5 -60 | degC |  | temperature |",
        "| `wheels_a` | u16? x 6 | 0.001 | A |  | wheel currents |",
        "| `mode` | Mode u8? |  |  |  | mode |",
        "| `speed_m_s` | f32 |  | m/s | 0.01..0.1 | speed |",
        "Drive. TC[8,1] function 0x0101, 12 bytes. Legal in IDLE. **Hazardous**: arm it first with code 0x0101.",
        "| `power.soc_low` | 0x0101 | 0.3 | 0.1..0.9 | 1 | 0x8101 | charge below which loads are shed |",
    ):
        assert row in text


def test_record_formats_print_as_a_readable_layout() -> None:
    """The construct format of a record names its fields in order."""
    raw = record_format(DICTIONARY.housekeeping[0].cls).raw
    assert [item.name for item in raw.subcons] == [field.name for field in fields_of(DICTIONARY.housekeeping[0].cls)]
