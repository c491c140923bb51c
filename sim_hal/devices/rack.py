"""Plugs a new life of the flight computer into everything that outlives it: the table of device-depth devices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hal.api.board import Hal
from hal.api.values import ResetCause
from sim_hal.clock import SimClock
from sim_hal.controller import Controller, ControllerFrontEnd
from sim_hal.devices.camera import CameraFrontEnd
from sim_hal.devices.dosimeter import Dosimeter
from sim_hal.devices.egress import EgressFrontEnd
from sim_hal.devices.ground_motion import GroundMotionFrontEnd, VisualOdometer
from sim_hal.devices.imu import ImuBias, ImuFrontEnd
from sim_hal.devices.plasma import PlasmaProbe
from sim_hal.devices.power import ArrayMonitorFrontEnd, PowerMonitorFrontEnd
from sim_hal.devices.radio import RadioFrontEnd
from sim_hal.devices.rtc import RtcChip, RtcFrontEnd
from sim_hal.devices.spectrometer import Spectrometer
from sim_hal.devices.steering import SteeringFrontEnd
from sim_hal.devices.sun_sensor import SunSensorFrontEnd
from sim_hal.devices.temperatures import SensorOffsets, TemperatureFrontEnd
from sim_hal.devices.watchdog import WatchdogChip, WatchdogFrontEnd
from sim_hal.devices.wheels import WheelFrontEnd
from sim_hal.disk import Disk, DiskStorage
from sim_hal.link import Link
from sim_hal.noise import Noise
from sim_hal.plug import Plug
from sim_hal.switches import SwitchFrontEnd
from sim_hal.world.world import World

PAYLOADS = (("spectrometer", Spectrometer), ("dosimeter", Dosimeter), ("plasma", PlasmaProbe))
"""A new instrument is one file and one row here, and its load in `sim_hal.world.loads`."""


@dataclass(frozen=True, kw_only=True)
class LastingParts:
    """What a reset of the computer does not touch."""

    seed: int
    clock: SimClock
    world: World
    disk: Disk
    relay: Link
    local: Link
    controller: Controller
    watchdog: WatchdogChip
    rtc: RtcChip


class Rack:
    """The lasting devices with their own errors and noise; `plug_in` hands out one incarnation's front ends."""

    def __init__(self, parts: LastingParts) -> None:
        self._parts = parts
        self._noises: dict[str, Noise] = {}
        self._imu_bias = ImuBias(self._noise("imu"))
        self._offsets = SensorOffsets(self._noise("temperatures"))
        self._odometer = VisualOdometer(parts.clock, parts.world, self._noise("ground_motion"))

    def unplug(self) -> None:
        """The computer is gone: what ran on its behalf ends."""
        self._odometer.enable(False)

    def plug_in(self, plug: Plug, cause: ResetCause, cut_power: Callable[[], None]) -> Hal:
        """A whole `Hal` whose devices live as long as `plug`."""
        parts, world, noise = self._parts, self._parts.world, self._noise
        load_on = world.load_on
        return Hal(
            clock=plug,
            reset_cause=cause,
            wheels=WheelFrontEnd(plug, world, noise("wheels")),
            steering=SteeringFrontEnd(plug, world, noise("steering")),
            imu=ImuFrontEnd(plug, world, noise("imu"), self._imu_bias),
            power_monitor=PowerMonitorFrontEnd(plug, world, noise("power_monitor")),
            array=ArrayMonitorFrontEnd(plug, world, noise("array")),
            temperatures=TemperatureFrontEnd(plug, world, noise("temperatures"), self._offsets),
            heaters=SwitchFrontEnd(plug, world.heaters),
            loads=SwitchFrontEnd(plug, world.loads),
            radio_relay=RadioFrontEnd(plug, parts.relay, lambda now_ns: load_on("radio_relay", now_ns)),
            radio_local=RadioFrontEnd(plug, parts.local, lambda now_ns: load_on("radio_local", now_ns)),
            storage=DiskStorage(plug, parts.disk),
            watchdog=WatchdogFrontEnd(plug, parts.watchdog),
            ground_motion=GroundMotionFrontEnd(plug, world, self._odometer),
            sun_sensor=SunSensorFrontEnd(plug, world, noise("sun_sensor")),
            camera=CameraFrontEnd(plug, world),
            instruments={name: kind(name, plug, world, noise(name)) for name, kind in PAYLOADS},
            egress=EgressFrontEnd(plug, world),
            power_controller=ControllerFrontEnd(plug, parts.controller, cut_power),
            rtc=RtcFrontEnd(plug, parts.rtc),
        )

    def _noise(self, device: str) -> Noise:
        """The device's one stream, whoever asks and how often."""
        if device not in self._noises:
            self._noises[device] = Noise(self._parts.seed, device)
        return self._noises[device]
