"""The row `sequences`: what runs, at most `MAX_RUNNING` at once; it costs nothing while nothing does.

What was running when flight ended is not resumed: half a sequence in a changed world does not know where it stands.
A note of what runs is kept so that the next boot can tell; nobody waits for it to be durable, so after a power cut in
the second of a start or an end that tale may be missing or be told twice.
"""

from __future__ import annotations

from contextlib import suppress

from flight.durable import Durable
from flight.kept_file import KeptFile
from flight.sequences.kept import KeptRunning
from flight.sequences.library import Library, Stored
from flight.sequences.runner import Runner, Surroundings
from flight.sequences.validate import Checks, Problem, Review, review
from hal.api.errors import DeviceError
from telemetry_defs.areas import sequences as area
from telemetry_defs.areas.sequences import MAX_RUNNING
from telemetry_defs.definitions import FailureCode
from telemetry_defs.dictionary import Dictionary


def _told(_: bool) -> None:
    """Nobody waits for the note."""


class Engine:
    """Starts, runs and aborts sequences.

    Attributes:
        running: in the order of their starts.
    """

    def __init__(
        self,
        *,
        library: Library,
        rover: Surroundings,
        checks: Checks,
        dictionary: Dictionary,
        note: KeptFile[KeptRunning],
        durable: Durable,
    ) -> None:
        self._library = library
        self._rover = rover
        self._checks = checks
        self._dictionary = dictionary
        self._note = note
        self._durable = durable
        self.running: list[Runner] = []
        self.started = self.completed = self.aborted = self.rejected = 0
        interrupted = (note.read() or KeptRunning()).running
        for sequence_id in interrupted:
            rover.emit(area.INTERRUPTED, area.Started(sequence_id=sequence_id))
        if interrupted:
            self._keep_note()

    @property
    def lost(self) -> tuple[str, ...]:
        """Name of the note, if it could not be read."""
        return (self._note.name,) if self._note.lost else ()

    def find(self, sequence_id: int) -> Runner | None:
        """The sequence with this id, if it runs."""
        for runner in self.running:
            if runner.sequence.sequence_id == sequence_id:
                return runner
        return None

    def judge(self, stored: Stored) -> Review | None:
        """The review of a sequence that may run; None after an event that says why not."""
        judged = review(stored.sequence, self._checks, self._dictionary, armed=stored.armed)
        if not judged.problems:
            return judged
        self.reject(stored.sequence.sequence_id, judged.problems[0])
        return None

    def reject(self, sequence_id: int, problem: Problem) -> None:
        """Count and tell that one was refused."""
        self.rejected += 1
        reason = problem.text.encode("ascii", "replace")[:160]
        self._rover.emit(area.REJECTED, area.Rejected(sequence_id=sequence_id, step=problem.step, reason=reason))

    def start(self, sequence_id: int) -> FailureCode | None:
        """Validate and run a sequence on board; why not, if not."""
        stored = self._library.find(sequence_id)
        if stored is None:
            return FailureCode.UNKNOWN_ID
        refusal = self._refusal(stored)
        if refusal is not None:
            return refusal
        judged = self.judge(stored)
        if judged is None:
            return FailureCode.REFUSED
        self._rover.emit(area.STARTED, area.Started(sequence_id=sequence_id))
        self.running.append(Runner(stored.sequence, judged, self._rover, self._rover.now_ns()))
        self.started += 1
        self._keep_note()
        return None

    def _refusal(self, stored: Stored) -> FailureCode | None:
        """What does not allow it now, though it may be good."""
        if self.find(stored.sequence.sequence_id) is not None:
            return FailureCode.BUSY
        if len(self.running) >= MAX_RUNNING:
            return FailureCode.LIMIT
        if self._rover.mode not in stored.sequence.modes:
            return FailureCode.MODE
        return None if self._rover.is_valid_now(stored.sequence) else FailureCode.PRECONDITION

    def tick(self, now_ns: int) -> None:
        """Every running sequence, in the order of their starts."""
        if not self.running:
            return
        for runner in self.running:
            runner.tick(now_ns)
        ended = [runner for runner in self.running if runner.ended]
        if ended:
            self.aborted += sum(runner.aborting for runner in ended)
            self.completed += sum(not runner.aborting for runner in ended)
            self.running = [runner for runner in self.running if not runner.ended]
            self._keep_note()

    def make_safe(self) -> None:
        """This row has failed: nothing goes on; the abort steps run once it is rebuilt."""
        for runner in self.running:
            runner.abort(FailureCode.INTERNAL)

    def _keep_note(self) -> None:
        note = KeptRunning(tuple(runner.sequence.sequence_id for runner in self.running))
        with suppress(DeviceError):  # the sequence runs all the same; a boot in between will not tell
            self._durable.when_synced(self._note.write(note), _told)

    def housekeeping(self, loads_open: int) -> area.SequencesHk:
        """State of the stored sequences."""
        free = (None,) * (MAX_RUNNING - len(self.running))
        return area.SequencesHk(
            loaded=len(self._library.ids()),
            running=(*(runner.sequence.sequence_id for runner in self.running), *free),
            step=(*(runner.step for runner in self.running), *free),
            started=self.started,
            completed=self.completed,
            aborted=self.aborted,
            rejected=self.rejected,
            loads_open=loads_open,
        )
