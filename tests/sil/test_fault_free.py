"""A mission in which nothing breaks: no loss, no protection, no wasted cycle."""

from __future__ import annotations

import json

from ground.archive import Archive
from telemetry_defs.definitions import Severity
from telemetry_defs.packets import split_packets
from tests.sil.conftest import Flown


def test_first_drive_passes_every_expectation(first_drive: Flown) -> None:
    """The verdict, in one boot, with no cycle missed."""
    result = first_drive.result
    assert [verdict.text for verdict in result.expectations if not verdict.passed] == []
    assert (result.boots, result.overruns) == (1, 0)
    assert result.cycles == result.sim_s * 10


def test_a_link_in_view_loses_nothing(first_drive: Flown) -> None:
    """Whatever the rover sent, the station received whole; every command came to its end."""
    result = first_drive.result
    assert result.lost_packets == 0
    assert sum(result.commands.values()) == result.commands["completed"] + result.commands["refused"]
    assert result.commands["refused"] == 1


def test_no_event_is_worse_than_the_refusal_that_was_asked_for(first_drive: Flown) -> None:
    """No alarm where nothing is wrong."""
    lines = [json.loads(line) for line in (first_drive.folder / "events.jsonl").read_bytes().splitlines()]
    assert lines
    assert [line for line in lines if line["severity"] in (Severity.MEDIUM.name, Severity.HIGH.name)] == []


def test_downlink_bin_holds_whole_packets_only(first_drive: Flown) -> None:
    """As many as the result says, and not a byte more."""
    stream = (first_drive.folder / "downlink.bin").read_bytes()
    packets = list(split_packets(stream))
    assert len(packets) == first_drive.result.downlink_packets
    assert sum(map(len, packets)) == len(stream)


def test_no_value_is_clipped(first_drive: Flown) -> None:
    """Every field has room for what a healthy rover reports, sensor noise around zero included."""
    with Archive.read(first_drive.folder / "telemetry.sqlite") as archive:
        _, saturated = archive.series("system.hk", "values_saturated")
    assert saturated
    assert set(saturated) == {0}
