"""`rahi-flight --check`: each device is asked softly, those that are being set up again, and the answers are listed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any, Final, NamedTuple

from hal.api.board import Hal
from hal.api.clock import NS_PER_S, Clock
from hal.api.devices import SwitchBank
from hal.api.errors import DeviceError, GettingReady, NotReady

QUESTIONS: Final = ("list", "read", "status", "read_gps_ns", "is_on", "poll")
"""Methods that ask and change nothing; the first that a device has is used."""
SETTING_UP_NS: Final = 5 * NS_PER_S
"""A chip that is being set up is asked again for so long; the slowest, a BNO055, takes about a second."""
AGAIN_NS: Final = NS_PER_S // 10
"""From one question to the next: what a cycle of flight takes, for which drivers are made."""
TRIES: Final = 3
"""As health does: a device has failed when it has done so three times in a row."""
_UNASKED: Final = ("clock", "reset_cause", "watchdog", "process")


class Answer(NamedTuple):
    """One device."""

    device: str
    text: str
    fault: bool
    """It should have answered.  One that is not ready may just have no power."""


def ask_all(hal: Hal) -> Iterator[Answer]:
    """Every device of the board, in its order."""
    for name, device in _devices(hal):
        yield _ask(name, device, hal.clock)


def _devices(hal: Hal) -> Iterator[tuple[str, Any]]:
    for field in fields(hal):
        device = getattr(hal, field.name)
        if field.name == "instruments":
            yield from device.items()
        elif field.name not in _UNASKED:
            yield field.name, device


def _ask(name: str, device: Any, clock: Clock) -> Answer:
    if device is None:
        return Answer(name, "not fitted", fault=False)
    failures: list[DeviceError] = []
    try:
        _patiently(_question(device), clock, failures)
    except NotReady as error:
        if not failures:
            return Answer(name, f"not ready: {error}", fault=False)
    except DeviceError:
        pass
    else:
        return Answer(name, "answers" + (f", after {_told(failures[0])}" if failures else ""), fault=False)
    return Answer(name, _told(failures[0]), fault=True)


def _patiently(ask: Callable[[], object], clock: Clock, failures: list[DeviceError]) -> None:
    """Ask until it answers; raises when it fails for the third time, or is still not ready in the end."""
    end_ns = clock.now_ns() + SETTING_UP_NS
    while True:
        try:
            ask()
            return
        except NotReady as error:
            if not isinstance(error, GettingReady) or clock.now_ns() >= end_ns:
                raise
        except DeviceError as error:
            failures.append(error)
            if len(failures) >= TRIES:
                raise
        clock.sleep_until_ns(clock.now_ns() + AGAIN_NS)


def _told(error: DeviceError) -> str:
    return f"{type(error).__name__}: {error}"


def _question(device: Any) -> Callable[[], object]:
    method = next(name for name in QUESTIONS if hasattr(device, name))
    if method != "is_on":
        asked: Callable[[], object] = getattr(device, method)
        return asked
    bank: SwitchBank = device
    return lambda: [bank.is_on(name) for name in bank.names()]
