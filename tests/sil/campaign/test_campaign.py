"""The folder of a campaign: resumed, refused, summed up; with a crew that needs no processes."""

from __future__ import annotations

import csv
import io
import sqlite3
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, strategies as st

from hal.api.config import ConfigError
from sil.campaign.figures import Spread, figures_of
from sil.campaign.fly import Task
from sil.campaign.histogram import bins, svg
from sil.campaign.page import page, replay
from sil.campaign.plan import Plan, held, make_plan
from sil.campaign.progress import Shown
from sil.campaign.rows import Flown, Margin, Met, Row
from sil.campaign.run import Outcome, campaign
from sil.campaign.store import Store
from sil.cli.app import run
from sil.loader import load_scenario
from tests.sil.campaign.rig import TEXT, FakeCrew, dump, plan, tiny

PLAN = plan(n=4)
VALUES = st.lists(st.floats(-1.0e6, 1.0e6), min_size=1, max_size=200).map(sorted)


def _flown(out: Path, crew: FakeCrew | None = None, asked: Plan = PLAN) -> Outcome:
    stream = io.StringIO()
    return campaign(
        asked, out, crew or FakeCrew(), lambda n, counts: Shown(stream, n, counts), "replay = 1\n", as_csv=True
    )


def test_order_and_interruptions_leave_no_trace(tmp_path: Path) -> None:
    """Flown at once, and flown with a Ctrl-C in between by another crew: the same tables."""

    def fate(task: Task, number: int) -> None:
        if number == 3:
            raise KeyboardInterrupt

    _flown(tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        _flown(tmp_path / "halves", FakeCrew(fate, room=1))
    assert len(dump(tmp_path / "halves")["runs"]) == 2
    assert "UNFINISHED" in (tmp_path / "halves" / "summary.html").read_text()
    rest = FakeCrew(room=4)
    _flown(tmp_path / "halves", rest)
    assert rest.handed_out == [3, 4]
    assert dump(tmp_path / "halves") == dump(tmp_path / "whole")
    csvs = [(tmp_path / name / "results.csv").read_bytes() for name in ("whole", "halves")]
    assert csvs[0] == csvs[1]


def test_a_finished_campaign_flies_nothing_again(tmp_path: Path) -> None:
    """But tells the same."""
    first = _flown(tmp_path / "out")
    crew = FakeCrew()
    assert _flown(tmp_path / "out", crew).figures == first.figures
    assert crew.handed_out == []


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (plan(n=5), "--n 4, not 5"),
        (plan(n=4, seed=2), "--seed 1, not 2"),
        (plan(n=4, wanted="none"), "properties"),
        (
            make_plan(tiny(TEXT.replace("duration_s = 20.0", "duration_s = 21.0")), 4, 1, "wheels_need_command"),
            "another text of the scenario",
        ),
        (
            msgspec.structs.replace(PLAN, identity=msgspec.structs.replace(PLAN.identity, version="9.9.9")),
            "flown with version 0.1.0, not 9.9.9",
        ),
    ],
)
def test_the_folder_of_another_campaign_is_refused(other: Plan, said: str, tmp_path: Path) -> None:
    """Without a change to it."""
    with held(tmp_path, PLAN, ""):
        pass
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ConfigError) as error, held(tmp_path, other, ""):
        pytest.fail("entered")
    assert said in str(error.value)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    """Nothing of them is overwritten."""
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(ConfigError, match="not empty and holds no campaign"), held(tmp_path, PLAN, ""):
        pytest.fail("entered")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_spoilt_plan_is_refused(tmp_path: Path) -> None:
    """Rather than begun anew over the rows."""
    (tmp_path / "campaign.json").write_text("{")
    with pytest.raises(ConfigError, match="is no campaign"), held(tmp_path, PLAN, ""):
        pytest.fail("entered")


def test_two_at_a_time_are_refused(tmp_path: Path) -> None:
    """The second one is told."""
    with held(tmp_path, PLAN, ""), pytest.raises(ConfigError, match="another process"), held(tmp_path, PLAN, ""):
        pytest.fail("entered")


DAMAGES = {
    "DROP TABLE runs; CREATE TABLE runs (x)": "'runs' in it is not of this campaign",
    "CREATE TABLE mine (x)": "'mine' in it is not of this campaign; its tables: runs, margins, expectations, walls",
    "UPDATE runs SET soc = 'full' WHERE seed = 2": "table runs, seed 2: soc = 'full' is not allowed: expected a number",
    "UPDATE runs SET load_wh = 9e999": "table runs, seed 1: load_wh = inf is not allowed: expected a finite number",
    "UPDATE runs SET soc = 1.5": "soc = 1.5 is not allowed: expected a number from 0.0 to 1.0",
    "UPDATE runs SET boots = -1": "boots = -1 is not allowed: expected a whole number at least 0",
    "UPDATE runs SET verdict = NULL": "verdict = None is not allowed: expected one of 'error', 'failed', 'passed'",
    "UPDATE runs SET seed = seed + 40": "table runs: seed = '41'; allowed: 1 to 4",
    "UPDATE runs SET error = x'ff'": r"table runs, seed 1: error = b'\xff' is not allowed",
    "UPDATE runs SET error = CAST(x'ff' AS TEXT)": "cannot be used: Could not decode to UTF-8",
    "UPDATE margins SET margin = 'x'": "table margins, seed 1: margin = 'x' is not allowed: expected a number",
    "UPDATE expectations SET passed = 7": "table expectations, seed 1: passed = 7 is not allowed: expected true or",
    "UPDATE walls SET wall_s = NULL": "table walls, seed 1: wall_s = None is not allowed",
    "DELETE FROM runs WHERE seed = 3": "table margins: seed = '3'; allowed: those of table runs",
}


@pytest.mark.parametrize(("damage", "said"), DAMAGES.items())
def test_rows_that_are_not_of_this_campaign_are_refused(damage: str, said: str, tmp_path: Path) -> None:
    """In one line, before anything flies, and the file is left as it was."""
    with _filled(tmp_path):
        pass
    file = tmp_path / "results.sqlite"
    with closing(sqlite3.connect(file)) as db:
        db.executescript(damage)
    before = file.read_bytes()
    with pytest.raises(ConfigError) as error:
        Store(file, PLAN.seeds)
    assert str(error.value).startswith(f"{file}: cannot be used: ")
    assert said in str(error.value)
    assert file.read_bytes() == before


def test_a_damaged_file_of_rows_is_bad_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line and exit code 2; nothing flies."""
    monkeypatch.chdir(tmp_path)
    asked = ["campaign", "hello", "--n", "2", "--workers", "1", "--out", "out"]
    with (
        held(Path("out"), make_plan(load_scenario("hello"), 2, 1, None), ""),
        Store(Path("out/results.sqlite"), range(1)),
    ):
        pass
    with Path("out/results.sqlite").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 8192)
    assert run(asked) == 2
    err = capsys.readouterr().err
    assert err.startswith("rahi: out/results.sqlite: cannot be used: ")
    assert len(err.splitlines()) == 1


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


EVIL = "<script>alert('&')</script>"


def _filled(path: Path) -> Store:
    store = Store(path / "results.sqlite", PLAN.seeds)
    margins = (
        Margin(property="still_when_told", margin=-0.3, t_s=2.0, text=EVIL),
        Margin(property="soc_floor", margin=0.4, t_s=2.0, text=EVIL),
    )
    met = (Met(number=1, text=EVIL, passed=False, measured=EVIL), Met(number=2, text="b", passed=True, measured="c"))
    good = Row(seed=1, verdict="passed", distance_m=3.0, final_mode="IDLE", soc=0.5, downlink_sha256="0")
    bad = msgspec.structs.replace(good, seed=2, verdict="failed", broken="still_when_told", unmet=1)
    worse = msgspec.structs.replace(bad, seed=3, final_mode=EVIL)
    store.add(Flown(row=good, margins=margins[1:], met=met[1:]))
    store.add(Flown(row=bad, margins=margins, met=met))
    store.add(Flown(row=worse, margins=(msgspec.structs.replace(margins[0], margin=-0.9),)))
    store.add(Flown(row=Row(seed=4, verdict="error", error=EVIL)))
    return store


def test_the_summary_ranks_failures_and_escapes_everything(tmp_path: Path) -> None:
    """What broke most often first, its worst run to be replayed; no tag but our own."""
    with _filled(tmp_path) as store:
        figures = figures_of(PLAN, store)
    ranked = [(failure.kind, failure.seeds) for failure in figures.failures]
    assert ranked == [("property", (3, 2)), ("expectation", (2,)), ("Rahi itself", (4,))]
    parser = _Tags()
    parser.feed(page(figures, tmp_path / "a b<"))
    assert "script" not in parser.tags
    assert EVIL in parser.text
    assert f"rahi sil '{tmp_path / 'a b<'}/scenario.toml' --seed 3" in parser.text
    assert "FAILED" in parser.text


def test_the_summary_holds_every_distribution(tmp_path: Path) -> None:
    """Distance, charge, energy, and the least margins."""
    figures = _flown(tmp_path / "out").figures
    text = (tmp_path / "out" / "summary.html").read_text()
    assert [spread.name for spread in figures.spreads] == [
        "distance_m",
        "soc",
        "min_soc",
        "load_wh",
        "array_wh",
        "margin",
    ]
    assert text.count("<svg") == 6


def test_the_list_has_a_line_for_every_seed(tmp_path: Path) -> None:
    """And the margins beside."""
    _flown(tmp_path / "out")
    with (tmp_path / "out" / "results.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["seed"] for line in lines] == ["1", "2", "3", "4"]
    assert {"distance_m", "downlink_sha256", "margin.wheels_need_command"} <= set(lines[0])


@given(VALUES)
def test_bars_hold_every_value(values: list[float]) -> None:
    """Each in one bar, from the least to the most."""
    bars = bins(values)
    assert sum(count for _, _, count in bars) == len(values)
    assert bars[0][0] == values[0]
    assert bars[-1][1] >= values[-1] or bars[-1][1] == pytest.approx(values[-1])
    assert svg("x", values).count("<rect") == len(bars)


@given(VALUES)
def test_shares_are_values_that_were_measured(values: list[float]) -> None:
    """Nearest rank: rising, from the least to the most."""
    spread = Spread(name="x", title="x", values=tuple(values))
    shares = [spread.at(share) for share in (0.0, 0.05, 0.5, 0.95, 1.0)]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (values[0], values[-1])
    assert all(share in values for share in shares)


def test_replay_of_a_plain_folder_needs_no_quotes() -> None:
    """To be copied as it stands."""
    assert replay(Path("runs/x"), 7) == "rahi sil runs/x/scenario.toml --seed 7"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["hello"], "--n"),
        (["hello", "--n", "0"], "--n = 0: expected a whole number from 1"),
        (["hello", "--n", "2", "--workers", "0"], "--workers = 0"),
        (["hello", "--n", "2", "--property", "wheels_need_comand"], "did you mean 'wheels_need_command'"),
        (["hello", "--n", "2", "--property", "zzz"], "'zzz' is no property; docs/properties.md lists them"),
        (["hallo", "--n", "2"], "no such scenario"),
        (["hello", "--n", "2", "--seed", str(2**63 - 1)], "the last seed would be above"),
        (["hello", "--n", "2", "--workers", "2", "--scheduler", "tcp://127.0.0.1:1"], "its own workers"),
    ],
)
def test_bad_input_is_refused_in_one_line(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, and no folder."""
    monkeypatch.chdir(tmp_path)
    assert run(["campaign", *arguments]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_long_runs_are_not_looked_at_unless_asked() -> None:
    """A day is 1.2 GB of looks."""
    long = msgspec.structs.replace(tiny(), duration_s=86_400.0)
    assert make_plan(long, 1, 1, None).properties == ()
    assert len(make_plan(long, 1, 1, "all").properties) > 20
    assert len(make_plan(tiny(), 1, 1, None).properties) > 20
