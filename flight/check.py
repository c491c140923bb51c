"""`rahi-flight --check`: each device is asked softly, those that are being set up again, and the answers are listed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any, Final, NamedTuple

from hal.api.board import Hal
from hal.api.clock import NS_PER_S
from hal.api.devices import SwitchBank
from hal.api.errors import GettingReady, NotReady

QUESTIONS: Final = ("list", "read", "status", "read_gps_ns", "is_on", "poll")
"""Methods that ask and change nothing; the first that a device has is used."""
PERIOD_NS: Final = NS_PER_S // 10
"""As flight would ask; drivers go on with setting up their chip each time."""
PATIENCE_NS: Final = 5 * NS_PER_S
"""For all devices together; the slowest, a BNO055, takes about a second."""
TRIES: Final = 3
"""As health does: a device has failed when it has done so three times in a row."""
_UNASKED: Final = ("clock", "reset_cause", "watchdog", "process")


class Answer(NamedTuple):
    """One device."""

    device: str
    text: str
    fault: bool = False
    """It should have answered.  One that is not ready may just have no power."""
    may_come: bool = False
    """It is worth asking again."""


def ask_all(hal: Hal) -> Iterator[Answer]:
    """Every device of the board, in its order; one that is being set up, or failed just now, is given some seconds."""
    asked = [_Asked(name, device) for name, device in _devices(hal)]
    deadline_ns = hal.clock.now_ns() + PATIENCE_NS
    while (waiting := [item for item in asked if item.answer.may_come]) and hal.clock.now_ns() < deadline_ns:
        hal.clock.sleep_until_ns(hal.clock.now_ns() + PERIOD_NS)
        for item in waiting:
            item.ask()
    yield from (item.answer for item in asked)


def _devices(hal: Hal) -> Iterator[tuple[str, Any]]:
    for field in fields(hal):
        if field.name == "instruments":
            yield from hal.instruments.items()
        elif field.name not in _UNASKED:
            yield field.name, getattr(hal, field.name)


class _Asked:
    """A device and its newest answer."""

    def __init__(self, name: str, device: Any) -> None:
        self._name = name
        self._device = device
        self._failures: list[str] = []
        self.answer = Answer(name, "not fitted")
        if device is not None:
            self.ask()

    def ask(self) -> None:
        """Ask once."""
        try:
            _question(self._device)()
        except NotReady as error:
            self.answer = self._not_ready(error)
        except Exception as error:  # noqa: BLE001 - a defect of one driver must not hide how the others are
            self._failures.append(f"{type(error).__name__}: {error}")
            self.answer = self._failed(may_come=len(self._failures) < TRIES)
        else:
            after = f", after {self._failures[0]}" if self._failures else ""
            self.answer = Answer(self._name, f"answers{after}")

    def _not_ready(self, error: NotReady) -> Answer:
        may_come = isinstance(error, GettingReady)
        if self._failures:
            return self._failed(may_come=may_come)
        return Answer(self._name, f"not ready: {error}", may_come=may_come)

    def _failed(self, *, may_come: bool) -> Answer:
        return Answer(self._name, self._failures[0], fault=True, may_come=may_come)


def _question(device: Any) -> Callable[[], object]:
    method = next(name for name in QUESTIONS if hasattr(device, name))
    if method != "is_on":
        asked: Callable[[], object] = getattr(device, method)
        return asked
    bank: SwitchBank = device
    return lambda: [bank.is_on(name) for name in bank.names()]
