"""`rahi-flight --check`: each device is asked once, softly, and the answers are listed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any, Final, NamedTuple

from hal.api.board import Hal
from hal.api.clock import NS_PER_S
from hal.api.devices import SwitchBank
from hal.api.errors import DeviceError, NotReady

QUESTIONS: Final = ("list", "read", "status", "read_gps_ns", "is_on", "poll")
"""Methods that ask and change nothing; the first that a device has is used."""
PERIOD_NS: Final = NS_PER_S // 10
"""As flight would ask; drivers go on with setting up their chip each time."""
PATIENCE_NS: Final = 3 * NS_PER_S
_UNASKED: Final = ("clock", "reset_cause", "watchdog", "process")


class Answer(NamedTuple):
    """One device."""

    device: str
    text: str
    fault: bool = False
    """It should have answered."""
    may_come: bool = False
    """It is starting up, or has no power."""


def ask_all(hal: Hal) -> Iterator[Answer]:
    """Every device of the board, in its order; one that is not ready is given some seconds."""
    devices = dict(_devices(hal))
    answers = {name: _ask(name, device) for name, device in devices.items()}
    deadline_ns = hal.clock.now_ns() + PATIENCE_NS
    while hal.clock.now_ns() < deadline_ns and any(answer.may_come for answer in answers.values()):
        hal.clock.sleep_until_ns(hal.clock.now_ns() + PERIOD_NS)
        for name, answer in answers.items():
            if answer.may_come:
                answers[name] = _ask(name, devices[name])
    yield from answers.values()


def _devices(hal: Hal) -> Iterator[tuple[str, Any]]:
    for field in fields(hal):
        if field.name == "instruments":
            yield from hal.instruments.items()
        elif field.name not in _UNASKED:
            yield field.name, getattr(hal, field.name)


def _ask(name: str, device: Any) -> Answer:
    if device is None:
        return Answer(name, "not fitted")
    try:
        _question(device)()
    except NotReady as error:
        return Answer(name, f"not ready: {error}", may_come=True)
    except DeviceError as error:
        return Answer(name, f"{type(error).__name__}: {error}", fault=True)
    return Answer(name, "answers")


def _question(device: Any) -> Callable[[], object]:
    method = next(name for name in QUESTIONS if hasattr(device, name))
    if method != "is_on":
        asked: Callable[[], object] = getattr(device, method)
        return asked
    bank: SwitchBank = device
    return lambda: [bank.is_on(name) for name in bank.names()]
