"""The inertial unit: attitude, yaw rate, its bias, and whether it can be believed."""

from __future__ import annotations

from typing import Final

from flight.context import EventSink
from flight.mobility.attitude import Attitude, plausible
from flight.mobility.lasting import RETRY_MOST_NS, RETRY_NS, Lasting
from flight.mobility.pose import GyroBias
from flight.persistence import Backoff
from hal.api.clock import NS_PER_MS, NS_PER_S
from hal.api.devices import Imu
from hal.api.errors import DeviceError, NotReady
from hal.api.values import ImuReading
from telemetry_defs.areas import mobility_events as events

LOST_NS: Final = 500 * NS_PER_MS
WARM_NS: Final = 5 * NS_PER_S
"""A unit that says itself that it is not ready, at rest, is given this long: it has been switched on or starts anew."""


class Inertial:
    """One IMU with everything learned from it."""

    __slots__ = (
        "_backoff", "_events", "_imu", "_last_ns", "_lost", "attitude", "bias", "level", "starting", "yaw_rate_rad_s",
    )  # fmt: skip

    def __init__(self, imu: Imu, time_constant_s: float, sink: EventSink) -> None:
        self._imu = imu
        self._events = sink
        self._backoff = Backoff(RETRY_NS, RETRY_MOST_NS)
        self._lost = Lasting()
        self._last_ns = -1
        self.starting = False
        """It answered that it is not ready yet."""
        self.attitude = Attitude(time_constant_s)
        self.bias = GyroBias()
        self.yaw_rate_rad_s = 0.0
        self.level = 1.0
        """Cosine of pitch."""

    @property
    def ok(self) -> bool:
        """Attitude is known and the unit is not lost."""
        return self.attitude.known and not self._lost.raised

    def sample(self, now_ns: int, *, at_rest: bool) -> float | None:
        """Read once; the turn about the vertical since the last good reading, rad, or None without a reading."""
        reading = self._read(now_ns)
        if reading is None:
            if self._lost.lasted(True, now_ns, WARM_NS if at_rest and self.starting else LOST_NS):
                self.attitude.forget()
                self._last_ns = -1
                self._events.emit(events.IMU_LOST)
            return None
        if self._lost.raised:
            self._events.emit(events.IMU_RECOVERED)
        self._lost.reset()
        dt_s = (now_ns - self._last_ns) / NS_PER_S if self._last_ns >= 0 else 0.0
        self._last_ns = now_ns
        attitude = self.attitude
        attitude.update(reading.accel_m_s2, dt_s)
        if at_rest:
            self.bias.at_rest(reading.gyro_rad_s, dt_s)
            self.yaw_rate_rad_s = 0.0
            return 0.0
        gx, gy, gz = reading.gyro_rad_s
        bx, by, bz = self.bias.rad_s
        ux, uy, uz = attitude.up
        self.level = (1.0 - ux * ux) ** 0.5
        self.yaw_rate_rad_s = rate = (gx - bx) * ux + (gy - by) * uy + (gz - bz) * uz
        return rate * dt_s

    def switched_off(self) -> None:
        """The unit has been switched off on purpose: nothing is known, nothing is lost."""
        self.attitude.forget()
        self._lost.reset()
        self._backoff.succeeded()
        self.starting = False
        self._last_ns = -1

    def _read(self, now_ns: int) -> ImuReading | None:
        if not self._backoff.due(now_ns):
            return None
        self.starting = False
        try:
            reading = self._imu.read()
        except NotReady:
            self.starting = True
            return None
        except DeviceError:
            self._backoff.failed(now_ns)
            return None
        if not plausible(reading.accel_m_s2, reading.gyro_rad_s):
            self._backoff.failed(now_ns)
            return None
        self._backoff.succeeded()
        return reading
