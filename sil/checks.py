"""What a scenario must satisfy beyond its types: names of the dictionary, arguments in range, times within the run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from flight.rover_file import load_rover
from ground.commands import build_arguments
from ground.errors import GroundError
from hal.api.config import ConfigError, Section
from hal.api.config_explain import cut, join_key
from sil.dispersed_faults import disperse_fault_problems
from sil.dispersion import disperse_problems
from sil.faults.checks import fault_problems
from sil.hints import PROPERTIES_PAGE, near_or_all
from sil.properties.catalogue import ALL, PROPERTIES
from sil.scenario import ExpectSection, Scenario
from sim_hal.start import NODES
from sim_hal.world.vehicle_file import load_vehicle
from sim_hal.world.world_file import load_world
from sim_hal.world_values import NAMES as WORLD_NAMES
from telemetry_defs.areas.instruments import InstrumentId
from telemetry_defs.definitions import FailureCode, Mode
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.wire import fields_of


def problems(scenario: Scenario) -> Iterator[str]:
    """Every problem as a sentence that names the key."""
    yield from _files(scenario)
    yield from _start(scenario)
    yield from _commands(scenario)
    yield from _times(scenario)
    yield from fault_problems(scenario)
    yield from disperse_fault_problems(scenario)
    for number, expect in enumerate(scenario.expect, 1):
        for problem in _expect(scenario, expect):
            yield f"expect#{number}.{problem}"


def _files(scenario: Scenario) -> Iterator[str]:
    vehicle = scenario.vehicle
    try:
        rover = load_rover(scenario.rover)
        vehicle = vehicle or rover.name
        if scenario.depth == "wire" and not rover.hardware.buses:
            yield f"depth = 'wire': rover {scenario.rover!r} names no buses in [hardware]"
    except ConfigError as error:
        yield f"rover = {scenario.rover!r}: {error}"
    if vehicle is not None:
        yield from _truth(scenario, "vehicle", load_vehicle, vehicle)
    yield from _truth(scenario, "world", load_world, scenario.world)


def _truth(scenario: Scenario, key: str, load: Callable[[str], Section], name: str) -> Iterator[str]:
    try:
        section = load(name)
    except ConfigError as error:
        yield f"{key} = {name!r}: {error}"
    else:
        yield from disperse_problems(section, key, scenario.disperse)


def _start(scenario: Scenario) -> Iterator[str]:
    for node in scenario.start.temperatures_c:
        if node not in NODES:
            yield f"{join_key('start.temperatures_c', node)} is no temperature node{near_or_all(node, NODES)}"
    for number, item in enumerate(scenario.disperse, 1):
        before, _, node = item.key.rpartition(".")
        if before == "start.temperatures_c" and node not in NODES:
            yield f"disperse#{number}.key = {item.key!r} is no temperature node{near_or_all(node, NODES)}"
    yield from disperse_problems(scenario.start, "start", scenario.disperse)


def _commands(scenario: Scenario) -> Iterator[str]:
    ids: set[str] = set()
    for number, command in enumerate(scenario.command, 1):
        try:
            build_arguments(DICTIONARY, command.name, command.args)
        except GroundError as error:
            yield f"command#{number}: {error}"
        if command.after is not None and command.after not in ids:
            yield f"command#{number}.after = {command.after!r} names no earlier command's id"
        if command.id is not None:
            if command.id in ids:
                yield f"command#{number}.id = {command.id!r} is used twice"
            ids.add(command.id)


def _times(scenario: Scenario) -> Iterator[str]:
    end_s = scenario.duration_s
    for key in ("command", "uplink", "fault", "computer"):
        for number, item in enumerate(getattr(scenario, key), 1):
            if item.at_s > end_s:
                yield f"{key}#{number}.at_s = {item.at_s:g} is after the end of the run ({end_s:g} s)"
    for number, expect in enumerate(scenario.expect, 1):
        if expect.archived_until_s is not None and expect.archived_until_s > end_s:
            until_s = expect.archived_until_s
            yield f"expectation {number} looks until {until_s:g} s (archived_until_s), the run ends at {end_s:g} s"
        for key in ("between_s", "always_s", "eventually_s"):
            span = getattr(expect, key)
            if span is None:
                continue
            if span[0] > span[1]:
                yield f"expect#{number}.{key} = [{span[0]:g}, {span[1]:g}] must rise"
            elif span[1] > end_s:
                yield f"expectation {number} looks until {span[1]:g} s ({key}), the run ends at {end_s:g} s"


def _expect(scenario: Scenario, expect: ExpectSection) -> Iterator[str]:
    if expect.event is not None:
        yield from _among("event", expect.event, (event.name for event in DICTIONARY.events))
    if expect.final_mode is not None:
        yield from _among("final_mode", expect.final_mode, ("OFF", *Mode.__members__))
    if expect.refused is not None:
        yield from _among("refused", expect.refused, FailureCode.__members__)
    if expect.command is not None:
        sent = [command.id or command.name for command in scenario.command]
        yield from _among("command", expect.command, (*sent, *(command.name for command in scenario.command)))
    if expect.property is not None:
        yield from _among("property", expect.property, (ALL, *PROPERTIES), PROPERTIES_PAGE)
    if expect.product is not None:
        yield from _among("product", expect.product, (instrument.name.lower() for instrument in InstrumentId))
    if expect.value is not None:
        yield from _value(expect.value)


def _value(name: str) -> Iterator[str]:
    area, _, rest = name.partition(".")
    if area == "world":
        yield from _among("value", name, (f"world.{known}" for known in WORLD_NAMES))
        return
    structure, _, field = rest.partition(".")
    known = {hk.name: hk for hk in DICTIONARY.housekeeping}
    hk = known.get(f"{area}.{structure}")
    if hk is None:
        yield from _among("value", f"{area}.{structure}", known)
    else:
        yield from _among("value", field, _numbers(hk.cls))


def _numbers(cls: type) -> Iterator[str]:
    """What of a housekeeping packet is one number: its fields, and the places of those that hold several."""
    for field in fields_of(cls):
        if field.is_tuple:
            yield from (f"{field.name}[{place}]" for place in range(field.wire.count))
        elif field.base is not bytes:
            yield field.name


def _among(key: str, name: str, known: Iterable[str], listed: str = "") -> Iterator[str]:
    names = tuple(known)
    if name not in names:
        yield f"{key} = {cut(repr(name))} is unknown{near_or_all(name, names, listed)}"
