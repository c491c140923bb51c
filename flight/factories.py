"""Makes subsystems, at boot and again whenever a row is rebuilt, each with the state that was kept for it."""

from __future__ import annotations

from collections.abc import Callable

from flight.core import Core
from flight.kept_state import KeptState
from flight.link.ports import CommsPorts
from flight.rover_file import RoverFile
from flight.subsystems.comms import Comms
from flight.subsystems.instruments import Instruments
from flight.subsystems.mobility import Mobility
from flight.subsystems.power import Power
from flight.subsystems.thermal import Thermal
from flight.telemetry.outbox import Priority
from telemetry_defs.areas import comms as comms_area
from telemetry_defs.framing import encode_frame
from telemetry_defs.packets import TimeQuality
from telemetry_defs.reports import HOUSEKEEPING_SERVICE, HOUSEKEEPING_SUBTYPE, pack_structure


class Factories:
    """One method a subsystem; a new subsystem adds one here, one slot in the table and its configuration."""

    def __init__(self, core: Core, rover: RoverFile, kept: KeptState, request_restart: Callable[[], None]) -> None:
        self._core = core
        self._hal = core.hal
        self._rover = rover
        self._kept = kept
        self._request_restart = request_restart

    def power(self) -> Power:
        """Battery, array, loads."""
        power = Power(
            monitor=self._hal.power_monitor,
            array=self._hal.array,
            switches=self._hal.loads,
            loads=self._core.loads,
            config=self._rover.power,
            context=self._core.context,
        )
        power.restore(self._kept.image.soc)
        return power

    def thermal(self) -> Thermal:
        """Heaters and temperatures."""
        return Thermal(
            sensors=self._hal.temperatures,
            heaters=self._hal.heaters,
            config=self._rover.thermal,
            context=self._core.context,
        )

    def comms(self) -> Comms:
        """Radios."""
        comms = Comms(
            radio_relay=self._hal.radio_relay,
            radio_local=self._hal.radio_local,
            loads=self._core.loads,
            config=self._rover.comms,
            context=self._core.context,
            ports=CommsPorts(
                beacon_frame=self._beacon_frame,
                request_restart=self._request_restart,
                gps_now_ns=self._trusted_gps_ns,
                boot_count=self._core.boot.image.boot_count,
                counters=self._core.path.links,
            ),
        )
        image = self._kept.image
        comms.restore(image.command_loss_age_s, image.relay_windows)
        return comms

    def mobility(self) -> Mobility:
        """Wheels, steering, attitude."""
        mobility = Mobility(
            wheels=self._hal.wheels,
            steering=self._hal.steering,
            imu=self._hal.imu,
            ground_motion=self._hal.ground_motion,
            sun_sensor=self._hal.sun_sensor,
            egress=self._hal.egress,
            loads=self._core.loads,
            config=self._rover.mobility,
            context=self._core.context,
        )
        mobility.restore(self._kept.image.motion)
        return mobility

    def instruments(self) -> Instruments:
        """Payloads and their products."""
        return Instruments(
            camera=self._hal.camera,
            instruments=self._hal.instruments,
            storage=self._hal.storage,
            loads=self._core.loads,
            config=self._rover.instruments,
            context=self._core.context,
            gps_ns=self._core.time.gps_ns,
            is_dead=self._core.devices.is_dead,
        )

    def _beacon_frame(self, beacon: comms_area.CommsBeacon) -> bytes:
        data = pack_structure(comms_area.BEACON_HK.structure_id, self._core.codecs.pack(beacon))
        apid = comms_area.AREA.apid
        return encode_frame(
            self._core.outbox.build_now(
                apid, HOUSEKEEPING_SERVICE, HOUSEKEEPING_SUBTYPE, data, recorded=Priority.HOUSEKEEPING
            )
        )

    def _trusted_gps_ns(self) -> int | None:
        time = self._core.time
        return None if time.quality is TimeQuality.UNSET else time.gps_ns()
