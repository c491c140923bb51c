"""Every safety property can hold and can fail, and each of its excuses excuses."""

from __future__ import annotations

import math
import re
from fnmatch import fnmatchcase

import pytest

from hal.api.clock import seconds
from sil.faults.registry import REGISTRY
from sil.properties.catalogue import ALL, PROPERTIES, judge_all, named
from sil.properties.judging import Nearest, Property, judged
from sil.properties.reporting import SURELY_SEEN
from sil.properties.stopping import BLIND
from tests.sil.properties.doctors import DOCTORS, Doctor, activation
from tests.sil.properties.flights import TEXTS, copied, looked

PAIRS = tuple(f"{device}/{kind}" for device, kind in REGISTRY)
EXCUSES = [(name, pattern) for name, prop in PROPERTIES.items() for pattern in dict.fromkeys(prop.excused_by)]


@pytest.mark.parametrize("name", TEXTS)
def test_all_hold_on_a_good_run(name: str) -> None:
    """Nothing is wrong with these missions."""
    judgements = judge_all(looked(name).run)

    assert {key: item.text for key, item in judgements.items() if not item.holds} == {}


def test_each_can_be_broken() -> None:
    """Every property has somebody who breaks it."""
    assert {doctor.prop for doctor in DOCTORS} == set(PROPERTIES)


@pytest.mark.parametrize("doctor", DOCTORS, ids=lambda doctor: f"{doctor.prop}: {doctor.how}")
def test_a_broken_promise_is_seen(doctor: Doctor) -> None:
    """Altered in one thing, the run breaks the property and the judgement says what happened and when."""
    run = copied(doctor.flight)
    doctor.alter(run)

    judgement = judged(PROPERTIES[doctor.prop], run)

    assert judgement.margin < 0.0
    assert not judgement.holds
    assert judgement.text
    assert 0.0 <= judgement.t_s <= TEXTS_END_S


TEXTS_END_S = 41.0
"""All missions last 40 s; a doctor may add a cycle."""


@pytest.mark.parametrize(("name", "pattern"), EXCUSES)
def test_an_excuse_excuses(name: str, pattern: str) -> None:
    """A fault that is beyond flight's powers takes the judgement away, and only that one does."""
    doctor = next(item for item in DOCTORS if item.prop == name)
    run = copied(doctor.flight)
    doctor.alter(run)
    assert not judged(PROPERTIES[name], run).holds

    run.faults.append(activation(*_pair_for(pattern), at_s=1.0))
    run._pairs = None
    excused = judged(PROPERTIES[name], run)

    assert excused.holds
    assert excused.margin == math.inf
    assert excused.text == "excused"


def _pair_for(pattern: str) -> tuple[str, str]:
    """The first registered pair that matches."""
    pair = next(pair for pair in PAIRS if fnmatchcase(pair, pattern))
    device, _, kind = pair.rpartition("/")
    return device, kind


@pytest.mark.parametrize("pattern", sorted({pattern for _, pattern in EXCUSES}))
def test_an_excuse_names_faults_that_exist(pattern: str) -> None:
    """A pattern with a slip of the pen would excuse nothing."""
    assert any(fnmatchcase(pair, pattern) for pair in PAIRS)


@pytest.mark.parametrize("pattern", [*(pattern for pattern, _ in BLIND), *SURELY_SEEN])
def test_a_fault_that_a_promise_waits_for_exists(pattern: str) -> None:
    """So do those that promises about blindness and reports look for."""
    assert any(fnmatchcase(pair, pattern) for pair in PAIRS)


@pytest.mark.parametrize("prop", PROPERTIES.values(), ids=PROPERTIES)
def test_each_says_what_it_promises_and_why(prop: Property) -> None:
    """Name, promise and reason stand in the table of the docs."""
    assert re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", prop.name)
    for text in (prop.promise, prop.reason):
        assert len(text) > 15
        assert text == text.strip()
        assert not text.endswith(".")


def test_names_and_all() -> None:
    """`all` is every property; a name is one; anything else is none."""
    assert named(ALL) == tuple(PROPERTIES.values())
    assert [prop.name for prop in named("no_row_raises")] == ["no_row_raises"]
    with pytest.raises(KeyError):
        named("no_such_property")


@pytest.mark.parametrize(("lost_s", "holds"), [(3.0, True), (1.0, False)])
def test_a_device_that_fails_twice_is_told_of_once(lost_s: float, holds: bool) -> None:
    """The event of the first failure counts for the second, but not one from before both."""
    run = copied("driving")
    run.faults += [activation("imu", "reset", 2.0), activation("imu", "silent", 10.0)]
    run.events[:] = [(seconds(lost_s), "mobility.imu_lost")]

    assert judged(PROPERTIES["faults_are_told"], run).holds is holds


def test_a_judgement_tells_when_it_was_first_broken() -> None:
    """Not when it was worst; of a promise that was kept, when it came nearest."""
    broken, kept = Nearest(), Nearest()
    for t_s, margin in ((1.0, 0.5), (2.0, -0.1), (3.0, -0.9)):
        broken.note(margin, seconds(t_s))
        kept.note(margin + 1.0, seconds(t_s))

    assert (broken.judgement().t_s, broken.judgement().margin) == (2.0, -0.9)
    assert kept.judgement().t_s == 3.0
