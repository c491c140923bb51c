"""Navigation camera: one picture at a time, ready some seconds after its exposure."""

from __future__ import annotations

from hal.api.clock import NS_PER_S, seconds
from hal.api.errors import BadReading, NotReady
from hal.api.values import Image
from sim_hal.plug import Plug
from sim_hal.world.world import World

_READOUT_NS = 2 * NS_PER_S
_MAX_EXPOSURE_S = 10.0


class CameraFrontEnd:
    """Implements `hal.api.devices.Camera`."""

    def __init__(self, plug: Plug, world: World) -> None:
        self._plug = plug
        self._world = world
        self._ready_ns: int | None = None

    def start(self, exposure_s: float) -> None:
        now_ns = self._need_power()
        if self._ready_ns is not None:
            raise NotReady("camera", "busy")
        if not 0.0 < exposure_s <= _MAX_EXPOSURE_S:
            raise BadReading("camera", f"exposure {exposure_s} s is not within 0 to {_MAX_EXPOSURE_S:g} s")
        self._ready_ns = now_ns + seconds(exposure_s) + _READOUT_NS

    def poll(self) -> Image | None:
        now_ns = self._need_power()
        if self._ready_ns is None or now_ns < self._ready_ns:
            return None
        self._ready_ns = None
        width, height, pixels = self._world.picture()
        return Image(time_ns=now_ns, width_px=width, height_px=height, pixels=pixels)

    def _need_power(self) -> int:
        now_ns = self._plug.now_ns()
        if not self._world.load_on("camera", now_ns):
            self._ready_ns = None
            raise NotReady("camera", "unpowered")
        return now_ns
