"""Wrong answers of devices: each a `CallFault` for `DeviceFaults`.

A reading is what comes back from a method of `READERS`; everything else is an order and passes, unless a fault says
that it refuses all.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import msgspec

from hal.api.errors import BadReading
from hal.api.values import Value
from sim_hal.faults.shim import Call, CallFault
from sim_hal.noise import Noise

READERS: Final = ("read", "status", "read_gps_ns", "is_on", "poll")
Change = Callable[[Any, float], Any]
"""A healthy reading and the fault's level, 0 to 1; the reading as it becomes."""


def refusing(error: Callable[[], Exception]) -> CallFault:
    """Every call fails, orders too."""

    def fault(_: str, __: tuple[Any, ...], ___: Call) -> Any:
        raise error()

    return fault


def unreadable(device: str, detail: str, share: float = 1.0, noise: Noise | None = None) -> CallFault:
    """Readings are corrupt: all of them, or a `share` by the dice; orders pass."""

    def fault(method: str, args: tuple[Any, ...], call: Call) -> Any:
        answer = call(*args)
        if method in READERS and (noise is None or noise.uniform() < share):
            raise BadReading(device, detail)
        return answer

    return fault


def frozen(*, fresh: bool) -> CallFault:
    """The first reading for ever, under `fresh` time stamps or its own; an unpowered device still fails."""
    kept: dict[tuple[Any, ...], Any] = {}

    def fault(method: str, args: tuple[Any, ...], call: Call) -> Any:
        answer = call(*args)
        if method not in READERS or answer is None:
            return answer
        old = kept.setdefault((method, *args), answer)
        return with_time(old, answer.time_ns) if fresh and isinstance(answer, Value) else old

    return fault


def with_time(value: Any, time_ns: int) -> Any:
    """The same reading, taken at another time."""
    return msgspec.structs.replace(value, time_ns=time_ns)


def poisoned(value: Any) -> Any:
    """A reading whose every float is not a number."""
    if isinstance(value, float):
        return math.nan
    if isinstance(value, tuple):
        return tuple(poisoned(item) for item in value)
    if isinstance(value, msgspec.Struct):
        fields = {name: poisoned(getattr(value, name)) for name in value.__struct_fields__}
        return msgspec.structs.replace(value, **fields)
    return value


def with_member(value: Any, field: str, index: int, change: Callable[[Any], Any]) -> Any:
    """`value` with one member of a tuple changed; a member that is None already stays so."""
    items = list(getattr(value, field))
    if items[index] is not None:
        items[index] = change(items[index])
    return msgspec.structs.replace(value, **{field: tuple(items)})


class Altered:
    """Changes every reading of the methods it is for, as much as its level says."""

    __slots__ = ("_change", "_methods", "level")

    def __init__(self, change: Change, methods: tuple[str, ...] = ("read",)) -> None:
        self._change = change
        self._methods = methods
        self.level = 1.0

    def __call__(self, method: str, args: tuple[Any, ...], call: Call) -> Any:
        answer = call(*args)
        return self._change(answer, self.level) if method in self._methods and answer is not None else answer


class Kept:
    """Holds on to the first of what it is shown: a member that is stuck."""

    __slots__ = ("_value",)

    def __init__(self) -> None:
        self._value: Any = None

    def __call__(self, value: Any) -> Any:
        if self._value is None:
            self._value = value
        return self._value
