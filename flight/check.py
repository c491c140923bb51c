"""`rahi-flight --check`: each device is asked once, softly, and the answers are listed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any, Final, NamedTuple

from hal.api.board import Hal
from hal.api.devices import SwitchBank
from hal.api.errors import DeviceError, NotReady

QUESTIONS: Final = ("list", "read", "status", "read_gps_ns", "is_on", "poll")
"""Methods that ask and change nothing; the first that a device has is used."""
_UNASKED: Final = ("clock", "reset_cause", "watchdog", "process")


class Answer(NamedTuple):
    """One device."""

    device: str
    text: str
    fault: bool
    """It should have answered.  One that is not ready may just have no power."""


def ask_all(hal: Hal) -> Iterator[Answer]:
    """Every device of the board, in its order."""
    for field in fields(hal):
        device = getattr(hal, field.name)
        if field.name == "instruments":
            yield from (_ask(name, item) for name, item in device.items())
        elif field.name not in _UNASKED:
            yield _ask(field.name, device)


def _ask(name: str, device: Any) -> Answer:
    if device is None:
        return Answer(name, "not fitted", fault=False)
    try:
        _question(device)()
    except NotReady as error:
        return Answer(name, f"not ready: {error}", fault=False)
    except DeviceError as error:
        return Answer(name, f"{type(error).__name__}: {error}", fault=True)
    return Answer(name, "answers", fault=False)


def _question(device: Any) -> Callable[[], object]:
    method = next(name for name in QUESTIONS if hasattr(device, name))
    if method != "is_on":
        asked: Callable[[], object] = getattr(device, method)
        return asked
    bank: SwitchBank = device
    return lambda: [bank.is_on(name) for name in bank.names()]
