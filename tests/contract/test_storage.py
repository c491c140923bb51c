"""Contract of `Storage`: small named files and honest tickets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, strategies as st

from hal.api.errors import NotReady
from hal.api.storage import Storage
from hal.files import FileStorage
from tests.contract.rigs import Rig, fake_clock, sim_bench
from tests.fakes.context import FakeClock
from tests.fakes.storage import FakeStorage

MakeRig = Callable[[], AbstractContextManager[Rig[Storage]]]


@contextmanager
def _sim() -> Iterator[Rig[Storage]]:
    bench = sim_bench()
    yield bench.rig(bench.hal.storage)


@contextmanager
def _fake() -> Iterator[Rig[Storage]]:
    yield Rig(FakeStorage(), fake_clock())


class SettlingClock(FakeClock):
    """Sleeping on it is waiting for the real medium, for as long as that takes."""

    def __init__(self, storage: FileStorage) -> None:
        super().__init__()
        self._storage = storage

    def sleep_until_ns(self, deadline_ns: int) -> None:
        self._storage.settle(60.0)
        super().sleep_until_ns(deadline_ns)


@contextmanager
def _files() -> Iterator[Rig[Storage]]:
    with TemporaryDirectory() as folder:
        storage = FileStorage(Path(folder) / "disk")
        yield Rig(storage, SettlingClock(storage))
        storage.close()


STORAGES: list[MakeRig] = [_sim, _fake, _files]

operations = st.lists(
    st.tuples(
        st.sampled_from(["append", "replace", "remove", "sync"]),
        st.sampled_from(["a", "b", "c"]),
        st.binary(max_size=20),
    ),
    max_size=20,
)


@pytest.mark.parametrize("make", STORAGES)
@given(steps=operations)
def test_storage_is_a_dictionary_of_byte_strings(make: MakeRig, steps: list[tuple[str, str, bytes]]) -> None:
    """Whatever the order of operations, with syncs going on behind them, reading gives what a dictionary would;
    tickets rise."""
    with make() as rig:
        storage = rig.device
        model: dict[str, bytes] = {}
        last = storage.synced_through()
        for kind, name, data in steps:
            if kind == "sync":
                storage.request_sync()
                continue
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
def test_a_ticket_is_acknowledged_only_after_a_sync(make: MakeRig) -> None:
    """Not at once, but within a second of the request."""
    with make() as rig:
        ticket = rig.device.append("log", b"line")
        assert rig.device.synced_through() < ticket
        rig.device.request_sync()
        rig.pass_s(1.0)
        assert rig.device.synced_through() >= ticket


@pytest.mark.parametrize("make", STORAGES)
def test_a_missing_file_is_not_ready(make: MakeRig) -> None:
    """Reading it raises; removing it does not."""
    with make() as rig:
        with pytest.raises(NotReady):
            rig.device.read("none")
        rig.device.remove("none")
