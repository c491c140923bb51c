"""The slot tool: what is sent, and that nothing damaged or foreign is ever on trial."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from sil.deploy.target.errors import SlotError
from sil.deploy.target.manifest import Manifest, digest
from sil.deploy.target.state import State
from tests.sil.deploy.memory_disk import MemoryDisk
from tests.sil.deploy.slot_bench import Bench, contents, manifest_of, proven


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
