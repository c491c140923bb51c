"""Fakes for everything in `flight.context`: clock, events, parameters, modes, one telecommand's execution::

bench = Bench(mode=Mode.IDLE)
power = Power(..., context=bench.context)
bench.clock.advance_s(1.0)
power.tick(bench.clock.now_ns())
assert bench.events.names() == ["power.shed"]
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from flight.blackboard import Blackboard
from flight.context import Accepted, Context, Refused
from flight.onboard_time import OnboardTime
from flight.telemetry.counters import SequenceCounters
from flight.telemetry.outbox import Outbox
from hal.api.clock import NS_PER_S
from telemetry_defs.definitions import Event, FailureCode, Mode, Parameter
from telemetry_defs.dictionary import DICTIONARY


class FakeClock:
    """A clock that moves only when told to; sleeping moves it too."""

    def __init__(self, start_ns: int = 1_000 * NS_PER_S) -> None:
        self._now_ns = start_ns

    def now_ns(self) -> int:
        return self._now_ns

    def sleep_until_ns(self, deadline_ns: int) -> None:
        self._now_ns = max(self._now_ns, deadline_ns)

    def advance_s(self, duration_s: float) -> int:
        """Move on by `duration_s`; returns the new time, ns."""
        self._now_ns += round(duration_s * NS_PER_S)
        return self._now_ns


class CapturedEvents:
    """An event sink that keeps everything, in order, and refuses fields of the wrong type."""

    def __init__(self) -> None:
        self.all: list[tuple[Event, msgspec.Struct | None]] = []

    def emit(self, event: Event, fields: msgspec.Struct | None = None) -> None:
        if fields is not None and not isinstance(fields, event.cls):
            raise TypeError(f"{event.name} takes {event.cls.__name__}, got {type(fields).__name__}")
        if fields is None and event.cls.__struct_fields__:
            raise TypeError(f"{event.name} needs its {event.cls.__name__}")
        self.all.append((event, fields))

    def names(self) -> list[str]:
        """Names in the order of emission."""
        return [event.name for event, _ in self.all]

    def count(self, event: Event) -> int:
        """How often `event` was emitted."""
        return len(self.of(event))

    def of(self, event: Event) -> list[msgspec.Struct | None]:
        """The fields of every emission of `event`."""
        return [fields for seen, fields in self.all if seen.name == event.name]

    def clear(self) -> None:
        """Forget everything."""
        self.all.clear()


class FakeParameters:
    """Defaults of the dictionary until a test sets another value."""

    def __init__(self) -> None:
        self._values: dict[str, float] = {}

    def get(self, parameter: Parameter) -> float:
        return self._values.get(parameter.name, parameter.default)

    def set(self, parameter: Parameter, value: float) -> None:
        """Give `parameter` another value; ranges are not checked here."""
        self._values[parameter.name] = value


class FakeModes:
    """A mode machine that grants everything, save the modes a test lists in `refuse`."""

    def __init__(self, mode: Mode) -> None:
        self._mode = mode
        self.requested: list[Mode] = []
        self.refuse: dict[Mode, Refused] = {}

    @property
    def mode(self) -> Mode:
        return self._mode

    def put(self, mode: Mode) -> None:
        """Be in `mode` without a request, as when ground or a fallback changed it."""
        self._mode = mode

    def refuse_with(self, mode: Mode, code: FailureCode, reason: str = "refused by the test") -> None:
        """From now on refuse requests for `mode`."""
        self.refuse[mode] = Refused(reason, code)

    def request(self, mode: Mode) -> Accepted | Refused:
        self.requested.append(mode)
        if mode in self.refuse:
            return self.refuse[mode]
        self._mode = mode
        return Accepted(mode)


class FakeExecution:
    """Keeps the verification reports of one telecommand and refuses an order that PUS service 1 forbids."""

    def __init__(self) -> None:
        self.started = False
        self.steps: list[int] = []
        self.completed = False
        self.failure: FailureCode | None = None
        self.detail: float | None = None

    @property
    def ended(self) -> bool:
        """Completed or failed."""
        return self.completed or self.failure is not None

    def start(self) -> None:
        assert not self.started
        assert not self.ended
        self.started = True

    def progress(self, step: int) -> None:
        assert self.started
        assert not self.ended
        self.steps.append(step)

    def complete(self) -> None:
        assert not self.ended
        self.completed = True

    def fail(self, code: FailureCode, detail: float | None = None) -> None:
        assert not self.ended
        self.failure = code
        self.detail = detail


class Bench:
    """One of each fake, wired into a `Context`."""

    def __init__(self, mode: Mode = Mode.IDLE) -> None:
        self.clock = FakeClock()
        self.events = CapturedEvents()
        self.parameters = FakeParameters()
        self.modes = FakeModes(mode)
        self.board = Blackboard()
        self.context = Context(
            clock=self.clock, events=self.events, parameters=self.parameters, modes=self.modes, board=self.board
        )

    def every(self, period_s: float, duration_s: float) -> Iterator[int]:
        """Step the clock by `period_s` until `duration_s` has passed, yielding each new time, ns."""
        for _ in range(round(duration_s / period_s)):
            yield self.clock.advance_s(period_s)


def make_outbox(clock: FakeClock) -> Outbox:
    """An outbox whose counts begin at zero and which nobody records."""
    apids = (area.apid for area in DICTIONARY.areas)
    return Outbox(OnboardTime(clock, None, 0), SequenceCounters(apids, {}))
