"""What the integrating instruments have in common: power, warm-up, temperature, one acquisition at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod

from hal.api.clock import NS_PER_S, seconds
from hal.api.errors import BadReading, NotReady
from hal.api.values import InstrumentStatus, Record
from sim_hal.noise import Noise
from sim_hal.plug import Plug
from sim_hal.world.world import World

WARM_UP_NS = 30 * NS_PER_S
MIN_WEB_C = -20.0
MAX_DURATION_S = 86_400.0


class Payload(ABC):
    """Implements `hal.api.devices.Instrument` but for the record; `name` is its load switch."""

    def __init__(self, name: str, plug: Plug, world: World, noise: Noise) -> None:
        self._name = name
        self._plug = plug
        self._world = world
        self.noise = noise
        self._powered_ns: int | None = None
        self._until_ns: int | None = None
        self._duration_s = 0.0

    @abstractmethod
    def record(self, duration_s: float, world: World) -> bytes:
        """The bytes of one acquisition that lasted `duration_s` and ends now."""

    def start(self, duration_s: float) -> None:
        now_ns = self._need_power()
        if self._until_ns is not None:
            raise NotReady(self._name, "busy")
        if not self._warm(now_ns):
            raise NotReady(self._name, "warming up")
        if self._world.energy.thermal.web_c < MIN_WEB_C:
            raise NotReady(self._name, "too cold")
        if not 0.0 < duration_s <= MAX_DURATION_S:
            raise BadReading(self._name, f"duration {duration_s} s is not within 0 to {MAX_DURATION_S:g} s")
        self._duration_s = duration_s
        self._until_ns = now_ns + seconds(duration_s)

    def poll(self) -> Record | None:
        now_ns = self._need_power()
        if self._until_ns is None or now_ns < self._until_ns:
            return None
        self._until_ns = None
        return Record(time_ns=now_ns, data=self.record(self._duration_s, self._world))

    def abort(self) -> None:
        self._need_power()
        self._until_ns = None

    def status(self) -> InstrumentStatus:
        now_ns = self._need_power()
        acquiring = self._until_ns is not None
        ready = self._warm(now_ns) and not acquiring
        return InstrumentStatus(time_ns=now_ns, ready=ready, acquiring=acquiring, fault=False)

    def _warm(self, now_ns: int) -> bool:
        return self._powered_ns is not None and now_ns - self._powered_ns >= WARM_UP_NS

    def _need_power(self) -> int:
        now_ns = self._plug.now_ns()
        if not self._note_power(now_ns):
            raise NotReady(self._name, "unpowered")
        return now_ns

    def _note_power(self, now_ns: int) -> bool:
        """Follow the load switch: without power an acquisition is lost and the next needs warming up."""
        powered = self._world.load_on(self._name, now_ns)
        if not powered:
            self._powered_ns = self._until_ns = None
        elif self._powered_ns is None:
            self._powered_ns = now_ns
        return powered
