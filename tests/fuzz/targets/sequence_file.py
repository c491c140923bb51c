"""Sequence files and compiled sequences: refused with their own error, or judged, listed and encoded to the same."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

import msgspec

from flight.sequences.file import SequenceFile, compile_sequence
from flight.sequences.record import VERSION, SequenceError, decode, encode
from flight.sequences.shipped import checks_of
from flight.sequences.validate import review
from hal.api.config import ConfigError, decode_toml
from sil.sequence_check import Judged, listing
from telemetry_defs.codec import Codecs
from telemetry_defs.dictionary import DICTIONARY
from tests.fuzz import toml_text
from tests.fuzz.draw import Draw
from tests.fuzz.msgpack_edits import altered

_GOOD = (
    toml_text.short((files("flight") / "rovers" / "sequences" / "night_quiet.toml").read_bytes()),
    b"""name = "x"
id = 200
purpose = "to try"
modes = ["IDLE", "SAFE"]
max_run_s = 600.0
valid_from_utc = 2029-09-24T00:00:00Z
[[step]]
command = "mobility.arc"
at_s = 1.5
args = { distance_m = 1.0, curvature_1_m = 0.0, speed_m_s = 0.04, timeout_s = 50.0 }
[[step]]
wait = "power.hk.state_of_charge"
min = 0.5
timeout_s = 30.0
[[abort_step]]
command = "system.ping"
""",
)
_CODECS = Codecs()
_CHECKS = checks_of(DICTIONARY)
_COMPILED = encode(compile_sequence(decode_toml(_GOOD[0], SequenceFile, "seed"), DICTIONARY, _CODECS).sequence)


def seeds() -> Iterator[bytes]:
    """Files, and the compiled form of one."""
    yield from (b"\x00" + seed for seed in toml_text.seeds(_GOOD))
    yield b"\x01" + _COMPILED
    yield bytes((2, 1, 0, 1, 5))


def check(data: bytes) -> None:
    """A file, compiled bytes, or a compiled sequence with values replaced."""
    draw = Draw(data)
    way = draw.below(3)
    if way == 0:
        _file(toml_text.text(draw, _GOOD))
        return
    compiled = draw.rest() if way == 1 else msgspec.msgpack.encode(altered(draw, msgspec.msgpack.decode(_COMPILED)))
    try:
        sequence = decode(compiled)
    except SequenceError:
        return
    assert decode(encode(sequence)) == sequence
    judged = review(sequence, _CHECKS, DICTIONARY, armed=True)
    assert judged.problems or len(judged.modes) == len(sequence.steps)


def _file(text: bytes) -> None:
    try:
        file = decode_toml(text, SequenceFile, "fuzz")
    except ConfigError as error:
        toml_text.fit_to_show(error)
        return
    sequence, problems = compile_sequence(file, DICTIONARY, _CODECS)
    judged = review(sequence, _CHECKS, DICTIONARY, armed=True)
    found = (*problems, *judged.problems)
    assert list(listing(Judged(file, sequence, judged, found)))
    if not found:
        assert msgspec.msgpack.decode(encode(sequence))[0] == VERSION
        assert decode(encode(sequence)) == sequence
