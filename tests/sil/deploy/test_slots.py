"""The slot tool: which slot starts after what."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from sil.deploy.target.errors import NothingStarts, SlotError
from sil.deploy.target.rahi_slot import main
from sil.deploy.target.slots import MINIMAL_MARK
from sil.deploy.target.state import TRIES, State
from tests.sil.deploy.slot_bench import FACTORY_VERSION, Bench, proven


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
    assert bench.slots.free() != old
    assert bench.slots.select() == old
    assert not bench.slots.stopped("exited", "72")


def test_a_proven_version_that_halts_while_another_waits_does_not_drop_it(bench: Bench) -> None:
    proven(bench, "1")
    new = bench.deploy("2")

    assert not bench.slots.stopped("exited", "72")
    assert bench.slots.select() == new


def test_a_minimal_boot_proves_nothing(bench: Bench) -> None:
    """A version that crashes comes up with the minimal set of rows, and must not commit itself through that."""
    bench.install_factory()
    old, new = proven(bench, "1"), bench.deploy("2")
    mark = bench.places.run / MINIMAL_MARK
    for _ in range(TRIES):
        assert bench.slots.select() == new
        bench.disk.write(mark, b"")
        bench.slots.good()
    bench.disk.remove(mark)
    assert bench.slots.select() == old


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


def test_what_flight_leaves_beside_the_link_does_not_stop_the_next_start(bench: Bench) -> None:
    """The folder of the link belongs to flight's user."""
    name = proven(bench, "1")
    bench.disk.write(bench.places.run / "current.new", b"?")

    assert bench.slots.select() == name
    assert bench.slots.running() == name


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
