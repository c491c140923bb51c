"""Telecommands from names and plain values, as an operator or a scenario gives them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ground.errors import GroundError
from telemetry_defs import arguments as plain
from telemetry_defs.arguments import Arguments, pack_command
from telemetry_defs.checks import DictionaryError
from telemetry_defs.definitions import Command
from telemetry_defs.dictionary import Dictionary
from telemetry_defs.wire import fields_of

__all__ = ["Arguments", "build_arguments", "find_command", "pack_command", "text_arguments"]


def find_command(dictionary: Dictionary, name: str) -> Command:
    """Return a command by name.

    Raises:
        GroundError: there is none; proposes the nearest name.
    """
    try:
        return dictionary.command(name)
    except DictionaryError as error:
        raise GroundError(str(error)) from None


def build_arguments(dictionary: Dictionary, name: str, arguments: Arguments) -> msgspec.Struct:
    """Return the checked argument record of a command.

    Raises:
        GroundError: unknown command; unknown, missing or illegal argument. Names command, argument and legal range.
    """
    find_command(dictionary, name)
    try:
        return plain.build_arguments(dictionary, name, arguments)
    except plain.ArgumentError as error:
        raise GroundError(str(error), argument=error.argument, problem=error.problem) from None


def text_arguments(dictionary: Dictionary, name: str, texts: Mapping[str, str]) -> dict[str, object]:
    """Return arguments for :func:`build_arguments` from the texts of a command line.

    Raises:
        GroundError: unknown command.
    """
    kinds = {field.name: field.base for field in fields_of(find_command(dictionary, name).cls)}
    return {key: _from_text(kinds.get(plain.ALIASES.get(key, key)), text) for key, text in texts.items()}


def _from_text(kind: type | None, text: str) -> object:
    if kind is bool and text.lower() in ("true", "false", "on", "off", "yes", "no", "1", "0"):
        return text.lower() in ("true", "on", "yes", "1")
    for read in (lambda part: int(part, 0), float):
        if kind is None or kind is bytes:
            break
        try:
            number = read(text)
        except ValueError:
            continue
        return number
    return text
