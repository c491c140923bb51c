"""The strict TOML reader: what it accepts, and the one line it says of everything else."""

import enum
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import pytest
from hypothesis import given, strategies as st

from hal.api.config import ConfigError, Section, decode_raw, decode_toml, load_toml, parse_toml
from hal.api.toml_keys import deep_key_line

Fraction = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Ladder(Section, frozen=True, kw_only=True):
    """Two thresholds, one above the other."""

    enter_soc: Fraction = 0.6
    leave_soc: Fraction = 0.5

    def check(self) -> Iterable[str]:
        if self.leave_soc >= self.enter_soc:
            yield f"leave_soc = {self.leave_soc} must be below enter_soc = {self.enter_soc}"


class Timed(Section, frozen=True, kw_only=True):
    at_s: Annotated[float, msgspec.Meta(gt=0.0)]
    name: Annotated[str, msgspec.Meta(min_length=1)]
    args: dict[str, float | str | bool] = {}


class Rover(Section, frozen=True, kw_only=True):
    drive: Ladder = Ladder()
    ladders: dict[str, Ladder] = {}
    command: tuple[Timed, ...] = ()
    spare: Ladder | None = None
    wheels: Annotated[int, msgspec.Meta(ge=1)] = 6
    colour: Colour = Colour.RED
    depth: Literal["device", "wire"] = "device"
    box: tuple[float, float] = (0.0, 1.0)
    start: datetime | None = None


REFUSED = {
    "[drive]\nenter_sco = 1": "rover.toml: unknown key 'enter_sco' in [drive]; did you mean 'enter_soc'?",
    "[drive]\nzzz = 1": "rover.toml: unknown key 'zzz' in [drive]; it may hold: enter_soc, leave_soc",
    "[spare]\nzzz = 1": "rover.toml: unknown key 'zzz' in [spare]; it may hold: enter_soc, leave_soc",
    "[[command]]\nat_s = 1": "rover.toml: [command#1] lacks the key 'name' (text of length at least 1)",
    "[drive]\nenter_soc = 2": "drive.enter_soc = 2 is not allowed: expected a number from 0.0 to 1.0",
    "[drive]\nenter_soc = 'x'": "drive.enter_soc = 'x' is not allowed: expected a number from 0.0 to 1.0",
    "[drive]\nenter_soc = true": "drive.enter_soc = True is not allowed",
    "[drive]\nenter_soc = nan": "drive.enter_soc = nan is not allowed: expected a finite number",
    "box = [0, inf]": "box#2 = inf is not allowed: expected a finite number",
    "box = [0, 1, 2]": "box = [0, 1, 2] is not allowed: expected a list of 2 values",
    "box = [0, 'a']": "box#2 = 'a' is not allowed: expected a number",
    "drive = 3": "drive = 3 is not allowed: expected a table",
    "wheels = 0": "wheels = 0 is not allowed: expected a whole number at least 1",
    "wheels = 6.5": "wheels = 6.5 is not allowed: expected a whole number at least 1",
    "colour = 'green'": "colour = 'green' is not allowed: expected one of 'red', 'blue'",
    "depth = 'deep'": "depth = 'deep' is not allowed: expected one of 'device', 'wire'",
    "start = 7": "start = 7 is not allowed: expected a date and time such as 2029-09-24T00:00:00Z",
    "[ladders.a]\n[ladders.'b c']\nenter_soc = -1": "ladders.'b c'.enter_soc = -1 is not allowed",
    "[[command]]\nat_s = 1\nname = 'a'\n[[command]]\nat_s = -2\nname = 'b'": "command#2.at_s = -2 is not allowed",
    "[[command]]\nat_s = 1\nname = 'a'\nargs = {q = [1]}": "command#1.args.q = [1] is not allowed",
    "[drive]\nleave_soc = 0.9": "[drive] leave_soc = 0.9 must be below enter_soc = 0.6",
    "[ladders.a]\nleave_soc = 0.9": "[ladders.a] leave_soc = 0.9 must be below enter_soc = 0.6",
    "wheels = ": "rover.toml: not valid TOML: Invalid value (at end of document)",
    "wheels = 6\nwheels = 6": "rover.toml: not valid TOML: Cannot overwrite a value",
    "wheels = " + "9" * 5000: "rover.toml: not valid TOML:",
    "box = " + "[" * 5000: "rover.toml: ",
    "'a`b - at `$.q`' = 1": "rover.toml: ",
}


@pytest.mark.parametrize(("text", "line"), REFUSED.items(), ids=range(len(REFUSED)))
def test_what_is_wrong_is_said_in_one_line(text: str, line: str) -> None:
    """File, key, value and what is allowed, on one line."""
    with pytest.raises(ConfigError) as caught:
        decode_toml(text, Rover, "rover.toml")

    assert str(caught.value).startswith("rover.toml: ")
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "{} = 1",
        "[drive]\n{} = 1",
        "[ladders.{}]\nenter_soc = -1",
        "[ladders.{}]\nleave_soc = 0.9",
        "[drive.{}]\nx = nan",
        "[[a.{0}]]\n[a.{0}]",
    ],
)
def test_a_long_name_is_cut_as_a_long_value_is(text: str) -> None:
    """The line stays one that can be read."""
    with pytest.raises(ConfigError) as caught:
        decode_toml(text.format("k" * 1_000_000), Rover, "rover.toml")

    assert "kkk..." in str(caught.value)
    assert len(str(caught.value)) < 250


def test_a_good_file_is_read_whole(tmp_path: Path) -> None:
    """Every kind of value arrives; whole numbers do where a number is expected; what is left out has its default."""
    file = tmp_path / "rover.toml"
    file.write_text(
        "wheels = 4\ncolour = 'blue'\nstart = 2029-09-24T00:00:00Z\nbox = [1, 2]\n[drive]\nenter_soc = 1\n"
        "[[command]]\nat_s = 5\nname = 'go'\nargs = {x_m = 1.5, fast = true}\n"
    )

    rover = load_toml(file, Rover)

    assert rover == Rover(
        wheels=4,
        colour=Colour.BLUE,
        start=datetime(2029, 9, 24, tzinfo=UTC),
        box=(1.0, 2.0),
        drive=Ladder(enter_soc=1.0),
        command=(Timed(at_s=5.0, name="go", args={"x_m": 1.5, "fast": True}),),
    )
    assert load_toml(str(file), Rover) == rover


def test_files_that_are_no_text_files_are_refused(tmp_path: Path) -> None:
    """Missing, folder, binary and absurdly large files are each named, with the reason."""
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"a = 1\n\xff\xfe")
    large = tmp_path / "large.toml"
    large.write_bytes(b"#" * 4_000_001)
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    expected = {
        tmp_path / "missing.toml": "no such file",
        tmp_path: "is a folder, not a file",
        binary: "not a text file (byte 6 is not UTF-8)",
        large: "larger than 4000000 bytes",
        pipe: "is a pipe, not a file",
    }
    for path, reason in expected.items():
        with pytest.raises(ConfigError) as caught:
            load_toml(path, Rover)

        assert f"{path}: {reason}" in str(caught.value)
    with pytest.raises(ConfigError, match=r"a\\x00b: cannot be read"):
        load_toml("a\0b", Rover)


def test_a_truncated_file_never_passes_for_another(tmp_path: Path) -> None:
    """A file cut at any byte is refused in one line or means what its complete lines say."""
    text = "wheels = 4\n[drive]\nenter_soc = 0.75\nleave_soc = 0.25\n"
    for length in range(len(text)):
        try:
            rover = decode_toml(text[:length], Rover, "cut.toml")
        except ConfigError as error:
            assert "\n" not in str(error)
        else:
            assert rover.wheels == 4 or length < text.index("\n")


def test_tables_can_be_changed_between_parsing_and_decoding() -> None:
    """A dispersed scenario changes one key of the plain tables and is checked like a file."""
    raw = parse_toml("[drive]\nenter_soc = 0.7", "s.toml")
    raw["drive"]["enter_soc"] = 0.8

    assert decode_raw(raw, Rover, "s.toml").drive.enter_soc == 0.8

    raw["drive"]["enter_soc"] = 8
    with pytest.raises(ConfigError, match=r"s\.toml: drive\.enter_soc = 8"):
        decode_raw(raw, Rover, "s.toml")


def _accepted_or_one_line(text: str | bytes) -> None:
    try:
        decode_toml(text, Rover, "junk\n.toml")
    except ConfigError as error:
        assert str(error).isprintable()


@given(st.binary(max_size=200))
def test_junk_bytes_are_refused_in_one_line(junk: bytes) -> None:
    """No bytes whatever bring anything but a value or a printable ConfigError."""
    _accepted_or_one_line(junk)


_KEYS = st.sampled_from(
    ["drive", "ladders", "command", "spare", "wheels", "box", "enter_soc", "at_s", "name", "args", "?"]
)
_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.datetimes()
_TABLES = st.dictionaries(
    _KEYS | st.text(max_size=5),
    st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3)),
    max_size=4,
)


@given(_TABLES)
def test_any_tables_are_accepted_or_refused_in_one_line(raw: dict[str, object]) -> None:
    """Well-formed tables of any shape find a clear answer, never another exception."""
    try:
        decode_raw(raw, Rover, "tables.toml")
    except ConfigError as error:
        assert str(error).startswith("tables.toml: ")
        assert str(error).isprintable()


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_relations_hold_in_every_accepted_value(enter_soc: float, leave_soc: float) -> None:
    """A pair of thresholds is accepted exactly when it is in order."""
    text = f"[drive]\nenter_soc = {enter_soc!r}\nleave_soc = {leave_soc!r}\n"
    try:
        accepted = decode_toml(text, Rover, "r.toml").drive == Ladder(enter_soc=enter_soc, leave_soc=leave_soc)
    except ConfigError:
        accepted = False

    assert accepted == (leave_soc < enter_soc)


DEEP = "b." * 20_000 + "c"


@pytest.mark.parametrize(
    "text",
    [
        f"{DEEP} = 1",
        f"x = {{ {DEEP} = 1 }}",
        f"[{DEEP}]",
        f'"=".{DEEP} = 1',
        f"'#'.{DEEP} = 1",
        f'"\\"".{DEEP} = 1',
        f"x = [{{ a = 1, {DEEP} = 1 }}]",
        'x = """#""""' + f"\n[ {DEEP} ]",
        "x = {" + "'b' . " * 20_000 + '"c" = 1}',
    ],
    ids=range(9),
)
def test_a_key_of_thousands_of_parts_is_refused_at_once(text: str) -> None:
    """Forty kilobytes of dots would keep the parser busy for minutes, wherever a key may stand and however quoted."""
    with pytest.raises(ConfigError, match=r"line [23]: a key of more than 100 parts"):
        parse_toml("a = 1\n" + text, "deep.toml")


@pytest.mark.parametrize("quoted", [f"'{DEEP}'", f'"{DEEP}"', f"'''\n{DEEP}'''", f'"""\n{DEEP}"""', f"1.5 # {DEEP}"])
def test_dots_in_texts_and_comments_are_no_key(quoted: str) -> None:
    assert parse_toml(f"a = {quoted}\n{'b.' * 99}c = 1\n", "wide.toml").keys() == {"a", "b"}


@pytest.mark.parametrize("piece", ['"', "'", '\\"""\n', '"\\"', "'''a", "a.", "\\", "a' .", ". ", '""""""""'])
def test_the_search_for_such_keys_is_never_slow_itself(piece: str) -> None:
    """Half a megabyte of anything takes a moment: if it took the square of that, this test would never end."""
    text = piece * (500_000 // len(piece))
    deep_key_line(text.encode())
    deep_key_line(f"x = {text}".encode())
