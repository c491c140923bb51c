"""Switches on GPIO lines: each held for a while and then put back to its safe value."""

from __future__ import annotations

from threading import Lock

from hal.api.clock import Clock, seconds
from hal.api.errors import DeviceError, DeviceTimeout, NotReady
from hal.api.hold import Held
from hal.api.wiring import LineWiring, SwitchesWiring
from hal.buses.api import BusError, BusLost, GpioBus


class _Switch:
    """One output; `driven` is the value that its line has now, None where nobody knows."""

    __slots__ = ("claimed", "driven", "held", "wiring")

    def __init__(self, wiring: LineWiring, max_hold_ns: int) -> None:
        self.wiring = wiring
        self.held = Held(wiring.safe, max_hold_ns)
        self.claimed = False
        self.driven: bool | None = None


class GpioSwitches:
    """Implements `hal.api.devices.SwitchBank`.

    Lines have no clockwork: a hold ends when somebody calls `expire`, which a guard thread does although flight
    hangs, or asks for that switch.  Safe to use from several threads.  `bus` is None where no line is wired, or
    where the chip is not there; then every wired switch fails.
    """

    def __init__(self, bus: GpioBus | None, wiring: SwitchesWiring, clock: Clock, device: str = "switches") -> None:
        self._bus = bus
        self._clock = clock
        self._device = device
        self._lock = Lock()
        max_hold_ns = seconds(wiring.max_hold_s)
        self._switches = {name: _Switch(line, max_hold_ns) for name, line in wiring.lines.items()}
        self._settle_all(must=False)  # a line that cannot be had now is tried again whenever it is used

    def names(self) -> tuple[str, ...]:
        return tuple(self._switches)

    def set(self, name: str, on: bool, hold_ns: int) -> None:
        """A switch whose line cannot be driven keeps the hold that it had; one that is not wired does not obey.

        Raises:
            NotReady: no such switch.
            DeviceTimeout: its line cannot be driven.
        """
        switch = self._find(name)
        if switch.wiring.line is None:
            return
        with self._lock:
            switch.driven = None  # also a refresh reaches the line, so that one that cannot be driven is told
            self._drive(name, switch, on)
            switch.held.set(on, self._clock.now_ns(), hold_ns)

    def is_on(self, name: str) -> bool:
        """What the line reads back.  Raises as `set`."""
        switch = self._find(name)
        line = switch.wiring.line
        if line is None:
            return switch.wiring.safe
        with self._lock:
            bus = self._settle(name, switch)
            try:
                level = bus.get(line)
            except BusError as error:
                raise self._failed(name, switch, error) from error
            if level is not switch.driven:
                switch.driven = None  # somebody else has moved it: drive it again
        return level

    def feeds(self, name: str) -> bool:
        """Whether a switch was on when its line was last driven: cheap, for those who ask ten times a second."""
        switch = self._find(name)
        return switch.wiring.safe if switch.wiring.line is None else switch.driven is True

    def make_safe(self) -> None:
        """Tries every switch.  Raises `DeviceTimeout` if one could not be driven."""
        with self._lock:
            for switch in self._switches.values():
                switch.held.release()
                switch.driven = None
        self._settle_all(must=True)

    def expire(self) -> None:
        """Put every switch whose hold has ended to its safe value.

        Raises:
            DeviceTimeout: one could not be driven; it is tried again at the next call.
        """
        self._settle_all(must=True)

    def _settle_all(self, *, must: bool) -> None:
        first: DeviceError | None = None
        for name, switch in self._switches.items():
            if switch.wiring.line is not None:
                try:
                    with self._lock:
                        self._settle(name, switch)
                except DeviceTimeout as error:
                    first = first or error
        if must and first is not None:
            raise first

    def _settle(self, name: str, switch: _Switch) -> GpioBus:
        """Bring the line to what is in force now; the caller holds the lock.  Returns the bus."""
        return self._drive(name, switch, switch.held.at(self._clock.now_ns()))

    def _drive(self, name: str, switch: _Switch, value: bool) -> GpioBus:
        bus, wiring = self._bus, switch.wiring
        try:
            if bus is None or wiring.line is None:
                raise BusLost("gpio", "is not there")
            if not switch.claimed:
                bus.claim(wiring.line, wiring.safe, active_low=wiring.active_low)
                switch.claimed = True
                switch.driven = wiring.safe
            if switch.driven is not value:
                bus.set(wiring.line, value)
                switch.driven = value
        except BusError as error:
            raise self._failed(name, switch, error) from error
        return bus

    def _failed(self, name: str, switch: _Switch, error: BusError) -> DeviceTimeout:
        switch.claimed = False
        switch.driven = None
        return DeviceTimeout(self._device, f"{name}: expected its line to follow, {error}")

    def _find(self, name: str) -> _Switch:
        switch = self._switches.get(name)
        if switch is None:
            raise NotReady(self._device, f"no switch {name} (have {', '.join(self._switches) or 'none'})")
        return switch
