"""Breaks things at their time: starts, ramps, repeats and ends faults, and logs every activation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import msgspec

from hal.api.clock import NS_PER_S, seconds
from hal.api.config import ConfigError
from sil.faults.kinds import Bench, SetLevel
from sil.faults.registry import REGISTRY, parameters
from sil.scenario import FaultSection
from sim_hal.clock import Rank, Timer

RAMP_STEP_NS: Final = NS_PER_S // 10
ALWAYS: Final = 1_000_000
"""Repetitions of a fault that repeats for as long as the run lasts."""


class Activation(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one fault."""

    t_ns: int
    device: str
    kind: str
    level: float
    """1: whole, 0: over."""
    args: Mapping[str, Any]


class Injector:
    """All faults of one mission."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._active: dict[tuple[str, str], _Running] = {}
        self._next: dict[tuple[str, str], Timer] = {}
        """The coming start of what repeats or was injected."""
        self.log: list[Activation] = []
        """Every activation, in the order of time; the steps of a ramp are not in it."""

    @property
    def active(self) -> tuple[tuple[str, str], ...]:
        """Pairs that are in force now."""
        return tuple(self._active)

    def schedule(self, section: FaultSection) -> None:
        """Put all starts and ends of a scenario's fault on the clock.

        Raises:
            ConfigError: this rover has no such device.
        """
        self._need(section)
        self._at(seconds(section.at_s), section, section.times or (ALWAYS if section.every_s else 1))

    def inject(self, section: FaultSection) -> None:
        """Begin a fault as soon as time moves on, in place of what its pair has going; `at_s` says nothing.

        Not at this instant: who injects stands between two cycles, where no computer can be stopped.

        Raises:
            ConfigError: this rover has no such device.
        """
        self._need(section)
        self._drop_next(section.device, section.kind)
        now_ns = self._bench.clock.now_ns()
        timer = self._at(now_ns, section, section.times or (ALWAYS if section.every_s else 1))
        self._next[section.device, section.kind] = timer

    def withdraw(self, device: str, kind: str) -> bool:
        """End a fault and its repetitions as soon as time moves on; False if there is nothing to end."""
        waiting = self._drop_next(device, kind)
        running = self._active.get((device, kind))
        if running is not None:
            clock = self._bench.clock
            clock.at(clock.now_ns(), Rank.FAULT, partial(self._end_of, device, kind, running))
        return waiting or running is not None

    def start(self, device: str, kind: str, args: Mapping[str, Any], ramp_s: float = 0.0) -> None:
        """Begin a fault now.

        Raises:
            ConfigError: parameters out of range.
            KeyError: no such pair.
        """
        self.end(device, kind)
        fault, params = REGISTRY[device, kind], parameters(device, kind, args)
        self._note(device, kind, 1.0, args)
        set_level = fault.make(self._bench, params)
        if fault.lasting:
            self._active[device, kind] = _Running(self._bench, set_level, seconds(ramp_s))
        else:
            set_level(1.0)

    def end(self, device: str, kind: str) -> None:
        """End a fault now; nothing if it is not in force."""
        running = self._active.pop((device, kind), None)
        if running is not None:
            self._note(device, kind, 0.0, {})
            running.end()

    def _need(self, section: FaultSection) -> None:
        reason = REGISTRY[section.device, section.kind].absent(self._bench)
        if reason:
            raise ConfigError(f"{section.device}/{section.kind}", reason)

    def _at(self, start_ns: int, section: FaultSection, left: int) -> Timer:
        return self._bench.clock.at(start_ns, Rank.FAULT, partial(self._begin, start_ns, section, left))

    def _begin(self, start_ns: int, section: FaultSection, left: int) -> None:
        device, kind = pair = section.device, section.kind
        self._next.pop(pair, None)
        if section.every_s is not None and left > 1:
            self._next[pair] = self._at(start_ns + seconds(section.every_s), section, left - 1)
        self.start(device, kind, section.args, section.ramp_s)
        running = self._active.get(pair)
        if section.for_s is not None and running is not None:
            end = partial(self._end_of, device, kind, running)
            self._bench.clock.at(start_ns + seconds(section.for_s), Rank.FAULT, end)

    def _end_of(self, device: str, kind: str, running: _Running) -> None:
        """End this activation, unless another one has taken its place."""
        if self._active.get((device, kind)) is running:
            self.end(device, kind)

    def _drop_next(self, device: str, kind: str) -> bool:
        timer = self._next.pop((device, kind), None)
        if timer is not None:
            timer.cancel()
        return timer is not None

    def _note(self, device: str, kind: str, level: float, args: Mapping[str, Any]) -> None:
        now_ns = self._bench.clock.now_ns()
        self.log.append(Activation(t_ns=now_ns, device=device, kind=kind, level=level, args=dict(args)))


class _Running:
    """One lasting fault in force, with its ramp."""

    def __init__(self, bench: Bench, set_level: SetLevel, ramp_ns: int) -> None:
        self._clock = bench.clock
        self._set_level = set_level
        self._start_ns = bench.clock.now_ns()
        self._ramp_ns = ramp_ns
        self._timer: Timer | None = None
        if ramp_ns > 0:
            self._timer = bench.clock.every(RAMP_STEP_NS, self._step, Rank.FAULT)
        else:
            set_level(1.0)

    def _step(self) -> None:
        level = (self._clock.now_ns() - self._start_ns) / self._ramp_ns
        if level >= 1.0 and self._timer is not None:
            self._timer.cancel()
        self._set_level(min(1.0, level))

    def end(self) -> None:
        """Back to health."""
        if self._timer is not None:
            self._timer.cancel()
        self._set_level(0.0)
