"""What the rover file says of monitors and actions; everything it names is looked up when the file is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from hal.api.config import Section
from telemetry_defs.areas import monitors as area, system
from telemetry_defs.arguments import ArgumentError, build_arguments
from telemetry_defs.definitions import Mode
from telemetry_defs.dictionary import DICTIONARY, DictionaryError
from telemetry_defs.monitor_reports import MonitorReport
from telemetry_defs.points import find_point

MAX_ID: Final = 127
"""Above are the ids of definitions that ground may add one day."""
Name = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,39}$")]
Id = Annotated[int, Meta(ge=1, le=MAX_ID)]
Limit = float | str | None
"""A number in the unit of the value, or the name of an on-board parameter."""


class MonitorConfig(Section, frozen=True, kw_only=True):
    """One `[[monitor]]`: a value and what it should be."""

    id: Id
    name: Name
    value: str
    """AREA.STRUCTURE.FIELD, with [N] for one element."""
    kind: Literal["limit", "delta", "expected"] = "limit"
    low: Limit = None
    high: Limit = None
    """For a delta: of the change from check to check."""
    ease: Annotated[float, Meta(ge=0.0)] = 0.0
    """A violation of a limit is over this far inside it."""
    expected: bool | float | None = None
    mask: Annotated[int, Meta(ge=1, lt=1 << 53)] | None = None
    persistence: Annotated[int, Meta(ge=1, le=254)] = 1
    """Failed checks in a row that make a violation."""
    every_s: Annotated[int, Meta(ge=1, le=3600)] = 1
    modes: tuple[str, ...] = ()
    """Where it is checked; empty means in all modes."""
    fail_when_invalid: bool = False
    """No value, or a stale one, is a failed check; else it neither fails nor clears."""
    state: Literal["ENABLED", "PASSIVE", "DISABLED"] = "ENABLED"
    event: str = area.VIOLATED.name
    protects: bool = False
    """Silencing it needs arming."""

    def check(self) -> Iterable[str]:
        yield from _unknown("value", self.value, lambda name: find_point(name, DICTIONARY))
        for key, limit in (("low", self.low), ("high", self.high)):
            if isinstance(limit, str):
                yield from _unknown(key, limit, DICTIONARY.parameter)
        for mode in self.modes:
            yield from _unknown_mode("modes", mode)
        yield from self._check_event()
        yield from self._check_expected() if self.kind == "expected" else self._check_limits()

    def _check_event(self) -> Iterator[str]:
        problems = list(_unknown("event", self.event, DICTIONARY.event))
        if not problems and (self.event == area.CLEARED.name or DICTIONARY.event(self.event).cls is not MonitorReport):
            fit = (
                event.name for event in DICTIONARY.events if event.cls is MonitorReport and event is not area.CLEARED
            )
            problems = [f"event = {self.event!r} is no event of a monitor; there are {', '.join(fit)}"]
        yield from problems

    def _check_expected(self) -> Iterator[str]:
        if self.expected is None:
            yield "lacks the key 'expected' that kind = 'expected' needs"
        if self.low is not None or self.high is not None or self.ease:
            yield "low, high and ease do not go with kind = 'expected'"
        expected = float(self.expected or 0.0)
        if self.mask is not None and not (expected.is_integer() and int(expected) & ~self.mask == 0):
            yield f"expected = {self.expected} has bits outside mask = {self.mask}"

    def _check_limits(self) -> Iterator[str]:
        if self.low is None and self.high is None:
            yield f"needs low or high, for kind = {self.kind!r}"
        if self.expected is not None or self.mask is not None:
            yield f"expected and mask do not go with kind = {self.kind!r}"
        if self.ease and self.kind == "delta":
            yield "ease does not go with kind = 'delta'"
        low, high, ease = self.low, self.high, self.ease
        if isinstance(low, float) and isinstance(high, float) and low + ease > high - ease:
            yield f"low = {low} and high = {high} leave nothing between them, ease = {ease} inside"


class ActionConfig(Section, frozen=True, kw_only=True):
    """One `[[action]]`: what starts it, and what it does."""

    id: Id
    name: Name
    monitor: str | None = None
    event: str | None = None
    command: str | None = None
    args: dict[str, Any] = {}
    sequence: Annotated[int, Meta(ge=1, le=127)] | None = None
    """Below 64 one that ships; else one that ground loads."""
    mode: str | None = None
    repeat_s: Annotated[float, Meta(ge=0.0, le=86400.0)] = 0.0
    """0: once for each violation; else again while it lasts, and never sooner than this."""
    enabled: bool = True

    def check(self) -> Iterable[str]:
        if (self.monitor is None) is (self.event is None):
            yield "needs one of monitor and event"
        if sum(item is not None for item in (self.command, self.sequence, self.mode)) != 1:
            yield "needs one of command, sequence and mode"
        if self.args and self.command is None:
            yield "args do not go without command"
        if self.event is not None:
            yield from self._check_event(self.event)
        if self.mode is not None:
            yield from _unknown_mode("mode", self.mode)
        if self.command is not None:
            yield from self._check_command(self.command)

    @staticmethod
    def _check_event(name: str) -> Iterator[str]:
        yield from _unknown("event", name, DICTIONARY.event)
        if name.startswith(f"{area.AREA.name}."):
            yield f"event = {name!r} is not allowed: what monitors and actions report starts nothing"

    def _check_command(self, name: str) -> Iterator[str]:
        problems = list(_unknown("command", name, DICTIONARY.command))
        if name == system.ARM.name:
            problems = [f"command = {name!r} is not allowed: it works on reception only"]
        if not problems:
            try:
                build_arguments(DICTIONARY, name, self.args)
            except ArgumentError as error:
                problems = [f"args: {error}"]
        yield from problems


def table_problems(monitors: Sequence[MonitorConfig], actions: Sequence[ActionConfig]) -> Iterator[str]:
    """What is wrong between the entries: ids and names given twice, actions of no monitor."""
    for what, entries in (("monitor", monitors), ("action", actions)):
        for key in ("id", "name"):
            values = [getattr(entry, key) for entry in entries]
            for value in dict.fromkeys(values):
                if values.count(value) > 1:
                    yield f"[[{what}]]: {key} = {value!r} is given {values.count(value)} times"
    names = [monitor.name for monitor in monitors]
    for action in actions:
        if action.monitor is not None and action.monitor not in names:
            there = ", ".join(names) or "none"
            yield f"[[action]] {action.name}: monitor = {action.monitor!r} is no monitor; there are {there}"


def modes_of(config: MonitorConfig) -> frozenset[Mode]:
    """The modes in which a monitor is checked."""
    return frozenset(Mode[name] for name in config.modes) or frozenset(Mode)


def _unknown(key: str, name: str, find: Callable[[str], msgspec.Struct]) -> Iterator[str]:
    try:
        find(name)
    except DictionaryError as error:
        yield f"{key} = {name!r}: {error}"


def _unknown_mode(key: str, name: str) -> Iterator[str]:
    if name not in Mode.__members__:
        yield f"{key} = {name!r} is no mode; there are {', '.join(Mode.__members__)}"
