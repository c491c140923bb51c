"""Why a telecommand is not accepted."""

from __future__ import annotations

from telemetry_defs.definitions import FailureCode


class Refusal(Exception):
    """Raised by acceptance checks; becomes TM[1,2]."""

    def __init__(self, code: FailureCode, detail: float | None = None) -> None:
        super().__init__(code.name)
        self.code = code
        self.detail = detail
