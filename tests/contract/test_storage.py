"""Contract of `Storage`: small named files and honest tickets."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.api.errors import NotReady
from hal.api.storage import Storage
from tests.contract.rigs import Rig, fake_clock, sim_bench
from tests.fakes.storage import FakeStorage


def _sim() -> Rig[Storage]:
    bench = sim_bench()
    return bench.rig(bench.hal.storage)


def _fake() -> Rig[Storage]:
    return Rig(FakeStorage(), fake_clock())


STORAGES: list[Callable[[], Rig[Storage]]] = [_sim, _fake]

operations = st.lists(
    st.tuples(
        st.sampled_from(["append", "replace", "remove"]), st.sampled_from(["a", "b", "c"]), st.binary(max_size=20)
    ),
    max_size=20,
)


@pytest.mark.parametrize("make", STORAGES)
@given(steps=operations)
def test_storage_is_a_dictionary_of_byte_strings(
    make: Callable[[], Rig[Storage]], steps: list[tuple[str, str, bytes]]
) -> None:
    """Whatever the order of operations, reading gives what a dictionary would; tickets rise."""
    storage = make().device
    model: dict[str, bytes] = {}
    last = storage.synced_through()
    for kind, name, data in steps:
        if kind == "append":
            ticket = storage.append(name, data)
            model[name] = model.get(name, b"") + data
        elif kind == "replace":
            ticket = storage.replace(name, data)
            model[name] = data
        else:
            ticket = storage.remove(name)
            model.pop(name, None)
        assert ticket > last
        last = ticket
    assert storage.list() == tuple(sorted(model))
    assert {name: storage.read(name) for name in storage.list()} == model


@pytest.mark.parametrize("make", STORAGES)
def test_a_ticket_is_acknowledged_only_after_a_sync(make: Callable[[], Rig[Storage]]) -> None:
    """Not at once, but within a second of the request."""
    rig = make()
    ticket = rig.device.append("log", b"line")
    assert rig.device.synced_through() < ticket
    rig.device.request_sync()
    rig.pass_s(1.0)
    assert rig.device.synced_through() >= ticket


@pytest.mark.parametrize("make", STORAGES)
def test_a_missing_file_is_not_ready(make: Callable[[], Rig[Storage]]) -> None:
    """Reading it raises; removing it does not."""
    storage = make().device
    with pytest.raises(NotReady):
        storage.read("none")
    storage.remove("none")
