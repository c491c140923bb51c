"""The rows of devices and links as a table: names, events, what the properties of the hunt ask for."""

from __future__ import annotations

from typing import Final

from hal.api.values import CORNERS, FACES, TEMPERATURES, WHEELS
from sil.faults.kinds import Layer
from sil.faults.registry import REGISTRY
from telemetry_defs.dictionary import DICTIONARY

OURS: Final = {pair: fault for pair, fault in REGISTRY.items() if fault.layer in (Layer.DEVICE, Layer.LINK)}
MEMBERS: Final = {"wheels": WHEELS, "steering": CORNERS, "temperatures": TEMPERATURES, "array": FACES}
WANTED_BY_PROPERTIES: Final = (
    *(f"{name}/silent" for name in ("imu", "power_monitor", "temperatures", "heaters", "loads", "array", "steering")),
    *(f"{name}/silent" for name in ("radio_local", "radio_relay", "storage", "watchdog", "wheels")),
    *(f"{name}/bad" for name in ("imu", "power_monitor", "temperatures", "wheels")),
    *(f"{name}/stale" for name in ("imu", "wheels")),
    "imu/nan",
)


def test_every_row_says_what_it_is_and_what_flight_does() -> None:
    """In a few words, that differ."""
    for pair, fault in OURS.items():
        assert fault.meaning, pair
        assert fault.response, pair
        assert fault.response != fault.meaning, pair


def test_every_event_is_one_of_the_dictionary() -> None:
    """A misspelt one could never be raised."""
    known = {event.name for event in DICTIONARY.events}
    assert {name for fault in OURS.values() for name in fault.events} <= known


def test_every_pair_that_a_property_names_exists() -> None:
    """With an event that tells of it."""
    for name in WANTED_BY_PROPERTIES:
        device, _, kind = name.partition("/")
        assert OURS[device, kind].events, name


def test_a_member_has_what_its_siblings_have() -> None:
    """Six wheels, four corners, twelve sensors, three faces; each kind for all."""
    for family, names in MEMBERS.items():
        kinds = {kind for device, kind in OURS if device.startswith(f"{family}.")}
        assert kinds, family
        for kind in kinds:
            assert all((f"{family}.{name}", kind) in OURS for name in names), (family, kind)


def test_there_are_many_kinds() -> None:
    """Counted with a family of members as one."""
    kinds = {(device.partition(".")[0], "." in device, kind) for device, kind in OURS}
    assert len(kinds) >= 100
