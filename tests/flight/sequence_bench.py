"""Sequences on a disk that loses power, with real checks and handlers; commands run when the test says so."""

from __future__ import annotations

import binascii
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from flight.commanding.onboard import Done
from flight.durable import Durable
from flight.sequences.engine import Engine
from flight.sequences.file import SequenceFile, compile_sequence
from flight.sequences.kept import running_file
from flight.sequences.library import Library
from flight.sequences.record import Sequence, encode
from flight.sequences.services import SequenceServices
from flight.sequences.shipped import checks_of, shipped_sequences
from flight.telemetry.current import Sample
from hal.api.config import decode_toml
from sim_hal.clock import SimClock
from sim_hal.disk import Disk
from sim_hal.noise import Noise
from sim_hal.plug import Plug
from telemetry_defs.areas import sequences as area
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import Command, Event, FailureCode, Mode
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.packets import parse_tm
from telemetry_defs.points import Point, Validity
from tests.fakes.context import CapturedEvents, FakeExecution, make_outbox
from tests.flight.timeline_bench import CYCLE_NS, BrokenStorage

CHECKS = checks_of(DICTIONARY)
STALE = Sample(None, Validity.STALE)
HEAD = """
name = "test"
id = 64
purpose = "for a test"
modes = ["IDLE"]
max_run_s = 1000.0
"""
PING = '[[step]]\nat_s = 0.0\ncommand = "system.ping"\n'
WAIT = '[[step]]\nwait = "power.hk.soc"\nmin = 0.5\nmax = 0.9\ntimeout_s = 10.0\n'
STOP = '[[abort_step]]\ncommand = "mobility.stop"\n'


def step(at_s: float, command: str, args: str = "{}") -> str:
    return f'[[step]]\nat_s = {at_s}\ncommand = "{command}"\nargs = {args}\n'


def hk_step(at_s: float, tag: int) -> str:
    """A command that carries a number by which the test knows it again."""
    return step(at_s, "system.enable_hk", f"{{ structure_id = {tag} }}")


def compiled(text: str) -> Sequence:
    """The sequence of a file without mistakes of its own."""
    sequence, problems = compile_sequence(decode_toml(text, SequenceFile, "test.toml"), DICTIONARY, Codecs())
    assert not problems, problems
    return sequence


class Given(NamedTuple):
    """A command that a sequence gave."""

    t_ns: int
    command: Command
    arguments: Any
    done: Done

    @property
    def tag(self) -> int:
        return getattr(self.arguments, "structure_id", -1)


class FakeRover:
    """The `Surroundings`: commands wait in `given` until the test ends them."""

    def __init__(self, clock: SimClock, events: CapturedEvents) -> None:
        self._clock = clock
        self._events = events
        self.mode = Mode.IDLE
        self.stops = 0
        self.valid = True
        self.refusal: FailureCode | None = None
        self.sample = STALE
        self.given: list[Given] = []

    def now_ns(self) -> int:
        return self._clock.now_ns()

    def is_valid_now(self, sequence: Sequence) -> bool:
        return self.valid or not sequence.has_window

    def submit(self, command: Command, arguments: object, done: Done) -> FailureCode | None:
        if self.refusal is None:
            self.given.append(Given(self._clock.now_ns(), command, arguments, done))
        return self.refusal

    def read(self, point: Point, now_ns: int) -> Sample:
        return self.sample

    def emit(self, event: Event, fields: msgspec.Struct) -> None:
        self._events.emit(event, fields)


class StuckStorage(BrokenStorage):
    """A disk whose syncs can stop coming."""

    stuck = False

    def synced_through(self) -> int:
        return -1 if self.stuck else super().synced_through()


class SequenceBench:
    """`boot` builds flight's part; clock and disk stay."""

    def __init__(self, seed: int = 1, shipped: tuple[str, ...] = ("night_quiet",)) -> None:
        self.clock = SimClock()
        self.disk = Disk(self.clock, Noise(seed, "disk"))
        self.events = CapturedEvents()
        self.shipped = shipped_sequences(shipped)
        self.codecs = Codecs()
        self.boot()

    def boot(self) -> None:
        self.storage = StuckStorage(Plug(self.clock), self.disk)
        self.durable = Durable(self.storage, self.clock)
        self.rover = FakeRover(self.clock, self.events)
        self.library = Library(self.storage, self.durable, self.shipped)
        self.engine = Engine(
            library=self.library,
            rover=self.rover,
            checks=CHECKS,
            dictionary=DICTIONARY,
            note=running_file(self.storage),
            durable=self.durable,
        )
        self.outbox = make_outbox(self.clock)  # type: ignore[arg-type]  # only its now_ns is asked for
        self.row_runs = True
        self.services = SequenceServices(
            library=self.library,
            engine=self.engine,
            row_runs=lambda: self.row_runs,
            outbox=self.outbox,
            codecs=self.codecs,
            clock=self.clock,
        )

    def cycles(self, count: int = 1) -> None:
        for _ in range(count):
            now_ns = self.clock.now_ns()
            self.durable.tick(now_ns)
            self.engine.tick(now_ns)
            self.clock.sleep_until_ns(now_ns + CYCLE_NS)

    def run_s(self, duration_s: float) -> None:
        self.cycles(round(duration_s * 10))

    def restart(self) -> None:
        """The power goes and comes back."""
        self.disk.cut()
        self.boot()

    # What ground does.

    def give(self, command: Command, arguments: msgspec.Struct | None = None) -> FakeExecution:
        execution = FakeExecution()
        self.services.handlers()[command.name](arguments, execution)
        if not execution.started and not execution.ended:
            execution.complete()
        return execution

    def parts(self, data: bytes, sequence_id: int = 64, *, hazardous: bool = False, size: int = 40) -> list[area.Load]:
        pieces = [data[start : start + size] for start in range(0, len(data), size)]
        return [
            area.Load(
                sequence_id=sequence_id,
                part=place,
                parts=len(pieces),
                crc32=binascii.crc32(data),
                hazardous=hazardous,
                data=piece,
            )
            for place, piece in enumerate(pieces)
        ]

    def load(self, text: str, *, hazardous: bool = False) -> FakeExecution:
        """Load whole and wait until it is durable; the execution of the last part."""
        sequence = compiled(text)
        last = FakeExecution()
        for part in self.parts(encode(sequence), sequence.sequence_id, hazardous=hazardous):
            last = self.give(area.LOAD, part)
        self.cycles(3)
        return last

    def start(self, text: str) -> FailureCode | None:
        """Load and start."""
        assert self.load(text).completed
        return self.services.start(compiled(text).sequence_id)

    def end(self, code: FailureCode | None = None) -> None:
        """End the command that was given last."""
        self.rover.given[-1].done(code)

    # What comes down.

    def reports(self, subtype: int) -> Iterator[bytes]:
        packets = [parse_tm(packet) for packet in iter(self.outbox.take, None)]
        return (tm.data for tm in packets if (tm.service, tm.subtype) == (21, subtype))

    def aborted(self) -> list[tuple[int, FailureCode]]:
        """Step and code of each abort."""
        return [(item.step, item.code) for item in self.events.of(area.ABORTED)]  # type: ignore[union-attr]  # so declared

    def reasons(self) -> list[str]:
        """Why sequences were rejected."""
        return [item.reason.decode() for item in self.events.of(area.REJECTED)]  # type: ignore[union-attr]  # so declared

    def tags(self) -> list[int]:
        """Of the commands given, in order."""
        return [item.tag for item in self.rover.given]
