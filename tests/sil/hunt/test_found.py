"""What a hunt counts, says and leaves behind."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, strategies as st

from flight.mobility.runner import MotionRunner
from hal.api.config import ConfigError
from sil.cli.hunt import _written
from sil.faults.present import present
from sil.hunt.examine import CRASH, Coverage, Examined, examine
from sil.hunt.found import HUNT_FILE, figures, name_of, write, write_figures
from sil.hunt.search import Find
from sil.hunt.table import line, table
from sil.hunt.team import Progress
from sil.loader import decode_scenario, load_scenario
from sil.mission import Mission
from sil.properties.catalogue import PROPERTIES
from sil.properties.judging import Judgement
from sil.run import run
from sil.scenario import Scenario
from tests.sil.hunt.invented import plan
from tests.sil.properties.flights import TEXTS, looked

PNG = b"\x89PNG\r\n\x1a\n"
STOP = "stop_acts_in_its_cycle"
COUNTS = st.dictionaries(st.sampled_from("abcd"), st.integers(1, 9))
COVERAGES = st.builds(
    Coverage,
    examples=st.integers(0, 99),
    sim_s=st.integers(0, 99).map(float),
    pairs=COUNTS,
    tested=COUNTS,
    nearest=st.dictionaries(st.sampled_from("abcd"), st.floats(-1.0, 1.0)),
)


def _stopping() -> Scenario:
    return decode_scenario(TEXTS["driving"], "driving")


def _deaf_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rover that does not stop when it is told to."""
    monkeypatch.setattr(MotionRunner, "stop_now", lambda self, reason, now_ns: None)


def test_an_example_that_holds() -> None:
    """Is judged by all that it is asked for and breaks none."""
    examined = examine(_stopping(), tuple(PROPERTIES.values()))

    assert set(examined.judgements) == set(PROPERTIES)
    assert examined.broken is None
    assert examined.sim_s == pytest.approx(40.0)


def test_the_one_that_was_missed_by_most_is_named() -> None:
    """Of several that are broken."""
    margins = {"fine": 0.5, "a_little": -0.1, "by_far": -3.0, "untested": math.inf}
    judgements = {name: Judgement(margin=margin) for name, margin in margins.items()}

    assert Examined(judgements=judgements, run=None, sim_s=1.0).broken == "by_far"


def test_a_simulation_that_fails_is_a_find(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the end of its traceback, under a name that is no property."""

    def fail(self: Mission, pace: object) -> None:
        raise ZeroDivisionError("of the bench")

    monkeypatch.setattr(Mission, "run", fail)
    examined = examine(_stopping(), tuple(PROPERTIES.values()))

    assert examined.broken == CRASH
    assert CRASH not in PROPERTIES
    assert "ZeroDivisionError: of the bench" in examined.judgements[CRASH].text


def test_coverage_of_a_run() -> None:
    """Each thing is counted once an example, however often it came."""
    seen = looked("cut").run
    judgements = {"tested": Judgement(margin=0.25), "again": Judgement(margin=1.0), "not": Judgement(margin=math.inf)}
    coverage = Coverage()
    for _ in range(2):
        coverage.note(Examined(judgements=judgements, run=seen, sim_s=40.0))

    assert (coverage.examples, coverage.sim_s) == (2, 80.0)
    assert coverage.pairs == {"computer/power_cut": 2}
    assert coverage.modes == {"IDLE": 2, "DRIVE": 2, "SAFE": 2}
    assert coverage.transitions == {"INIT -> IDLE": 2, "IDLE -> DRIVE": 2, "INIT -> SAFE": 2}
    assert coverage.commands["system.ping"] == 2
    assert coverage.events["system.mode_changed"] == 2
    assert coverage.tested == {"tested": 2, "again": 2}
    assert coverage.nearest == {"tested": 0.25, "again": 1.0}


@given(COVERAGES, COVERAGES)
def test_coverage_adds_up(first: Coverage, second: Coverage) -> None:
    """Whoever comes first; margins by the smaller."""
    sums = []
    for one, other in ((first, second), (second, first)):
        total = Coverage()
        total.add(one)
        total.add(other)
        sums.append(total)

    assert sums[0] == sums[1]
    assert sums[0].examples == first.examples + second.examples
    for key in "abcd":
        assert sums[0].pairs.get(key, 0) == first.pairs.get(key, 0) + second.pairs.get(key, 0)
        known = [part.nearest[key] for part in (first, second) if key in part.nearest]
        assert sums[0].nearest.get(key) == min(known, default=None)


def test_a_find_becomes_a_scenario_that_fails_the_same_way(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With a picture; and it passes once the rover is mended."""
    find = Find(scenario=_stopping(), broken=STOP, text="wheels are told to turn after STOP")
    with monkeypatch.context() as patch:
        _deaf_to_stop(patch)
        file = write(find, tmp_path / "new" / "found")
        broken = run(load_scenario(str(file)))
    mended = run(load_scenario(str(file)))

    assert file.name == f"{name_of(find)}.toml"
    assert file.name.startswith(STOP)
    assert file.with_suffix(".png").read_bytes().startswith(PNG)
    (verdict,) = broken.expectations
    assert not verdict.passed
    assert "wheels are told to turn after STOP" in verdict.measured
    assert mended.passed
    assert load_scenario(str(file)).purpose.endswith(find.text)


def test_a_crash_becomes_a_scenario_without_expectations(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """There is nothing to judge where nothing flies; the picture has its title only."""

    def fail(self: Mission, pace: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Mission, "run", fail)
    file = write(Find(scenario=_stopping(), broken=CRASH, text="Traceback | " + "x" * 900), tmp_path)

    assert load_scenario(str(file)).expect == ()
    assert file.with_suffix(".png").exists()


def test_names_tell_finds_apart() -> None:
    """Of the same property; and the same find has the same name."""
    one = Find(scenario=_stopping(), broken=STOP, text="x")
    other = msgspec.structs.replace(one, scenario=msgspec.structs.replace(one.scenario, seed=4))

    assert name_of(one) == name_of(msgspec.structs.replace(one, text="y"))
    assert name_of(one) != name_of(other)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """By its name."""
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigError, match="cannot be written"):
        write_figures(tmp_path / "file", {})


def test_a_find_that_cannot_be_written_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whole, so that the search was not for nothing; and no half file is left."""
    find = Find(scenario=_stopping(), broken=STOP, text="turns on")
    (tmp_path / f"{name_of(find)}.toml").mkdir()  # a folder in its place

    with pytest.raises(ConfigError, match="cannot be written"):
        _written(find, tmp_path)

    assert decode_scenario(capsys.readouterr().out, "shown").command == find.scenario.command
    assert [path.suffix for path in tmp_path.iterdir()] == [".toml"]


def test_the_figures(tmp_path: Path) -> None:
    """hunt.json: what was searched and what was found, in numbers."""
    find = Find(scenario=_stopping(), broken=STOP, text="turns on")
    coverage = Coverage(examples=12, sim_s=480.0, pairs={"imu/silent": 3})
    progress = Progress(seconds=9.0, coverage=coverage, find=find, found_s=2.5, shrunk_s=8.0)
    write_figures(tmp_path, figures(progress, plan(STOP), Path("found/x.toml")))

    content = msgspec.json.decode((tmp_path / HUNT_FILE).read_bytes())
    (found,) = content["found"]
    assert (content["seed"], content["examples"], content["sim_s"]) == (1, 12, 480.0)
    assert (found["property"], found["commands"], found["faults"]) == (STOP, len(find.scenario.command), 0)
    assert (found["found_s"], found["shrunk_s"], found["file"]) == (2.5, 8.0, "found/x.toml")
    assert content["coverage"]["pairs"] == {"imu/silent": 3}
    assert figures(Progress(), plan(STOP), None)["found"] == []


def test_what_was_seen_counts_until_it_is_shrunk() -> None:
    """An interruption or a lost worker must not make a broken promise into a clean hunt."""
    seen = Find(scenario=_stopping(), broken=STOP, text="turns on")
    progress = Progress(seconds=9.0, seen=seen, found_s=2.5)

    (found,) = figures(progress, plan(STOP), Path("found/x.toml"))["found"]

    assert (found["property"], found["found_s"], found["shrunk_s"]) == (STOP, 2.5, 9.0)
    assert f"{STOP} broke after 2.5 s, shrinking" in line(progress, plan(STOP))


def test_the_table() -> None:
    """A line a property, then what has not been touched."""
    coverage = Coverage(tested={"near": 3}, nearest={"near": 0.125}, pairs={"imu/silent": 1}, modes={"SAFE": 1})

    lines = list(table(coverage, plan("near", "never")))

    assert lines[1].split() == ["near", "3", "0.12"]
    assert lines[2].split() == ["never", "0", "-"]
    assert lines[3].startswith(f"faults: 1 of {len(present('device', 'south_pole'))} at device depth (not: ")
    assert lines[4].startswith("modes: 1 of 13 (not: ")
    assert "SAFE" not in lines[4]
    assert len(lines) == 7
    assert all(len(text) < 220 for text in lines)


def test_the_line_between() -> None:
    """How far it is; and that something broke."""
    coverage = Coverage(examples=50, modes={"SAFE": 1})

    assert "50 examples (5.0 a second)" in line(Progress(seconds=10.0, coverage=coverage), plan("x"))
    assert "broke after 3.0 s, shrinking" in line(Progress(seconds=10.0, found_s=3.0), plan("x"))
