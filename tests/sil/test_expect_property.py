"""`[[expect]] property`: what a scenario expects of the whole run."""

from __future__ import annotations

from pathlib import Path

import pytest

from flight.mobility.runner import MotionRunner
from sil.cli.app import run as rahi
from sil.loader import decode_scenario
from sil.problems import ScenarioProblems
from sil.properties.catalogue import PROPERTIES
from sil.result import Verdict
from sil.run import run
from sil.scenario_text import to_toml
from tests.sil.properties.flights import TEXTS


def _expecting(name: str) -> str:
    return TEXTS["driving"] + f'[[expect]]\nproperty = "{name}"\n'


def _flown(*names: str) -> tuple[Verdict, ...]:
    text = TEXTS["driving"] + "".join(f'[[expect]]\nproperty = "{name}"\n' for name in names)
    return run(decode_scenario(text, "driving")).expectations


def test_all_and_single_ones_hold_with_a_margin() -> None:
    """What is measured is the least margin and when; or that nothing put it to the test."""
    everything, still, untested = _flown("all", "wheels_need_command", "faults_are_told")

    assert everything.text == "property all holds"
    assert all(verdict.passed for verdict in (everything, still, untested))
    assert everything.measured.startswith("least margin 0.")
    assert still.measured.startswith("least margin ")
    assert untested.measured == "not put to the test"


def test_a_broken_one_is_named_with_time_and_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also among all of them."""
    monkeypatch.setattr(MotionRunner, "stop_now", lambda self, reason, now_ns: None)

    everything, it, another = _flown("all", "stop_acts_in_its_cycle", "no_row_raises")

    for verdict in (everything, it):
        assert not verdict.passed
        assert "stop_acts_in_its_cycle at 16.2 s: wheels are told to turn after STOP" in verdict.measured
    assert another.passed


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("stops_on_stal", "property = 'stops_on_stal' is unknown; did you mean 'stops_on_stall'?"),
        ("alll", "property = 'alll' is unknown; did you mean 'all'?"),
        ("zzzz", "property = 'zzzz' is unknown; docs/properties.md lists them"),
    ],
)
def test_an_unknown_one_is_refused_with_a_hint(
    name: str, hint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the loader, and on the command line with exit 2."""
    with pytest.raises(ScenarioProblems) as caught:
        decode_scenario(_expecting(name), "driving")
    assert hint in str(caught.value)

    file = tmp_path / "wrong.toml"
    file.write_text(_expecting(name))
    assert rahi(["sil", str(file), "--out", str(tmp_path / "run")]) == 2
    assert hint in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["all", *PROPERTIES])
def test_every_name_can_be_expected(name: str) -> None:
    """And is written out again."""
    scenario = decode_scenario(_expecting(name), "driving")

    assert [expect.property for expect in scenario.expect] == [name]
    assert decode_scenario(to_toml(scenario, scenario.seed), "again") == scenario


def test_it_is_a_form_of_its_own() -> None:
    """One table expects one thing."""
    with pytest.raises(Exception, match="exactly one of"):
        decode_scenario(_expecting("all") + 'final_mode = "IDLE"\n', "driving")


def test_a_witness_flies_only_where_one_is_needed() -> None:
    """It sends calls of its own, which no other scenario must have."""
    for text, pinged in ((TEXTS["service"], False), (TEXTS["service"] + '[[expect]]\nproperty = "all"\n', True)):
        result = run(decode_scenario(text, "service"))
        assert (sum(result.commands.values()) > 2) is pinged
