"""Validation of sequences: each thing that can be wrong is found and named, and what is right passes."""

import re
from pathlib import Path

import pytest

from flight.modes.supervisor import ModeSupervisor
from flight.modes.table import MODES
from flight.rover_file import load_rover
from flight.sequences.file import SequenceFile, compile_sequence
from flight.sequences.mode_walk import ENDING, LEADS_TO, ModeWalk
from flight.sequences.record import CommandStep, WaitStep
from flight.sequences.shipped import shipped_sequences
from flight.sequences.validate import Problem, Review, review
from hal.api.config import ConfigError, decode_toml
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import Mode
from telemetry_defs.dictionary import DICTIONARY
from tests.flight.sequence_bench import CHECKS, HEAD, PING, STOP, WAIT, compiled, step

ARC = step(0.0, "mobility.arc", "{ curvature_1_m = 0.0, distance_m = 1.0, speed_m_s = 0.03, timeout_s = 60.0 }")
IMAGE = step(0.0, "instruments.acquire_image", "{ exposure_s = 0.01 }")


def mode(name: str, at_s: float = 0.0) -> str:
    return step(at_s, "system.set_mode", f'{{ mode = "{name}" }}')


def problems(text: str, *, armed: bool = False) -> list[Problem]:
    sequence, found = compile_sequence(decode_toml(text, SequenceFile, "test.toml"), DICTIONARY, Codecs())
    return [*found, *review(sequence, CHECKS, DICTIONARY, armed=armed).problems]


def judged(text: str) -> Review:
    return review(compiled(text), CHECKS, DICTIONARY, armed=False)


@pytest.mark.parametrize(
    "steps",
    [
        PING,
        PING + WAIT + PING,
        ARC + STOP,
        ARC + ARC + STOP,
        IMAGE,
        mode("CHARGE") + mode("IDLE") + ARC + STOP,
        mode("CHARGE") + mode("IDLE") + IMAGE,
        mode("HIBERNATE"),
        step(5.0, "system.ping") + WAIT + step(1.0, "system.ping"),
        '[[step]]\nwait = "system.hk.mode"\nequals = "CHARGE"\ntimeout_s = 5.0\n',
        '[[step]]\nwait = "power.hk.faces_w[1]"\nmin = 3.0\ntimeout_s = 5.0\n',
        '[[step]]\nwait = "comms.hk.local_locked"\nequals = true\ntimeout_s = 5.0\n',
        PING + '[[abort_step]]\ncommand = "system.set_mode"\nargs = { mode = "SAFE" }\n',
    ],
)
def test_a_good_sequence_has_no_problem(steps: str) -> None:
    assert problems(HEAD + steps) == []


@pytest.mark.parametrize(
    ("steps", "number", "text"),
    [
        (PING + step(0.0, "system.pong"), 2, "unknown command 'system.pong'; did you mean 'system.ping'"),
        (step(0.0, "power.set_load", '{ load = "nav" }'), 1, "argument 'on' is missing"),
        (step(0.0, "power.set_load", '{ load = "nave", on = true }'), 1, "is none of"),
        (step(0.0, "power.set_soc", "{ soc = 3.0 }"), 1, "soc = 3 outside"),
        (step(0.0, "power.set_soc", "{ sock = 0.3 }"), 1, "no argument 'sock'; did you mean 'soc'"),
        (step(2.0, "system.ping") + step(1.0, "system.ping"), 2, "at 1 s comes after a step at 2 s"),
        (step(999.0, "system.ping") + WAIT + step(1.0, "system.ping"), 0, "takes 1000 s at least"),
        (WAIT.replace("power.hk.soc", "power.hk.sock"), 1, "no field 'sock'"),
        (WAIT.replace("power.hk.soc", "power.hk.faces_w"), 1, r"needs \[0\]"),
        (WAIT.replace("min = 0.5", "min = 0.95"), 1, "can never be within 0.95..0.9"),
        (WAIT.replace("min = 0.5\nmax = 0.9", "min = 70.0"), 1, r"soc can never be within 70\.\."),
        (WAIT.replace("min = 0.5\nmax = 0.9", "equals = 1"), 1, "is measured: give min and max"),
        ('[[step]]\nwait = "system.hk.mode"\nequals = "PARTY"\ntimeout_s = 5.0\n', 1, "none of INIT"),
        ('[[step]]\nwait = "system.hk.mode"\nequals = 4\ntimeout_s = 5.0\n', 1, "can never be within 4..4"),
        ('[[step]]\nwait = "comms.hk.local_locked"\nequals = 2\ntimeout_s = 5.0\n', 1, "can never be within 2..2"),
        (mode("WAKE"), 1, "IDLE does not lead to WAKE"),
        (mode("CHARGE") + ARC + STOP, 2, "mobility.arc is not legal in CHARGE, where the rover may then be"),
        (IMAGE + ARC + STOP, 2, "mobility.arc is not legal in SCIENCE"),
        (ARC + mode("COMM") + STOP, 2, "DRIVE does not lead to COMM"),
        (ARC, 0, "an abort step must be mobility.stop"),
        (mode("HIBERNATE") + PING, 2, "comes after HIBERNATE"),
        (mode("HIBERNATE") + WAIT, 2, "comes after HIBERNATE"),
        (step(0.0, "system.arm", '{ target = "system.restart" }'), 1, "system.arm may not stand in a sequence"),
        (step(0.0, "sequences.start", "{ sequence_id = 64 }"), 1, "sequences.start may not stand in a sequence"),
        (step(0.0, "system.restart"), 1, "system.restart is hazardous: the load must be armed"),
        (
            step(0.0, "system.set_parameter", '{ parameter = "system.drive_soc", value = 0.5 }'),
            1,
            "system.set_parameter is hazardous",
        ),
        (PING + '[[abort_step]]\ncommand = "system.halt"\n', 0, "abort step 1: unknown command"),
        (PING + '[[abort_step]]\ncommand = "system.restart"\n', 0, "system.restart is hazardous"),
        (
            PING + '[[abort_step]]\ncommand = "system.set_mode"\nargs = { mode = "IDLE" }\n',
            0,
            "abort step 1: may ask for SAFE and no other mode",
        ),
        (PING + ARC.replace("step]]", "abort_step]]").replace("at_s = 0.0\n", ""), 0, "mobility.arc moves the rover"),
    ],
)
def test_what_is_wrong_is_named_with_its_step(steps: str, number: int, text: str) -> None:
    found = problems(HEAD + steps)

    assert any(item.step == number and re.search(text, item.text) for item in found), found


def test_a_step_that_cannot_be_compiled_hides_no_other_problem() -> None:
    """Its number stays its own, too."""
    found = problems(HEAD + step(0.0, "system.pong") + WAIT.replace("soc", "sock") + mode("WAKE"))

    assert [item.step for item in found] == [1, 2, 3]


def test_hazardous_commands_pass_once_the_load_is_armed() -> None:
    text = HEAD + step(0.0, "system.restart")

    assert problems(text, armed=True) == []
    assert judged(text).hazardous
    assert not judged(HEAD + PING).hazardous


def test_nothing_follows_a_restart() -> None:
    text = HEAD + step(0.0, "system.restart") + PING

    assert [item.text for item in problems(text, armed=True)] == ["comes after system.restart, which ends the sequence"]


def test_a_validity_that_ends_before_it_begins_is_refused() -> None:
    window = "valid_from_utc = 2029-09-24T00:00:10Z\nvalid_until_utc = 2029-09-24T00:00:00Z\n"

    assert problems(HEAD + window + PING) == [Problem(0, "its validity ends before it begins")]


def test_too_many_bytes_are_refused() -> None:
    """64 steps with long arguments can be more than may go up."""
    inner = step(0.0, "store.retrieve", "{ from_gps_s = 1.0, to_gps_s = 2.0, apid = 0, service = 0, classes = 1 }")
    sequence = compiled(HEAD + inner * 64)
    long = CommandStep(0, 0x100, 17, 1, bytes(243))

    assert review(sequence, CHECKS, DICTIONARY, armed=False).problems == ()
    steps = (long,) * 64
    whole = review(
        type(sequence)(sequence_id=64, name="x", modes=(Mode.IDLE,), max_run_ms=1000, steps=steps),
        CHECKS,
        DICTIONARY,
        armed=False,
    )
    assert any("bytes compiled, at most 8192" in item.text for item in whole.problems)


@pytest.mark.parametrize(
    ("bad", "text"),
    [
        (WaitStep(254, 0, 0, 0.0, None, 1000), "there is no such value"),
        (WaitStep(20, 0, 0, None, None, 1000), "neither least nor greatest"),
        (WaitStep(20, 0, 0, float("nan"), None, 1000), "not finite"),
        (WaitStep(20, 0, 0, 0.5, None, 0), "needs a timeout"),
        (CommandStep(0, 0x7FE, 17, 1, b""), "BAD_APID"),
        (CommandStep(0, 0x100, 8, 1, b"\x01"), "BAD_LENGTH"),
        (CommandStep(0, 0x100, 8, 1, b"\x77\x77"), "function 0x7777 is no legal command here: UNKNOWN_FUNCTION"),
        (CommandStep(0, 0x100, 17, 1, b"\x00"), "BAD_LENGTH"),
        (CommandStep(0, 0x100, 8, 1, b"\x01\x02\x04"), "RANGE"),
    ],
)
def test_what_no_file_can_say_is_found_in_compiled_bytes_too(bad: WaitStep | CommandStep, text: str) -> None:
    good = compiled(HEAD + PING)
    sequence = type(good)(sequence_id=64, name="x", modes=(Mode.IDLE,), max_run_ms=9000, steps=(bad,))

    (problem,) = review(sequence, CHECKS, DICTIONARY, armed=True).problems
    assert problem.step == 1
    assert text in problem.text


def test_the_modes_of_each_step_are_those_the_rover_can_be_in() -> None:
    modes = judged(HEAD + ARC + PING + mode("CHARGE") + PING + STOP).modes

    assert modes == (
        (Mode.IDLE,),
        (Mode.IDLE, Mode.DRIVE),
        (Mode.IDLE, Mode.DRIVE),
        (Mode.IDLE, Mode.CHARGE),
    )


@pytest.mark.parametrize("start", sorted(Mode))
def test_the_walk_counts_every_mode_that_falls_back_by_itself(start: Mode) -> None:
    """Those for which the supervisor knows an end, and no other."""
    names = ModeSupervisor._ended.__code__.co_names
    fallback = MODES[start].fallback
    expected = {start, fallback} if start.name in names and fallback is not None else {start}

    assert set(ModeWalk((start,)).modes) == expected
    assert (start in ENDING) == (start.name in names)


def test_commands_that_lead_to_a_mode_are_legal_in_it_and_before_it() -> None:
    for name, entered in LEADS_TO.items():
        assert DICTIONARY.command(name).modes == {Mode.IDLE, entered}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (HEAD, "step"),
        (HEAD + "[[step]]\nat_s = 0.0\n", "either command or wait"),
        (HEAD + '[[step]]\ncommand = "system.ping"\n', "a command needs at_s"),
        (HEAD + PING + "timeout_s = 4.0\n", "belong to a wait"),
        (HEAD + WAIT + "at_s = 1.0\n", "belong to a command"),
        (HEAD + WAIT.replace("timeout_s = 10.0\n", ""), "a wait needs timeout_s"),
        (HEAD + WAIT + "equals = 1\n", "either equals, or min or max"),
        (HEAD.replace("IDLE", "IDEL") + PING, "'IDEL' is none of"),
        (HEAD.replace("64", "128") + PING, "id"),
        (HEAD + "colour = 1\n" + PING, "colour"),
        (HEAD + PING * 65, "step"),
        (HEAD + PING + STOP * 9, "abort_step"),
        (HEAD + "valid_from_utc = 2029-09-24T00:00:00\n" + PING, "in UTC and end in Z"),
        (HEAD + "valid_from_utc = 1999-09-24T00:00:00Z\n" + PING, "in the years 2017"),
    ],
)
def test_what_is_no_sequence_file_is_refused_in_one_line(text: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(complaint)) as error:
        decode_toml(text, SequenceFile, "test.toml")
    assert str(error.value).startswith("test.toml: ")


def test_the_rover_ships_night_quiet() -> None:
    rover = load_rover("south_pole")

    (sequence,) = shipped_sequences(rover.sequences)
    assert (sequence.name, sequence.sequence_id) == ("night_quiet", 1)


@pytest.mark.parametrize(
    ("names", "text", "complaint"),
    [
        (["a"], HEAD.replace("64", "5") + step(0.0, "system.pong"), "step 1: unknown command"),
        (["a"], HEAD.replace("64", "5") + mode("WAKE"), "step 1: IDLE does not lead to WAKE"),
        (["a"], HEAD + PING, "id = 64 is taken, or above 63"),
        (["a", "a"], HEAD.replace("64", "5") + PING, "id = 5 is taken"),
        (["b"], HEAD.replace("64", "5") + PING, "no such file"),
    ],
)
def test_a_bad_shipped_sequence_is_refused_by_its_file(
    tmp_path: Path, names: list[str], text: str, complaint: str
) -> None:
    (tmp_path / "a.toml").write_text(text)

    with pytest.raises(ConfigError, match=re.escape(complaint)) as error:
        shipped_sequences(names, tmp_path)
    assert f"{names[-1]}.toml" in str(error.value)
