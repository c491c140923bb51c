"""The one strict TOML reader, for what the rover believes of itself and for the simulated truth alike.

A file is described by nested `Section` classes. Unknown keys, wrong types, values out of range and broken
relations between keys are refused with one line that names the file, the key, the value and what is allowed.
"""

import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from hal.api import config_explain
from hal.api.toml_keys import MAX_KEY_PARTS, deep_key_line

T = TypeVar("T")

_MOST_INTEGER = 1 << 63
MAX_FILE_BYTES = 4_000_000  # far above any real file; keeps a wrong path (a disk image, a device) from filling memory


class ConfigError(Exception):
    """What is wrong with a configuration, as one line fit to be shown to an operator as it is."""

    def __init__(self, source: str, problem: str) -> None:
        """Keep `source` (the file's name) and `problem`; control characters are made visible."""
        super().__init__(one_line(f"{source}: {problem}"))
        self.source = source


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every table of a configuration file.

    Ranges go into `Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]`. Declare `class Drive(Section, frozen=True,
    kw_only=True)`: strictness is inherited, but the type checker and the order of fields want those two said again.
    """

    def check(self) -> Iterable[str]:
        """Give one sentence for each broken relation between keys, naming the keys; nothing when all is well."""
        return ()


def load_toml(source: Path | Traversable | str, kind: type[T]) -> T:
    """Read the file at `source`, a path or a file inside an installed package, into `kind`.

    Raises:
        ConfigError: the file is missing, unreadable, not TOML, or does not fit `kind`.
    """
    return decode_raw(load_raw(source), kind, str(source))


def load_raw(source: Path | Traversable | str) -> dict[str, Any]:
    """The plain tables of the file at `source`, for callers that merge files before they decode.

    Raises:
        ConfigError: the file is missing, unreadable or not TOML.
    """
    path = Path(source) if isinstance(source, str) else source
    return parse_toml(_read(path, str(path)), str(path))


def decode_toml(text: str | bytes, kind: type[T], source_name: str) -> T:
    """Read TOML text (bytes must be UTF-8) into `kind`; `source_name` stands for the file in messages.

    Raises:
        ConfigError: the text is not TOML or does not fit `kind`.
    """
    return decode_raw(parse_toml(text, source_name), kind, source_name)


def parse_toml(text: str | bytes, source_name: str) -> dict[str, Any]:
    """Read TOML text into plain tables, for callers that change a key before they decode.

    Raises:
        ConfigError: the text is not UTF-8, not TOML, or nested too deep.
    """
    deep = deep_key_line(text if isinstance(text, bytes) else text.encode("utf-8", "replace"))
    if deep is not None:
        raise ConfigError(source_name, f"line {deep}: a key of more than {MAX_KEY_PARTS} parts")
    try:
        return tomllib.loads(text.decode("utf-8") if isinstance(text, bytes) else text)
    except UnicodeDecodeError as error:
        raise ConfigError(source_name, f"not a text file (byte {error.start} is not UTF-8)") from None
    except ValueError as error:  # TOMLDecodeError, and what int() and datetime() say of absurd literals
        raise ConfigError(source_name, f"not valid TOML: {_without_middle(str(error))}") from None
    except RecursionError:
        raise ConfigError(source_name, "not valid TOML: nested too deep") from None


def decode_raw(raw: object, kind: type[T], source_name: str) -> T:
    """Fit already parsed tables into `kind`, with the same checks and messages as a file.

    Raises:
        ConfigError: they do not fit.
    """
    try:
        _refuse_no_quantity(raw, "", source_name)
        value = msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        raise ConfigError(source_name, config_explain.explain(str(error), raw, kind)) from None
    except RecursionError:
        raise ConfigError(source_name, "nested too deep") from None
    problems = list(_broken_relations(value, ""))
    if problems:
        raise ConfigError(source_name, "; ".join(problems))
    return value


def _read(path: Path | Traversable, name: str) -> bytes:
    """The bytes of the file; every way in which that can fail is a ConfigError."""
    try:
        if isinstance(path, Path) and path.is_fifo():  # opening it would wait for a writer, perhaps for ever
            raise ConfigError(name, "is a pipe, not a file")
        with path.open("rb") as file:
            data: bytes = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise ConfigError(name, "no such file") from None
    except IsADirectoryError:
        raise ConfigError(name, "is a folder, not a file") from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = error.strerror if isinstance(error, OSError) else None
        raise ConfigError(name, f"cannot be read: {reason or error}") from None
    if len(data) > MAX_FILE_BYTES:
        raise ConfigError(name, f"larger than {MAX_FILE_BYTES} bytes, so not a configuration file")
    return data


def _without_middle(text: str) -> str:
    """The parser's words, which may quote a key of any length and end with the place."""
    return text if len(text) <= 200 else f"{text[:120]}...{text[-60:]}"


def _refuse_no_quantity(raw: object, key: str, source_name: str) -> None:
    """TOML can say `nan` and `inf`; no quantity of ours can.  Nor can a whole number have more than TOML's 64 bits."""
    if isinstance(raw, dict):
        for name, value in raw.items():
            _refuse_no_quantity(value, config_explain.join_key(key, name), source_name)
    elif isinstance(raw, list):
        for number, value in enumerate(raw):
            _refuse_no_quantity(value, config_explain.join_index(key, number), source_name)
    elif isinstance(raw, float) and not math.isfinite(raw):
        raise ConfigError(source_name, f"{key} = {raw} is not allowed: expected a finite number")
    elif isinstance(raw, int) and not -_MOST_INTEGER <= raw < _MOST_INTEGER:  # Python cannot even print a very long one
        raise ConfigError(source_name, f"{key} is not allowed: expected a whole number of at most 64 bits")


def _broken_relations(value: object, key: str) -> Iterator[str]:
    """Every `check` sentence in the tree, outermost section first, each led by the section it is about."""
    if isinstance(value, Section):
        where = f"[{key}] " if key else ""
        yield from (where + problem for problem in value.check())
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _broken_relations(getattr(value, name), config_explain.join_key(key, name))
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _broken_relations(item, config_explain.join_key(key, str(name)))
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from _broken_relations(item, config_explain.join_index(key, number))


def one_line(text: str) -> str:
    """The same text with line ends and control characters written out, for whoever shows what a file says."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
