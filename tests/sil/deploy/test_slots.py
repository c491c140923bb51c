"""The slot tool: which slot starts after what, with the power cut at every storage operation."""

from __future__ import annotations

import io
import os
from pathlib import Path
from random import Random

import pytest

from sil.deploy.target.disk import Disk
from sil.deploy.target.errors import NothingStarts, SlotError
from sil.deploy.target.manifest import Manifest, digest
from sil.deploy.target.rahi_slot import main
from sil.deploy.target.state import TRIES, State
from tests.sil.deploy.memory_disk import MemoryDisk, PowerCut
from tests.sil.deploy.slot_bench import FACTORY_VERSION, Bench, contents, manifest_of


@pytest.fixture(params=["memory", "real"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """The same on both disks."""
    root = tmp_path / "rover" if request.param == "real" else Path("/rover")
    return Bench(Disk() if request.param == "real" else MemoryDisk(), root)


def proven(bench: Bench, version: str) -> str:
    """A version that is good; its slot."""
    name = bench.deploy(version)
    assert bench.slots.select() == name
    bench.slots.good()
    return name


def test_a_good_version_becomes_the_active_one(bench: Bench) -> None:
    bench.install_factory()

    name = proven(bench, "1")

    assert bench.slots.state() == State(name)
    assert bench.version(bench.slots.select()) == "1"


def test_a_version_that_never_gets_good_is_left_after_three_starts(bench: Bench) -> None:
    old = proven(bench, "1")
    new = bench.deploy("2")

    starts = [bench.slots.select() for _ in range(5)]

    assert starts == [new] * TRIES + [old] * 2
    assert bench.slots.state() == State(old)


def test_a_first_install_that_never_gets_good_is_not_started_for_ever(bench: Bench) -> None:
    bench.deploy("1")
    for _ in range(TRIES):
        bench.slots.select()

    with pytest.raises(NothingStarts):
        bench.slots.select()
    assert bench.slots.free() == "b"


def test_an_update_never_touches_the_slot_that_runs_or_would_start(bench: Bench) -> None:
    names = [proven(bench, str(number)) for number in range(4)]

    assert names == ["a", "b", "a", "b"]
    bench.deploy("5")
    bench.slots.select()
    with pytest.raises(SlotError, match="runs on trial"):
        bench.slots.free()
    with pytest.raises(SlotError, match="runs on trial"):
        bench.loading.receive("b", io.BytesIO())


def test_ready_from_the_old_version_does_not_prove_the_new_one(bench: Bench) -> None:
    """Staged between a start of the old version and its READY."""
    old = proven(bench, "1")
    bench.slots.select()
    new = bench.deploy("2")

    bench.slots.good()

    assert bench.slots.state() == State(old, new, TRIES)


def test_an_unproven_version_that_halts_is_dropped_at_once(bench: Bench) -> None:
    old = proven(bench, "1")
    bench.deploy("2")
    bench.slots.select()

    assert not bench.slots.stopped("exited", "3")
    assert not bench.slots.stopped("killed", "72")
    assert bench.slots.stopped("exited", "72")
    assert bench.slots.select() == old
    assert not bench.slots.stopped("exited", "72")


@pytest.mark.parametrize("damaged", ["flight/main.py", "manifest.json", "lib"])
def test_a_damaged_slot_falls_back_to_the_other_proven_one_then_to_the_factory(bench: Bench, damaged: str) -> None:
    bench.install_factory()
    older, newer = proven(bench, "1"), proven(bench, "2")
    for name, expected in ((newer, older), (older, "factory")):
        folder = bench.slots.folder(name)
        if damaged == "lib":
            bench.disk.rename(folder / "lib", folder / "gone")
        else:
            bench.disk.write(folder / ("lib" if "/" in damaged else "") / damaged, b"{")

        assert bench.slots.select() == expected
    assert bench.version("factory") == FACTORY_VERSION


def test_a_dropped_version_is_nobodys_fallback(bench: Bench) -> None:
    bench.install_factory()
    old, bad = proven(bench, "1"), bench.deploy("2")
    for _ in range(TRIES + 1):
        bench.slots.select()
    bench.disk.write(bench.slots.folder(old) / "manifest.json", b"")

    assert bench.slots.problem(bad) is None
    assert bench.slots.select() == "factory"


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b'{"active": "c"}', b'{"active": ["a"]}', b"\xff"])
def test_unreadable_slots_json_means_the_factory_copy(bench: Bench, text: bytes) -> None:
    bench.install_factory()
    proven(bench, "1")
    bench.disk.write(bench.places.base / "slots.json", text)

    assert bench.slots.select() == "factory"
    proven(bench, "2")
    assert bench.version(bench.slots.select()) == "2"


def test_without_a_factory_copy_unreadable_slots_json_means_a_slot_that_was_good(bench: Bench) -> None:
    good, bad = proven(bench, "1"), bench.deploy("2")
    for _ in range(TRIES + 1):
        bench.slots.select()
    bench.disk.write(bench.places.base / "slots.json", b"?")

    assert (bad, bench.slots.select()) == ("b", good)


def test_a_try_that_cannot_be_counted_is_not_made(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full or read-only disk must not make the trial endless."""
    old = proven(bench, "1")
    new = bench.deploy("2")

    def full(*_arguments: object, **_named: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as context:
        context.setattr(bench.disk, "sync", full)
        assert bench.slots.select() == old
    assert bench.slots.select() == new


def test_a_slot_for_another_python_does_not_start(bench: Bench) -> None:
    """After an upgrade of the operating system the compiled packages would not load."""
    proven(bench, "1")
    bench.slots.python = "3.13"

    assert bench.slots.problem("a") == "made for Python 3.11, this is 3.13"
    with pytest.raises(NothingStarts):
        bench.slots.select()


def test_going_back_makes_the_other_proven_version_active(bench: Bench) -> None:
    proven(bench, "1")
    with pytest.raises(SlotError, match="nothing to go back to"):
        bench.slots.back()
    proven(bench, "2")

    assert bench.version(bench.slots.back()) == "1"
    assert bench.version(bench.slots.select()) == "1"
    assert bench.version(bench.slots.back()) == "2"


def test_going_back_during_a_trial_ends_the_trial(bench: Bench) -> None:
    old = proven(bench, "1")
    bench.deploy("2")
    bench.slots.select()

    assert bench.slots.back() == old
    assert bench.slots.state() == State(old)


def test_the_active_version_is_sealed_as_factory_copy_once(bench: Bench) -> None:
    proven(bench, "1")

    assert bench.loading.seal()
    assert bench.version("factory") == "1"
    proven(bench, "2")
    assert not bench.loading.seal()
    assert bench.version("factory") == "1"


def test_only_what_no_slot_holds_is_sent(bench: Bench) -> None:
    proven(bench, "1")
    files = contents("2")

    missing = bench.loading.have("b", manifest_of(files))

    assert [item["sha256"] for item in missing] == [digest(files["flight/main.py"])]


def test_a_cut_upload_goes_on_where_it_was(bench: Bench) -> None:
    files = {"big.bin": bytes(range(256)) * 1000}
    manifest = manifest_of(files)
    stream = bench.upload("a", manifest, files).getvalue()
    with pytest.raises(SlotError, match="broke off"):
        bench.loading.receive("a", io.BytesIO(stream[:100_000]))

    [rest] = bench.loading.have("a", manifest)

    assert rest["offset"] == 100_000 - stream.index(b"\n") - 1
    bench.loading.receive("a", bench.upload("a", manifest, files))
    bench.loading.stage("a", manifest)
    assert bench.disk.read(bench.places.base / "a" / "lib" / "big.bin") == files["big.bin"]
    assert bench.disk.names(bench.places.base / "a") == ["lib", "manifest.json"]


def test_bytes_that_arrive_damaged_are_thrown_away_and_never_pending(bench: Bench) -> None:
    files = contents("1")
    manifest = manifest_of(files)
    stream = bytearray(bench.upload("a", manifest, files).getvalue())
    stream[stream.index(b"VERSION")] ^= 1

    with pytest.raises(SlotError, match="arrived damaged"):
        bench.loading.receive("a", io.BytesIO(bytes(stream)))
    with pytest.raises(SlotError, match="is missing"):
        bench.loading.stage("a", manifest)

    assert bench.slots.state() == State()
    assert bench.slots.problem("a") == "empty"


def test_bytes_damaged_on_the_disk_after_they_came_are_never_pending(bench: Bench) -> None:
    files = contents("1")
    manifest = manifest_of(files)
    bench.loading.receive("a", bench.upload("a", manifest, files))
    incoming = bench.places.base / "a" / ".incoming"
    bench.disk.write(incoming / digest(files["flight/main.py"]), b"something else")

    with pytest.raises(SlotError, match="is missing"):
        bench.loading.stage("a", manifest)
    assert bench.slots.state() == State()
    bench.loading.receive("a", bench.upload("a", manifest, files))
    bench.loading.stage("a", manifest)
    assert bench.version("a") == "1"


class Forgetful(MemoryDisk):
    """A card that says it wrote and wrote something else."""

    def sync_all(self) -> None:
        super().sync_all()
        self.write(Path("/rover/opt/a/.new/flight/main.py"), b"VERSION = '?'\n")


def test_what_reads_back_damaged_is_never_pending() -> None:
    bench = Bench(MemoryDisk(), Path("/rover"))
    bench.disk.__class__ = Forgetful

    with pytest.raises(SlotError, match="reads back damaged"):
        bench.deploy("1")
    assert bench.slots.state() == State()


@pytest.mark.parametrize(("python", "machine"), [("3.13", None), ("3.11", "riscv64")])
def test_a_version_for_another_computer_is_refused(bench: Bench, python: str, machine: str | None) -> None:
    manifest = manifest_of({}, python=python)
    manifest = Manifest(manifest.rahi, python, machine or manifest.machine, {})

    with pytest.raises(SlotError, match=r"made for Python .* this is 3\.11"):
        bench.loading.stage("a", manifest)


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "", ".", "a//b", "./a", "a\0b"])
def test_no_manifest_reaches_out_of_its_slot(path: str) -> None:
    raw = Manifest("1", "3.11", "aarch64", {path: ("0" * 64, 1)}).to_json()

    with pytest.raises(SlotError, match="no manifest"):
        Manifest.from_json(raw)


@pytest.mark.parametrize(
    "header", [b"\n", b"x 1 0\n", b"../../../../etc/cron.d/evil 1 0\n", b"0" * 64 + b" 1 2\n", b"?" * 300 + b"\n"]
)
def test_no_upload_names_anything_but_a_content(bench: Bench, header: bytes) -> None:
    with pytest.raises(SlotError, match=r"not an upload|broke off"):
        bench.loading.receive("a", io.BytesIO(header))


def scenario(bench: Bench) -> None:
    """A good update, a broken one, and another good one into the slot that was dropped."""
    proven(bench, "2")
    bench.deploy("3")
    for _ in range(TRIES + 1):
        bench.slots.select()
    proven(bench, "4")


def fresh(with_factory: bool) -> Bench:
    """A rover that runs version 1."""
    bench = Bench(MemoryDisk(), Path("/rover"))
    if with_factory:
        bench.install_factory()
    proven(bench, "1")
    assert isinstance(bench.disk, MemoryDisk)
    bench.disk.sync_all()
    bench.disk.operations = 0
    return bench


def operations_of_scenario(with_factory: bool) -> int:
    bench = fresh(with_factory)
    scenario(bench)
    assert isinstance(bench.disk, MemoryDisk)
    return bench.disk.operations


def check_cuts(with_factory: bool, ways: int) -> None:
    """At each operation, in so many ways of losing what was not synced; and the next update works, whatever is left."""
    total = operations_of_scenario(with_factory)
    assert total > 140
    for operation in range(total):
        for way in range(ways):
            bench = fresh(with_factory)
            disk = bench.disk
            assert isinstance(disk, MemoryDisk)
            disk.operations_left = operation
            with pytest.raises(PowerCut):
                scenario(bench)
            random = Random(f"{operation}/{way}")
            disk.cut((lambda _: 0) if way == 0 else random.randrange, bench.places.run)

            versions = [bench.version(bench.slots.select()) for _ in range(TRIES + 2)]
            assert versions[-1] in {"1", "2", "4"}, (operation, way)
            proven(bench, "5")
            assert bench.version(bench.slots.select()) == "5"


@pytest.mark.parametrize("with_factory", [True, False])
def test_a_power_cut_at_any_operation_leaves_a_slot_that_starts(with_factory: bool) -> None:
    """Nothing unsynced survives, and a random part of it."""
    check_cuts(with_factory, ways=2)


@pytest.mark.soak
@pytest.mark.parametrize("with_factory", [True, False])
def test_a_power_cut_at_any_operation_in_many_ways(with_factory: bool) -> None:
    check_cuts(with_factory, ways=100)


def test_a_cut_after_good_has_returned_loses_nothing() -> None:
    for seed in range(50):
        bench = fresh(with_factory=False)
        proven(bench, "2")
        assert isinstance(bench.disk, MemoryDisk)
        bench.disk.cut(Random(seed).randrange, bench.places.run)

        assert bench.version(bench.slots.select()) == "2"


def tool(tmp_path: Path, *arguments: str) -> int:
    """The command line, on folders of this test."""
    (tmp_path / "slot.conf").write_text(f"base={tmp_path}\nrun={tmp_path}/run\n")
    (tmp_path / "run").mkdir(exist_ok=True)
    return main(arguments, tmp_path / "rahi_slot.pyz")


def test_misuse_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ((), ("erase",), ("stage",), ("stage", "factory"), ("select", "a")):
        with pytest.raises(SystemExit) as ended:
            tool(tmp_path, *arguments)
        assert ended.value.code == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_a_verb_that_cannot_be_done_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tool(tmp_path, "back") == 1
    assert capsys.readouterr().err.splitlines()[-1] == "rahi-slot: back: there is nothing to go back to"
    assert tool(tmp_path, "free") == 0
    assert capsys.readouterr().out == "a\n"


def test_a_wrong_slot_conf_names_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "slot.conf").write_text("base=/data\nfactroy=/opt\n")

    assert main(["status"], tmp_path / "rahi_slot.pyz") == 1
    assert "slot.conf: 'factroy=/opt': expected base=, factory= or run=" in capsys.readouterr().err


def test_with_nothing_to_start_systemd_is_told_to_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Restarts would end in StartLimitAction=reboot, again and again."""
    systemctl = tmp_path / "systemctl"
    systemctl.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/asked\n')
    systemctl.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    assert tool(tmp_path, "select") == 1
    assert (tmp_path / "asked").read_text() == "--no-block stop rahi-flight\n"
    assert capsys.readouterr().err.endswith("select: no slot can start\n")
