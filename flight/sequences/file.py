"""A sequence file: TOML as people write it, and its compilation by the names of the dictionary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

from msgspec import Meta

from flight.sequences.record import MAX_ABORT_STEPS, MAX_RUN_MS, MAX_STEPS, CommandStep, Sequence, Step, WaitStep
from flight.sequences.validate import Problem
from hal.api.clock import NS_PER_S
from hal.api.config import Section, load_toml
from telemetry_defs.areas import system
from telemetry_defs.areas.sequences import FIRST_ID, LAST_ID
from telemetry_defs.arguments import ArgumentError, build_arguments, pack_command
from telemetry_defs.codec import Codecs
from telemetry_defs.cuc import utc_to_gps_ns
from telemetry_defs.definitions import Mode
from telemetry_defs.dictionary import Dictionary, DictionaryError
from telemetry_defs.points import find_field, find_point
from telemetry_defs.wire import Field, enum_members

Seconds = Annotated[float, Meta(ge=0.0, le=MAX_RUN_MS / 1000)]
FIRST_YEAR: Final = 2017
"""UTC and GPS time have kept their distance since."""
LAST_YEAR: Final = 2115


class StepSection(Section, frozen=True, kw_only=True):
    """`[[step]]`: a command at a time, or a wait."""

    at_s: Seconds | None = None
    command: str | None = None
    args: dict[str, Any] = {}
    wait: str | None = None
    min: float | None = None
    max: float | None = None
    equals: bool | int | str | None = None
    timeout_s: Annotated[float, Meta(ge=0.1, le=MAX_RUN_MS / 1000)] | None = None

    def check(self) -> Iterable[str]:
        of_wait = (self.min, self.max, self.equals, self.timeout_s)
        if (self.command is None) == (self.wait is None):
            yield "a step has either command or wait"
        elif self.command is not None:
            if self.at_s is None:
                yield "a command needs at_s"
            if any(value is not None for value in of_wait):
                yield "min, max, equals and timeout_s belong to a wait"
        else:
            yield from self._check_wait()

    def _check_wait(self) -> Iterable[str]:
        if self.at_s is not None or self.args:
            yield "at_s and args belong to a command"
        if self.timeout_s is None:
            yield "a wait needs timeout_s"
        if (self.equals is None) == (self.min is None and self.max is None):
            yield "a wait needs either equals, or min or max or both"


class AbortStepSection(Section, frozen=True, kw_only=True):
    """`[[abort_step]]`: a command that runs when the sequence is aborted."""

    command: str
    args: dict[str, Any] = {}


class SequenceFile(Section, frozen=True, kw_only=True):
    """A whole sequence file."""

    name: Annotated[str, Meta(min_length=1, max_length=40)]
    id: Annotated[int, Meta(ge=FIRST_ID, le=LAST_ID)]
    purpose: Annotated[str, Meta(max_length=200)]
    modes: Annotated[tuple[str, ...], Meta(min_length=1)]
    max_run_s: Annotated[float, Meta(ge=0.1, le=MAX_RUN_MS / 1000)]
    valid_from_utc: datetime | None = None
    valid_until_utc: datetime | None = None
    step: Annotated[tuple[StepSection, ...], Meta(min_length=1, max_length=MAX_STEPS)]
    abort_step: Annotated[tuple[AbortStepSection, ...], Meta(max_length=MAX_ABORT_STEPS)] = ()

    def check(self) -> Iterable[str]:
        known = [mode.name for mode in Mode]
        for name in self.modes:
            if name not in known:
                yield f"modes: {name!r} is none of {', '.join(known)}"
        for key, time in (("valid_from_utc", self.valid_from_utc), ("valid_until_utc", self.valid_until_utc)):
            if time is None:
                continue
            if time.utcoffset() != timedelta(0):
                yield f"{key} must be in UTC and end in Z"
            elif not FIRST_YEAR <= time.year <= LAST_YEAR:
                yield f"{key} must be in the years {FIRST_YEAR}..{LAST_YEAR}"


class Compiled(NamedTuple):
    """What stands for a bad step is harmless, so that the rest of the sequence can be judged all the same."""

    sequence: Sequence
    problems: tuple[Problem, ...]


def load_sequence(path: Path | Traversable | str) -> SequenceFile:
    """Read a sequence file.  Raises `ConfigError`."""
    return load_toml(path, SequenceFile)


def compile_sequence(file: SequenceFile, dictionary: Dictionary, codecs: Codecs) -> Compiled:
    """Turn the names of a file into numbers."""
    compiler = _Compiler(dictionary, codecs)
    steps = tuple(compiler.step(section, number) for number, section in enumerate(file.step, 1))
    abort_steps = tuple(
        compiler.command(0, section.command, section.args, 0, f"abort step {number}: ")
        for number, section in enumerate(file.abort_step, 1)
    )
    sequence = Sequence(
        sequence_id=file.id,
        name=file.name,
        modes=tuple(Mode[name] for name in file.modes),
        max_run_ms=_ms(file.max_run_s),
        valid_from_gps_s=_gps_s(file.valid_from_utc),
        valid_until_gps_s=_gps_s(file.valid_until_utc),
        steps=steps,
        abort_steps=abort_steps,
    )
    return Compiled(sequence, tuple(compiler.problems))


class _Compiler:
    def __init__(self, dictionary: Dictionary, codecs: Codecs) -> None:
        self._dictionary = dictionary
        self._codecs = codecs
        self.problems: list[Problem] = []

    def step(self, section: StepSection, number: int) -> Step:
        if section.command is not None:
            return self.command(_ms(section.at_s or 0.0), section.command, section.args, number)
        try:
            return self._wait(section)
        except DictionaryError as error:
            self.problems.append(Problem(number, str(error)))
            return WaitStep(system.SYSTEM_HK.structure_id, 0, 0, 0.0, None, _ms(section.timeout_s or 0.0))

    def command(self, at_ms: int, name: str, args: Mapping[str, Any], number: int, where: str = "") -> CommandStep:
        try:
            record = build_arguments(self._dictionary, name, args)
        except (DictionaryError, ArgumentError) as error:
            self.problems.append(Problem(number, f"{where}{error}"))
            name, record = system.PING.name, system.PING.cls()
        return CommandStep(at_ms, *pack_command(self._dictionary, name, record, self._codecs))

    def _wait(self, section: StepSection) -> WaitStep:
        point = find_point(section.wait or "", self._dictionary)
        field = find_field(point, self._dictionary)
        low, high = section.min, section.max
        if section.equals is not None:
            low = high = _code(section.equals, field)
        timeout_ms = _ms(section.timeout_s or 0.0)
        return WaitStep(point.structure_id, point.field, point.element, low, high, timeout_ms)


def _code(value: bool | int | str, field: Field) -> float:
    """What a value of telemetry is compared with to be equal.

    Raises:
        DictionaryError: the field cannot be equal to this.
    """
    if field.base is float:
        raise DictionaryError(f"{field.name} is measured: give min and max instead of equals")
    if not isinstance(value, str):
        return float(value)
    for member in enum_members(field):
        if member.name == value:
            return float(member)
    names = ", ".join(member.name for member in enum_members(field))
    raise DictionaryError(f"{field.name} = {value!r} is {f'none of {names}' if names else 'no number'}")


def _ms(duration_s: float) -> int:
    return round(duration_s * 1000)


def _gps_s(time: datetime | None) -> int | None:
    if time is None:
        return None
    return utc_to_gps_ns(time.year, time.month, time.day, time.hour, time.minute, time.second) // NS_PER_S
