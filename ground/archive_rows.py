"""Commands as rows of ``telemetry.sqlite``, and back as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from ground.archive_schema import COMMAND_COLUMNS
from ground.verification import CommandRecord

_NS = 1e9


def command_row(record: CommandRecord) -> tuple[object, ...]:
    """Return the values of a command in the order of its columns."""
    return (
        record.number,
        record.name,
        msgspec.json.encode(record.args, enc_hook=repr).decode(),
        record.request_id,
        record.sent_ns,
        record.radio,
        record.state.value,
        record.code_name,
        record.detail,
        record.step,
        msgspec.json.encode(record.reports).decode(),
        record.raw,
    )


def command_values(row: Sequence[Any]) -> dict[str, Any]:
    """Return a row by column name, its JSON taken apart, and ``sent_s``.

    Raises:
        ValueError: what should be JSON is not, or not of arguments and reports.
    """
    command = dict(zip(COMMAND_COLUMNS, row, strict=True))
    try:
        command["args"] = msgspec.json.decode(command["args"], type=dict[str, Any])
        reports = msgspec.json.decode(command["reports"], type=list[tuple[int, str]])
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ValueError(str(error)) from None
    command["reports"] = [list(report) for report in reports]
    command["sent_s"] = command["sent_ns"] / _NS
    return command
