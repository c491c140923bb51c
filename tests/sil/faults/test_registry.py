"""Rules for every row of the fault registry, also for those that come later; and each one can be started and ended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import pytest
from msgspec import inspect as types

from hal.api.config import Section
from sil.faults.families import Family, families
from sil.faults.kinds import Layer
from sil.faults.merging import merged
from sil.faults.registry import REGISTRY, parameters
from sil.mission import Mission
from sil.scenario import FaultSection, Scenario, StartSection
from telemetry_defs.dictionary import DICTIONARY

LEAST_PAIRS: Final = 45
FIRST_S: Final = 1.0
STEP_S: Final = 0.2
"""Between the starts of two members of a family."""
LASTS_S: Final = 0.7
LIMITS: Final = (("ge", "gt"), ("le", "lt"))


def test_the_registry_is_large_and_reaches_every_layer() -> None:
    """Plant, device, wire, link, computer."""
    assert len(REGISTRY) >= LEAST_PAIRS
    assert {fault.layer for fault in REGISTRY.values()} == set(Layer)


def test_no_pair_is_listed_twice() -> None:
    """A later part would silently take the place of an earlier one."""
    one = dict(list(REGISTRY.items())[:1])
    with pytest.raises(ValueError, match="listed twice: "):
        merged(REGISTRY, one)


def test_a_name_stands_for_the_same_devices_everywhere() -> None:
    """Two families of one name would be two lines of docs/faults.md that nobody can tell apart."""
    devices: dict[str, set[str]] = {}
    for family in families():
        assert devices.setdefault(family.name, set(family.devices)) == set(family.devices)
    assert "wheels.*" in devices
    assert devices["loads.* (not charge)"] == devices["loads.*"] - {"loads.charge"}
    assert all(name.startswith("gpio.heater_") for name in devices["gpio.heater_*"])


@pytest.mark.parametrize("family", families(), ids=lambda family: family.id)
def test_a_row_says_what_it_must(family: Family) -> None:
    """In the dictionary's words, and such that a scenario, a table and a command line can name it."""
    fault = family.fault
    for name in (*family.devices, family.kind):
        assert re.fullmatch(r"[a-z0-9_.]{1,60}", name), name
    assert fault.meaning, "says what is wrong"
    assert fault.response, "says what flight should do"
    assert set(fault.events) <= {event.name for event in DICTIONARY.events}
    assert fault.lasting or not fault.ramps, "what happens at an instant has no ramp"
    assert (fault.layer is Layer.WIRE) <= (fault.depth == "wire"), "a wire is there at depth wire only"
    for text in (fault.meaning, fault.response, fault.single_point):
        assert "\n" not in text


@pytest.mark.parametrize("family", families(), ids=lambda family: family.id)
def test_every_parameter_has_a_range_and_a_default_within_it(family: Family) -> None:
    """Numbers both ends, texts and lists a greatest length or a closed choice."""
    problems = list(_problems(family.fault.params))
    assert problems == []
    assert parameters(family.devices[0], family.kind, {}) == family.fault.params()


def _problems(kind: type[Section]) -> Iterator[str]:
    for field in msgspec.structs.fields(kind):
        if field.required:
            yield f"{field.name} has no default"
        if not _bounded(types.type_info(field.type)):
            yield f"{field.name} has no range"


def _bounded(info: Any) -> bool:
    if isinstance(info, types.UnionType):
        return all(_bounded(part) for part in info.types)
    if isinstance(info, (types.IntType, types.FloatType)):
        return all(any(getattr(info, limit) is not None for limit in ends) for ends in LIMITS)
    if isinstance(info, types.StrType):
        return info.pattern is not None or info.max_length is not None
    if isinstance(info, (types.ListType, types.VarTupleType)):
        return info.max_length is not None and _bounded(info.item_type)
    if isinstance(info, types.TupleType):
        return all(_bounded(item) for item in info.item_types)
    return isinstance(info, (types.BoolType, types.LiteralType, types.EnumType, types.NoneType))


@pytest.mark.parametrize("kind", [float, str, list[int]], ids=["number", "text", "list"])
def test_the_rule_of_ranges_sees_what_has_none(kind: type) -> None:
    """So that the test above can fail."""
    assert not _bounded(types.type_info(kind))


@pytest.mark.parametrize("family", families(), ids=lambda family: family.id)
def test_every_pair_can_be_started_and_ended(family: Family) -> None:
    """All members of a family in one mission; Rahi does not fail, and every change is logged."""
    mission = Mission(_scenario(family))
    mission.run()
    changes = [(item.device, item.level) for item in mission.injector.log]
    assert {device for device, level in changes if level == 1.0} == set(family.devices)
    assert {device for device, level in changes if level == 0.0} == (
        set(family.devices) if family.fault.lasting else set()
    )
    assert mission.injector.active == ()
    assert mission.ended


def _scenario(family: Family) -> Scenario:
    starts = [FIRST_S + STEP_S * number for number in range(len(family.devices))]
    return Scenario(
        name="one_family",
        world="flat",
        depth=family.fault.depth or "device",
        duration_s=starts[-1] + LASTS_S + 1.0,
        start=StartSection(time_utc=datetime(2029, 9, 24, tzinfo=UTC)),
        fault=tuple(
            FaultSection(
                at_s=at_s,
                device=device,
                kind=family.kind,
                for_s=LASTS_S if family.fault.lasting else None,
                ramp_s=LASTS_S / 2.0 if family.fault.ramps else 0.0,
            )
            for device, at_s in zip(family.devices, starts, strict=True)
        ),
    )
