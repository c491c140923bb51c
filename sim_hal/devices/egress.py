"""Hold-down and ramp on the lander."""

from __future__ import annotations

from hal.api.values import EgressStatus
from sim_hal.plug import Plug
from sim_hal.world.world import World


class EgressFrontEnd:
    """Implements `hal.api.devices.Egress`."""

    def __init__(self, plug: Plug, world: World) -> None:
        self._plug = plug
        self._world = world

    def release(self) -> None:
        self._plug.now_ns()
        self._world.release()

    def status(self) -> EgressStatus:
        now_ns = self._plug.now_ns()
        released = self._world.released
        return EgressStatus(time_ns=now_ns, released=released, lander_power=not released)
