"""The sequences that ship with the rover: files of the package that the rover file names."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable

from flight.commanding.checks import LastingChecks
from flight.parameters import ParameterStore
from flight.sequences.file import compile_sequence, load_sequence
from flight.sequences.record import Sequence
from flight.sequences.validate import review
from hal.api.config import ConfigError
from telemetry_defs.areas.sequences import FIRST_LOADED_ID
from telemetry_defs.codec import Codecs
from telemetry_defs.dictionary import DICTIONARY, Dictionary


def checks_of(dictionary: Dictionary) -> LastingChecks:
    """The checks of a rover whose parameters are all at their defaults."""
    return LastingChecks(dictionary, Codecs(), ParameterStore(dictionary, {}))


def shipped_sequences(names: Iterable[str], folder: Traversable | None = None) -> tuple[Sequence, ...]:
    """Read, compile and validate them; who ships a sequence has vouched for its hazardous commands.

    Raises:
        ConfigError: no such file, a bad one, or two with one id.
    """
    folder = folder or files("flight") / "rovers" / "sequences"
    checks, found = checks_of(DICTIONARY), dict[int, Sequence]()
    for name in names:
        path = folder / f"{name}.toml"
        compiled = compile_sequence(load_sequence(path), DICTIONARY, Codecs())
        sequence = compiled.sequence
        problems = compiled.problems or review(sequence, checks, DICTIONARY, armed=True).problems
        if problems:
            raise ConfigError(str(path), "; ".join(map(str, problems)))
        if sequence.sequence_id in found or sequence.sequence_id >= FIRST_LOADED_ID:
            raise ConfigError(str(path), f"id = {sequence.sequence_id} is taken, or above {FIRST_LOADED_ID - 1}")
        found[sequence.sequence_id] = sequence
    return tuple(found.values())
