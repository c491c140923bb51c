"""One life of flight at wire depth: real drivers where there are wires, device-depth devices beside them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final

from hal.api.absent import AbsentRadio
from hal.api.board import Hal
from hal.api.clock import NS_PER_S
from hal.api.errors import DeviceError
from hal.api.values import ResetCause
from hal.assembly import Wired, assemble
from sim_hal.clock import Timer
from sim_hal.devices.rack import Rack
from sim_hal.plug import Plug
from sim_hal.wired.bay import WireBay

GUARD_NS: Final = NS_PER_S
"""How often the guard thread of a real board would look at the hold times of its switches."""


class WireRack:
    """Has the two methods of `Rack` that the simulation uses."""

    def __init__(self, rack: Rack, bay: WireBay) -> None:
        self._rack = rack
        self._bay = bay
        self._guard: Timer | None = None
        self._process: Plug | None = None

    def unplug(self) -> None:
        """The computer is gone, its guard thread with it; lines float, chips stay as they are."""
        if self._guard is not None:
            self._guard.cancel()
            self._guard = None
        if self._process is not None:
            self._process.pull("UNPLUGGED")
            self._process = None
        self._rack.unplug()
        self._bay.computer_gone()

    def plug_in(self, plug: Plug, cause: ResetCause, cut_power: Callable[[], None]) -> Hal:
        """A whole `Hal`.

        Switches live by a plug of their own, which a hang does not pull: their guard is another thread.
        """
        bay, hardware = self._bay, self._bay.wiring
        self._process = process = Plug(bay.clock)
        wired = assemble(hardware, bay.buses(plug, process), plug, process)
        self._guard = bay.clock.every(GUARD_NS, lambda: _guard(wired))
        hal = self._rack.plug_in(plug, cause, cut_power)
        beside = hardware.beside
        return replace(
            hal,
            wheels=wired.wheels,
            steering=wired.steering,
            imu=wired.imu,
            power_monitor=wired.power_monitor,
            array=wired.array,
            temperatures=wired.temperatures,
            heaters=wired.heaters,
            loads=wired.loads,
            radio_local=wired.radio_local,
            radio_relay=hal.radio_relay if "radio_relay" in beside else AbsentRadio("radio_relay"),
            ground_motion=hal.ground_motion if "ground_motion" in beside else None,
            sun_sensor=hal.sun_sensor if "sun_sensor" in beside else None,
            camera=hal.camera if "camera" in beside else None,
            instruments=hal.instruments if "instruments" in beside else {},
            egress=hal.egress if "egress" in beside else None,
            power_controller=hal.power_controller if "power_controller" in beside else None,
            rtc=hal.rtc if "rtc" in beside else None,
        )


def _guard(wired: Wired) -> None:
    """One look of the guard thread: lines that are gone are its business no more than anybody else's."""
    for bank in wired.guarded:
        with suppress(DeviceError):  # tried again at the next look
            bank.expire()
