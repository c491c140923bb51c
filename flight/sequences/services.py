"""Handlers of PUS service 21.  Whatever changes what is on board completes once the change survives a power cut."""

from __future__ import annotations

import binascii
from collections.abc import Callable, Mapping

from flight.context import Execution, Handler
from flight.sequences.assembly import Assembly, Whole
from flight.sequences.engine import Engine
from flight.sequences.library import Library, Stored
from flight.sequences.record import Sequence, SequenceError, decode, encode
from flight.sequences.validate import Problem
from flight.telemetry.outbox import Outbox, Priority
from hal.api.clock import NS_PER_S, Clock
from telemetry_defs.areas import sequences as area
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import FailureCode, NoArguments
from telemetry_defs.sequence_reports import (
    SEQUENCE_PART_BYTES,
    SEQUENCE_PART_SUBTYPE,
    SEQUENCE_SERVICE,
    SEQUENCE_STATUS_SUBTYPE,
    SequencePart,
    SequenceState,
    SequenceStatus,
)


class SequenceServices:
    """What ground can ask of the sequences; `start` is what monitors ask too."""

    def __init__(
        self,
        *,
        library: Library,
        engine: Engine,
        row_runs: Callable[[], bool],
        outbox: Outbox,
        codecs: Codecs,
        clock: Clock,
    ) -> None:
        """`row_runs`: whether the row is there to run what is started."""
        self._library = library
        self._engine = engine
        self._row_runs = row_runs
        self._outbox = outbox
        self._codecs = codecs
        self._clock = clock
        self._assembly = Assembly()

    def handlers(self) -> Mapping[str, Handler]:
        """By command name."""
        return {
            area.LOAD.name: self._load,
            area.LOAD_SHIPPED.name: self._load_shipped,
            area.UNLOAD.name: self._unload,
            area.START.name: self._start,
            area.ABORT.name: self._abort,
            area.REPORT.name: self._report,
            area.REPORT_CONTENT.name: self._report_content,
        }

    def start(self, sequence_id: int) -> FailureCode | None:
        """Start a sequence on board; why not, if not."""
        return self._engine.start(sequence_id) if self._row_runs() else FailureCode.NOT_AVAILABLE

    def housekeeping(self) -> area.SequencesHk:
        """State of the stored sequences."""
        return self._engine.housekeeping(self._assembly.count(self._clock.now_ns()))

    def _load(self, arguments: area.Load, execution: Execution) -> None:
        if self._engine.find(arguments.sequence_id) is not None:
            execution.fail(FailureCode.BUSY, arguments.sequence_id)
            return
        taken = self._assembly.take(arguments, self._clock.now_ns())
        if isinstance(taken, Whole):
            self._accept(arguments.sequence_id, taken, execution)
        elif taken is FailureCode.REFUSED:
            self._reject(arguments.sequence_id, Problem(0, "the checksum over all parts is wrong"), execution)
        elif taken is not None:
            execution.fail(taken, arguments.part)

    def _accept(self, sequence_id: int, whole: Whole, execution: Execution) -> None:
        try:
            sequence = decode(whole.data)
        except SequenceError as error:
            self._reject(sequence_id, Problem(0, str(error)), execution)
            return
        if sequence.sequence_id != sequence_id:
            problem = Problem(0, f"holds sequence {sequence.sequence_id}, not {sequence_id}")
            self._reject(sequence_id, problem, execution)
            return
        stored = Stored(sequence, whole.armed)
        if self._engine.judge(stored) is None:
            execution.fail(FailureCode.REFUSED)
        else:
            self._keep(execution, lambda done: self._library.load(stored, done))

    def _reject(self, sequence_id: int, problem: Problem, execution: Execution) -> None:
        self._engine.reject(sequence_id, problem)
        execution.fail(FailureCode.REFUSED)

    def _keep(self, execution: Execution, change: Callable[[Callable[[bool], None]], None]) -> None:
        execution.start()

        def done(durable: bool) -> None:
            if durable:
                execution.complete()
            else:
                execution.fail(FailureCode.STORAGE)

        change(done)

    def _load_shipped(self, arguments: area.ShippedId, execution: Execution) -> None:
        sequence_id = arguments.sequence_id
        if not self._library.ships(sequence_id):
            execution.fail(FailureCode.UNKNOWN_ID, sequence_id)
        else:
            self._keep(execution, lambda done: self._library.load_shipped(sequence_id, done))

    def _unload(self, arguments: area.SequenceId, execution: Execution) -> None:
        sequence_id = arguments.sequence_id
        if self._engine.find(sequence_id) is not None:
            execution.fail(FailureCode.BUSY, sequence_id)
        elif self._known(sequence_id, execution) is not None:
            self._keep(execution, lambda done: self._library.unload(sequence_id, done))

    def _start(self, arguments: area.SequenceId, execution: Execution) -> None:
        code = self.start(arguments.sequence_id)
        if code is not None:
            execution.fail(code, arguments.sequence_id)

    def _abort(self, arguments: area.SequenceId, execution: Execution) -> None:
        runner = self._engine.find(arguments.sequence_id)
        if runner is None:
            execution.fail(FailureCode.PRECONDITION, arguments.sequence_id)
        else:
            runner.abort(FailureCode.ABORTED)

    def _known(self, sequence_id: int, execution: Execution) -> Sequence | None:
        stored = self._library.find(sequence_id)
        if stored is None:
            execution.fail(FailureCode.UNKNOWN_ID, sequence_id)
            return None
        return stored.sequence

    def _report(self, arguments: NoArguments, execution: Execution) -> None:
        ids = self._library.ids()
        for index, sequence_id in enumerate(ids):
            self._put(SEQUENCE_STATUS_SUBTYPE, self._codecs.pack(self._status(index, len(ids), sequence_id)))

    def _status(self, index: int, total: int, sequence_id: int) -> SequenceStatus:
        runner = self._engine.find(sequence_id)
        return SequenceStatus(
            index=index,
            total=total,
            sequence_id=sequence_id,
            state=SequenceState.INACTIVE if runner is None else runner.state,
            step=None if runner is None else runner.step,
            run_s=None if runner is None else (self._clock.now_ns() - runner.started_ns) / NS_PER_S,
        )

    def _report_content(self, arguments: area.SequenceId, execution: Execution) -> None:
        sequence = self._known(arguments.sequence_id, execution)
        if sequence is None:
            return
        data = encode(sequence)
        parts = [data[start : start + SEQUENCE_PART_BYTES] for start in range(0, len(data), SEQUENCE_PART_BYTES)]
        for index, part in enumerate(parts):
            report = SequencePart(
                sequence_id=arguments.sequence_id,
                index=index,
                total=len(parts),
                crc32=binascii.crc32(data),
                data=part,
            )
            self._put(SEQUENCE_PART_SUBTYPE, self._codecs.pack(report))

    def _put(self, subtype: int, data: bytes) -> None:
        self._outbox.put(Priority.REPORT, area.AREA.apid, SEQUENCE_SERVICE, subtype, data)
