"""Verification reports (PUS service 1) of one telecommand, from acceptance to its end."""

from __future__ import annotations

import math

from flight.telemetry.outbox import Outbox, Priority
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import APID_SYSTEM, FailureCode
from telemetry_defs.packets import ACK_ACCEPTANCE, ACK_COMPLETION, ACK_PROGRESS, ACK_START, Tc
from telemetry_defs.reports import ProgressSuccess, VerificationFailure, VerificationSuccess, request_number

_SERVICE = 1


class Verification:
    """Makes the reports; asked-for successes only, failures always."""

    def __init__(self, outbox: Outbox, codecs: Codecs) -> None:
        self._outbox = outbox
        self._codecs = codecs

    def succeeded(self, tc: Tc, subtype: int) -> None:
        """TM[1,1], [1,3] or [1,7]."""
        self._put(tc, subtype, self._codecs.pack(VerificationSuccess(request_id=request_number(tc.request_id))))

    def progressed(self, tc: Tc, step: int) -> None:
        """TM[1,5]."""
        self._put(tc, 5, self._codecs.pack(ProgressSuccess(request_id=request_number(tc.request_id), step=step)))

    def failed(self, tc: Tc, subtype: int, code: FailureCode, detail: float | None) -> None:
        """TM[1,2], [1,4] or [1,8]."""
        whole = round(abs(detail)) if detail is not None and math.isfinite(detail) else None
        body = VerificationFailure(request_id=request_number(tc.request_id), code=code, detail=whole)
        self._put(tc, subtype, self._codecs.pack(body))

    def _put(self, tc: Tc, subtype: int, data: bytes) -> None:
        # A telecommand to an APID that the rover has not got is answered by the core.
        apid = tc.apid if tc.apid in self._outbox.counters else APID_SYSTEM
        self._outbox.put(Priority.VERIFICATION, apid, _SERVICE, subtype, data)


class TelecommandExecution:
    """The `Execution` of one accepted telecommand.  Ends once; whatever comes after its end is ignored."""

    __slots__ = ("_tc", "_verification", "ended", "started")

    def __init__(self, tc: Tc, verification: Verification) -> None:
        self._tc = tc
        self._verification = verification
        self.started = False
        self.ended = False

    def accepted(self) -> None:
        """TM[1,1]."""
        if self._tc.ack & ACK_ACCEPTANCE:
            self._verification.succeeded(self._tc, 1)

    def start(self) -> None:
        """TM[1,3], once."""
        if not self.started and not self.ended:
            self.started = True
            if self._tc.ack & ACK_START:
                self._verification.succeeded(self._tc, 3)

    def progress(self, step: int) -> None:
        """TM[1,5]."""
        if not self.ended and self._tc.ack & ACK_PROGRESS:
            self._verification.progressed(self._tc, min(step, 254))

    def complete(self) -> None:
        """TM[1,7], after TM[1,3] if that was not sent yet."""
        self.start()
        if not self.ended:
            self.ended = True
            if self._tc.ack & ACK_COMPLETION:
                self._verification.succeeded(self._tc, 7)

    def fail(self, code: FailureCode, detail: float | None = None) -> None:
        """TM[1,8] once started, else TM[1,4]."""
        if not self.ended:
            self.ended = True
            self._verification.failed(self._tc, 8 if self.started else 4, code, detail)
