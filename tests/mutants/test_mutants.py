"""The mutants themselves: they fit the source, change it, and leave it where it is."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from sil.loader import load_scenario
from sil.properties.catalogue import PROPERTIES
from tests.mutants.catalogue import MUTANTS
from tests.mutants.hook import install
from tests.mutants.mutant import ROOT, Mutant, TargetGone
from tests.mutants.prove import PROOFS, main as prove, proof_of

NAMES = tuple(MUTANTS)


@pytest.mark.parametrize("name", NAMES)
def test_it_fits_and_changes_one_flight_module(name: str) -> None:
    """Its target stands once in a module of flight, and what comes out compiles and is not what went in."""
    mutant = MUTANTS[name]
    mutant.check()
    source = mutant.path().read_text(encoding="utf-8")

    assert mutant.module.startswith("flight.")
    assert mutant.altered(source) != source


def test_there_are_enough_with_names_of_their_own() -> None:
    """At least 25, each with a story and a property that should see it."""
    assert len(MUTANTS) >= 25
    assert all(mutant.story and mutant.expected for mutant in MUTANTS.values())
    assert {name for mutant in MUTANTS.values() for name in mutant.expected} <= set(PROPERTIES)


def test_proofs_are_legal_scenarios_of_known_mutants() -> None:
    """Each proof belongs to a mutant, lasts a minute and expects a property that the mutant should break."""
    for file in sorted(PROOFS.glob("*.toml")):
        scenario = load_scenario(str(file))
        (expected,) = scenario.expect

        assert expected.property in MUTANTS[file.stem].expected
        assert scenario.duration_s <= 60.0


def test_a_target_that_is_gone_is_told() -> None:
    """A mutant whose source has changed says so, and so does one that comes too late."""
    mutant = MUTANTS[NAMES[0]]
    importlib.import_module(mutant.module)
    gone = msgspec.structs.replace(mutant, old="no such line")

    with pytest.raises(TargetGone, match="0 times"):
        gone.check()
    with pytest.raises(TargetGone, match="imported already"):
        install(mutant)


def test_a_module_that_does_not_exist_is_told() -> None:
    """Renamed modules do not make a mutant silent."""
    gone = msgspec.structs.replace(MUTANTS[NAMES[0]], module="flight.no_such_module")

    with pytest.raises(TargetGone, match="no module"):
        gone.check()


def _rahi(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.mutants", name, "--", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.process
def test_a_mutant_breaks_its_property_and_leaves_no_trace(tmp_path: Path) -> None:
    """The rover with the defect fails its proof; the source stays as it was, and without the defect it passes."""
    mutant: Mutant = MUTANTS["stop_ramps_down"]
    before = mutant.path().read_bytes()
    flown = [str(proof_of(mutant.name)), "--no-pictures"]
    failed = _rahi(mutant.name, "rahi", "sil", *flown, "--out", str(tmp_path / "with"))
    passed = subprocess.run(
        [sys.executable, "-m", "sil.cli", "sil", *flown, "--out", str(tmp_path / "without")], cwd=ROOT, check=False
    )

    assert (failed.returncode, passed.returncode) == (1, 0), failed.stdout + failed.stderr
    assert mutant.path().read_bytes() == before


@pytest.mark.process
@pytest.mark.parametrize(
    ("name", "arguments", "text"),
    [
        ("no_such", ("rahi", "sil"), "no mutant 'no_such'"),
        ("stop_ramps_down", ("ls",), "a rahi command line"),
        ("stop_ramps_down", ("rahi", "campaign", "first_drive"), "its workers start anew"),
    ],
)
def test_a_wrong_command_line_is_refused(name: str, arguments: tuple[str, ...], text: str) -> None:
    """One line says what is wrong; exit status 2."""
    done = _rahi(name, *arguments)

    assert done.returncode == 2
    assert text in done.stderr


def test_proofs_of_no_mutant_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Before any is flown."""
    with pytest.raises(SystemExit, match="2"):
        prove([NAMES[0], "no_such"])

    assert "no mutant 'no_such'" in capsys.readouterr().err
