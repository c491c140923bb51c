"""A sequence file as an operator sees it: judged by the very code that judges it on board, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from flight.sequences.file import SequenceFile, StepSection, compile_sequence, load_sequence
from flight.sequences.record import Sequence, encode
from flight.sequences.shipped import checks_of
from flight.sequences.validate import Problem, Review, review
from telemetry_defs.codec import Codecs
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.ranges import number_text


class Judged(NamedTuple):
    """A sequence file and what came of looking at it."""

    file: SequenceFile
    sequence: Sequence
    review: Review
    problems: tuple[Problem, ...]


def judge_file(path: Path) -> Judged:
    """Read, compile and validate; hazardous commands are no problem here, for it is the load that must be armed.

    Raises:
        ConfigError: not a sequence file.
    """
    file = load_sequence(path)
    sequence, problems = compile_sequence(file, DICTIONARY, Codecs())
    judged = review(sequence, checks_of(DICTIONARY), DICTIONARY, armed=True)
    return Judged(file, sequence, judged, tuple(sorted((*problems, *judged.problems))))


def listing(judged: Judged) -> Iterator[str]:
    """One line for the sequence, one for each step with the modes that the rover can be in when it is due."""
    file = judged.file
    yield f"{file.name}, sequence {file.id}, {len(encode(judged.sequence))} bytes: {file.purpose}"
    for number, (step, modes) in enumerate(zip(file.step, judged.review.modes, strict=True), 1):
        possible = ", ".join(mode.name for mode in modes)
        yield f"{number:>7}  {_due(step):<11} {possible:<16} {step_text(step)}"
    for number, abort_step in enumerate(file.abort_step, 1):
        yield f"abort {number}  {'':<28} {_command_text(abort_step.command, abort_step.args)}"
    if judged.review.hazardous:
        yield "hazardous: its load must be armed"


def step_text(step: StepSection) -> str:
    """What a step does, as its file says it."""
    if step.command is not None:
        return _command_text(step.command, step.args)
    if step.equals is not None:
        return f"{step.wait} = {_plain(step.equals)}"
    low, high = ("" if limit is None else number_text(limit) for limit in (step.min, step.max))
    return f"{step.wait} in {low}..{high}"


def _due(step: StepSection) -> str:
    return f"wait {step.timeout_s:g} s" if step.command is None else f"{step.at_s:g} s"


def _command_text(name: str, args: Mapping[str, object]) -> str:
    return " ".join((name, *(f"{key}={_plain(value)}" for key, value in args.items())))


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
