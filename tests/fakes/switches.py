"""A bank of held switches that can be stuck, or not answer at all."""

from __future__ import annotations

from collections.abc import Iterable

from hal.api.clock import Clock
from hal.api.errors import DeviceError, NotReady
from hal.api.hold import Held

MAX_HOLD_NS = 60_000_000_000


class FakeSwitches:
    """Implements `hal.api.devices.SwitchBank`."""

    def __init__(self, clock: Clock, names: Iterable[str], safe_on: Iterable[str] = ()) -> None:
        self._clock = clock
        on = tuple(safe_on)
        self._held = {name: Held(name in on, MAX_HOLD_NS) for name in names}
        self.stuck: dict[str, bool] = {}
        """Switches that stay in this state whatever they are told."""
        self.error: DeviceError | None = None
        """Raised by every access while set."""
        self.errors: dict[str, DeviceError] = {}
        """Raised by accesses to one switch."""
        self.accesses = 0

    def names(self) -> tuple[str, ...]:
        return tuple(self._held)

    def set(self, name: str, on: bool, hold_ns: int) -> None:
        self._check(name)
        self._held[name].set(on, self._clock.now_ns(), hold_ns)

    def is_on(self, name: str) -> bool:
        self._check(name)
        return self.really_on(name)

    def make_safe(self) -> None:
        if self.error is not None:
            raise self.error
        for held in self._held.values():
            held.release()

    def really_on(self, name: str) -> bool:
        """What the output does, whoever asks."""
        return self.stuck.get(name, self._held[name].at(self._clock.now_ns()))

    def all_on(self) -> list[str]:
        """Names of the outputs that are on, in order."""
        return [name for name in self._held if self.really_on(name)]

    def _check(self, name: str) -> None:
        self.accesses += 1
        error = self.error or self.errors.get(name)
        if error is not None:
            raise error
        if name not in self._held:
            raise NotReady("switches", f"no switch {name}")
