"""The generated pages of docs/ are those that the code would write now, and say what the code says."""

import re
from pathlib import Path

import pytest

from flight.factories import Factories
from flight.modes.table import MODES
from flight.subsystems.power import Power
from sil.docs.data_flow import data_flow_page
from sil.docs.flight_source import row_flows
from sil.docs.modes import mode_targets, modes_page
from sil.docs.pages import pages
from telemetry_defs.areas.system import ROWS
from telemetry_defs.definitions import Mode

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", sorted(pages()))
def test_the_page_on_disk_is_what_the_code_says(name: str) -> None:
    """`make docs` has been run since the code changed."""
    assert (DOCS / name).read_text(encoding="utf-8") == pages()[name], "run: make docs"


def test_the_mode_picture_has_every_transition_of_the_table() -> None:
    """All arrows but those into SAFE, and no other."""
    drawn = {(Mode[a], Mode[b]) for a, b in re.findall(r"^  (\w+) --> (\w+)$", modes_page(), re.MULTILINE)}

    assert drawn == {(mode, after) for mode, spec in MODES.items() for after in spec.next if after is not Mode.SAFE}


def test_the_data_flow_has_the_rows_of_the_schedule_in_order() -> None:
    """As flight names them in its telemetry."""
    assert tuple(flow.name for flow in row_flows()) == tuple(ROWS)


def test_the_data_flow_knows_who_feeds_whom() -> None:
    """Spot checks that a person can follow: who reads the battery, who owns the wheels."""
    flows = {flow.name: flow for flow in row_flows()}

    assert flows["power"].publishes == ("power",)
    assert "power" in flows["thermal"].reads
    assert "wheels" in flows["mobility"].devices
    assert flows["watchdog"].reads == ()
    assert "row_power -- PowerState --> row_thermal" in data_flow_page()
    assert all(len(flow.publishes) <= 1 for flow in flows.values())


def test_the_mode_targets_are_those_of_every_subsystem_that_flight_makes() -> None:
    """Found through the factories: a new subsystem is in the page without anybody naming it."""
    assert list(mode_targets(Factories)) == ["power", "thermal", "comms", "mobility", "instruments"]

    class More(Factories):
        def second_power(self) -> Power:
            return self.power()

    assert mode_targets(More) == {"second_power": mode_targets(Factories)["power"]}


def test_a_subsystem_without_mode_targets_is_named() -> None:
    """Rather than left out."""

    class Bad:
        def forgetful(self) -> Path:
            return Path()

    with pytest.raises(ValueError, match="has no MODE_TARGETS: what forgetful does"):
        mode_targets(Bad)
