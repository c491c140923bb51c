"""What a check-out writes into a rover file: its findings and nothing else; and its command line."""

from __future__ import annotations

import difflib
import io
import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, strategies as st

from flight.rover_file import load_rover
from hal.api.config import ConfigError
from hal.api.values import CORNERS, WHEELS
from sil.checkout.correction import corrected, write_findings
from sil.checkout.operator import Assent, Terminal
from sil.checkout.record import Findings, Outcome, Record, Row
from sil.checkout.run import STEPS as REAL_STEPS
from sil.checkout.steering import centre_at
from sil.cli.app import run
from sil.cli.checkout import STEPS
from tests.sil.checkout_rover import miswired

SHIPPED = Path(__file__).parents[2] / "flight" / "rovers" / "open_source_rover.toml"
FOUND = Findings(centre_us={"front_left": 1538.2}, turned_round=["front_right", "rear_left"])

findings = st.builds(
    Findings,
    centre_us=st.dictionaries(st.sampled_from(CORNERS), st.floats(1000.0, 2000.0).map(lambda us: round(us, 1))),
    turned_round=st.lists(st.sampled_from(WHEELS), unique=True),
    mirrored=st.lists(st.sampled_from(CORNERS), unique=True),
)


@given(findings)
def test_a_file_says_the_findings_and_everything_else_as_before(found: Findings) -> None:
    """Whatever was found: values, comments and layout elsewhere are the same, line by line."""
    rover = load_rover("open_source_rover")
    text = SHIPPED.read_text()
    after = corrected(text, rover, found)

    assert rover.hardware.steering is not None
    off_us = {name: us - rover.hardware.steering.corners[name].centre_us for name, us in found.centre_us.items()}
    meant = miswired(rover.hardware, off_us=off_us, swapped=tuple(found.turned_round), mirrored=tuple(found.mirrored))
    assert _without_hardware(after) == _without_hardware(text)
    read = tomllib.loads(after)["hardware"]
    assert meant.steering is not None
    assert meant.wheels is not None
    for name in CORNERS:
        assert read["steering"]["corners"][name].get("centre_us", 1500.0) == pytest.approx(
            meant.steering.corners[name].centre_us
        )
        assert read["steering"]["corners"][name].get("sign", 1) == meant.steering.corners[name].sign
    signs = [(unit.get("m1_sign", 1), unit.get("m2_sign", 1)) for unit in read["wheels"]["units"]]
    assert signs == [(unit.m1_sign, unit.m2_sign) for unit in meant.wheels.units]
    changed = [line for line in difflib.ndiff(text.splitlines(), after.splitlines()) if line[0] in "-+"]
    assert all("channel" in line or "address" in line for line in changed)
    assert [line for line in after.splitlines() if line.startswith("#")] == [
        line for line in text.splitlines() if line.startswith("#")
    ]


def _without_hardware(text: str) -> object:
    return {key: value for key, value in tomllib.loads(text).items() if key != "hardware"}


def test_a_file_that_is_changed_is_kept_beside_every_time(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(SHIPPED.read_text())
    first = path.read_text()

    assert write_findings(str(path), load_rover(str(path)), FOUND) == path
    second = path.read_text()
    write_findings(str(path), load_rover(str(path)), Findings(turned_round=["front_right"]))

    assert (tmp_path / "mine.toml.bak").read_text() == first
    assert (tmp_path / "mine.toml.bak2").read_text() == second
    assert sorted(item.name for item in tmp_path.iterdir()) == ["mine.toml", "mine.toml.bak", "mine.toml.bak2"]
    wheels, steering = load_rover(str(path)).hardware.wheels, load_rover(str(path)).hardware.steering
    assert wheels is not None
    assert steering is not None
    assert [(unit.m1_sign, unit.m2_sign) for unit in wheels.units] == [(1, 1), (-1, -1), (-1, -1)]
    assert steering.corners["front_left"].centre_us == 1538.2


@pytest.mark.parametrize("name", ["desk", "open_source_rover"])
def test_a_shipped_rover_gets_a_new_file_like_it(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = write_findings(name, load_rover(name), FOUND)

    assert path.name == f"{name}-calibrated.toml"
    text = path.read_text()
    assert text.startswith(f'like = "{name}"\n')
    assert "address = 0x82" in text
    assert set(tomllib.loads(text)) == {"like", "hardware"}
    written = load_rover(str(path)).hardware
    assert written.buses == load_rover(name).hardware.buses
    assert written.wheels is not None
    assert [(unit.m1_sign, unit.m2_sign) for unit in written.wheels.units] == [(1, 1), (-1, -1), (1, -1)]


@pytest.mark.parametrize(
    "hardware",
    [
        "hardware = {}  # as it is",
        'hardware = { computer = { storage = "/x" } }  # as it is',
        "[hardware]\nsteering = { rate_rad_s = 2.5 }  # as it is\nwheels = {}",
        "hardware.steering.rate_rad_s = 2.5  # as it is",
        "hardware = { steering = { corners = {} }, imu = {} }  # as it is",
    ],
)
def test_tables_in_one_line_take_the_findings_too(hardware: str, tmp_path: Path) -> None:
    """However a person has written the section."""
    path = tmp_path / "mine.toml"
    path.write_text(f'like = "open_source_rover"\n{hardware}\n')
    before = load_rover(str(path)).hardware
    after = load_rover(str(write_findings(str(path), load_rover(str(path)), FOUND))).hardware

    assert after.steering is not None
    assert after.steering.corners["front_left"].centre_us == 1538.2
    assert after.wheels is not None
    assert [(unit.m1_sign, unit.m2_sign) for unit in after.wheels.units] == [(1, 1), (-1, -1), (1, -1)]
    assert (after.computer, after.imu) == (before.computer, before.imu)
    assert path.read_text().startswith('like = "open_source_rover"\n')
    assert "# as it is" in path.read_text()


def test_a_file_that_would_be_no_rover_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('like = "desk"\n')
    with pytest.raises(ConfigError, match="centre_us"):
        write_findings(str(path), load_rover(str(path)), Findings(centre_us={"front_left": 9000.0}))

    assert path.read_text() == 'like = "desk"\n'
    assert [item.name for item in tmp_path.iterdir()] == ["mine.toml"]


def test_a_centre_is_the_pulse_that_stood_straight() -> None:
    """Docs of the wiring: pulse = centre + sign x scale x angle."""
    rover = load_rover("open_source_rover")
    assert rover.hardware.steering is not None
    servo = rover.hardware.steering.corners["rear_left"]
    assert centre_at(servo, 0.1) == pytest.approx(1500.0 + 38.197, abs=0.05)


@pytest.mark.parametrize(
    ("outcomes", "interrupted", "written", "passed"),
    [
        ([Outcome.PASSED, Outcome.UNTRIED], False, "", True),
        ([Outcome.PASSED, Outcome.FAILED], False, "", False),
        ([Outcome.PASSED, Outcome.DECLINED], False, "", False),
        ([Outcome.PASSED], True, "", False),
        ([Outcome.CORRECTED], False, "", False),
        ([Outcome.CORRECTED], False, "file.toml", True),
        ([], False, "", False),
    ],
)
def test_what_counts_as_passed(outcomes: list[Outcome], interrupted: bool, written: str, passed: bool) -> None:
    """Nothing failed, declined or cut short, and what was found wrong stands in a file now."""
    record = Record(rover="x", steps=(), began_utc="", interrupted=interrupted, written=written)
    record.rows += [Row("step", "item", outcome) for outcome in outcomes]
    if Outcome.CORRECTED in outcomes:
        record.findings.turned_round.append("front_left")
    assert record.passed is passed


# The command line.


def test_the_command_line_knows_every_step() -> None:
    assert tuple(REAL_STEPS) == STEPS


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--yes", "--only", "dance"], "'dance' is not one of"),
        (["--yes", "--only", "radio", "--skip", "radio"], "leave no step"),
        (["--yes", "--rover", "nowhere"], "no such rover"),
        (["--yes", "--rover", "nowhere.toml"], "nowhere.toml"),
        (["--yes", "--link", "tcp://127.0.0.1:1", "--port", "5"], "the one or the other"),
        (["--yes", "--link", "tcp://127.0.0.1:1"], "127.0.0.1"),
        ([], "needs a terminal to ask at, or --yes"),
    ],
)
def test_bad_input_is_told_in_one_line(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2, and no folder is left behind."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr("sys.stdin", io.StringIO())

    assert run(["checkout", *words]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not (tmp_path / "runs").exists()


def test_a_terminal_says_no_by_default_and_asks_again_for_nonsense() -> None:
    """Ctrl-C or the end of the input at a question is Ctrl-C."""
    import click

    @click.command()
    def ask() -> None:
        terminal = Terminal()
        answers = [
            terminal.confirm("Turn?"),
            terminal.confirm("Turn?"),
            terminal.choose("W?", {"f": "forward", "b": "x"}),
        ]
        click.echo(json.dumps(answers))
        with pytest.raises(KeyboardInterrupt):
            terminal.confirm("Turn?")
        with pytest.raises(KeyboardInterrupt):
            terminal.choose("Way?", {"f": "forward"})

    result = CliRunner().invoke(ask, input="\ny\nq\nb\n")
    assert result.exception is None
    assert '[false, true, "b"]' in result.output
    assert "f = forward" in result.output


def test_without_a_person_nothing_about_the_rover_can_be_asked() -> None:
    assert Assent().confirm("Turn?")
    with pytest.raises(NotImplementedError):
        Assent().choose("Way?", {})
