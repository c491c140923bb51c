"""Banks of held switches: what flight asked for lasts as long as its hold, whoever has died since."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hal.api.errors import NotReady
from hal.api.hold import Held
from sim_hal.plug import Plug


class Switch(Held[bool]):
    """One held switch that a fault can keep on or off whatever it is told."""

    __slots__ = ("stick_told", "stuck")

    def __init__(self, safe: bool, max_hold_ns: int) -> None:
        super().__init__(safe, max_hold_ns)
        self.stuck: bool | None = None
        self.stick_told: Callable[[], None] = lambda: None
        """Called when `stick` has changed what the switch does; set by whoever hangs something on it."""

    def stick(self, on: bool | None) -> None:
        """Stay on or off from now on; None lets it obey again."""
        self.stuck = on
        self.stick_told()

    def at(self, now_ns: int) -> bool:
        """What the switch really does."""
        return super().at(now_ns) if self.stuck is None else self.stuck


class Bank:
    """The lasting switches; the world reads them, flight sets them through `SwitchFrontEnd`."""

    __slots__ = ("device", "held", "names")

    def __init__(self, device: str, safe: Mapping[str, bool], max_hold_ns: int) -> None:
        self.device = device
        self.names = tuple(safe)
        self.held = {name: Switch(value, max_hold_ns) for name, value in safe.items()}

    def on(self, name: str, now_ns: int) -> bool:
        """Whether `name` is on at `now_ns`."""
        return self.held[name].at(now_ns)

    def release(self) -> None:
        """Every switch to its safe value at once."""
        for held in self.held.values():
            held.release()


class SwitchFrontEnd:
    """A bank as one incarnation of flight sees it; implements `hal.api.devices.SwitchBank`."""

    def __init__(self, plug: Plug, bank: Bank) -> None:
        self._plug = plug
        self._bank = bank

    def names(self) -> tuple[str, ...]:
        return self._bank.names

    def set(self, name: str, on: bool, hold_ns: int) -> None:
        now_ns = self._plug.now_ns()
        self._held(name).set(on, now_ns, hold_ns)

    def is_on(self, name: str) -> bool:
        now_ns = self._plug.now_ns()
        return self._held(name).at(now_ns)

    def make_safe(self) -> None:
        self._plug.now_ns()
        self._bank.release()

    def _held(self, name: str) -> Held[bool]:
        held = self._bank.held.get(name)
        if held is None:
            raise NotReady(self._bank.device, f"no switch {name}")
        return held
