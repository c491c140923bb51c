"""Holds every reading that flight takes against the world at that moment: a lie is what no sensor error explains."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from hal.api.board import Hal
from hal.api.clock import NS_PER_S, Clock
from hal.api.errors import DeviceError, NotReady
from sim_hal.world.world import World
from tests.sil.lone_rover import Call, guarded

COLDEST_C = -55.0
"""A TMP117 tells nothing below (TMP117 data sheet, 7.1: -55 to 150 C)."""
GYRO_RAD_S, ACCEL_M_S2 = 0.01, 0.06
"""Bias and noise of the emulated chip, ten sigma, and a sample that is 10 ms old."""
BATTERY_V, BATTERY_A = 0.03, 0.03
"""Ten steps of an INA260 and its noise and offset."""
FACE_W = 0.5
CELSIUS = 0.5
"""Offset and noise of a TMP117, and a conversion that is a second old."""
SPEED_RAD_S, TURNED_RAD = 0.05, 0.02
RESTART_RAD = 0.2
"""What a wheel turns in the cycles between the last reading and the restart of its unit: nobody counts that."""
RESTART_NS = 2 * NS_PER_S
"""By then its driver has noticed and set it up."""
CORNER_RAD = 0.05
"""What a servo turns in a cycle, and a pulse's last bit."""
READERS = ("imu", "power_monitor", "array", "temperatures", "wheels", "steering")
Pairs = Iterable[tuple[float | None, float]]
"""What was read, and what is true."""


class Witness:
    """Stands between flight and its readers."""

    def __init__(self, world: World, clock: Clock) -> None:
        self._world = world
        self._clock = clock
        self._zero: tuple[float | None, ...] | None = None
        self._restarted_ns: int | None = None
        self.lies: list[str] = []
        self.read: Counter[str] = Counter()
        """Good readings by device."""
        self.failed: dict[str, list[float]] = {}
        """When a device gave an error in place of a reading, s."""
        self._judges: dict[str, Callable[[Any], None]] = {
            "imu": self._imu,
            "power_monitor": self._power,
            "array": self._array,
            "temperatures": self._temperatures,
            "wheels": self._wheels,
            "steering": self._steering,
        }

    def watch(self, hal: Hal) -> Hal:
        """The same board with every reading judged."""
        self._zero = None
        return dataclasses.replace(hal, **{name: guarded(getattr(hal, name), name, self._around) for name in READERS})

    def motors_off(self) -> None:
        """Encoders lose their counts with their supply."""
        self._zero = None

    def unit_restarted(self) -> None:
        """A motor controller lost its counts by itself; its driver lets the angle go on from where it was."""
        self._restarted_ns = self._clock.now_ns()

    def _around(self, name: str, method: str, args: tuple[Any, ...], call: Call) -> Any:
        if method != "read":
            return call()
        try:
            reading = call()
        except DeviceError as error:
            if name == "wheels" and isinstance(error, NotReady):
                self.motors_off()  # or so it seemed to the driver, whose line to the switch was gone
            self.failed.setdefault(name, []).append(self._now_s())
            raise
        self.read[name] += 1
        self._judges[name](reading)
        return reading

    def _now_s(self) -> float:
        return self._clock.now_ns() / NS_PER_S

    def _hold(self, what: str, pairs: Pairs, within: float) -> None:
        for read, true in pairs:
            if read is not None and not abs(read - true) <= within:
                self.lies.append(f"{self._now_s():.1f} s: {what} {read:g}, in truth {true:g}")

    def _imu(self, reading: Any) -> None:
        motion = self._world.motion
        self._hold("gyro", zip(reading.gyro_rad_s, motion.gyro_rad_s, strict=True), GYRO_RAD_S)
        self._hold("accel", zip(reading.accel_m_s2, motion.specific_force_m_s2, strict=True), ACCEL_M_S2)

    def _power(self, reading: Any) -> None:
        self._hold("bus", [(reading.bus_voltage_v, self._world.bus_voltage_v)], BATTERY_V)
        self._hold("battery", [(reading.battery_current_a, self._world.battery_current_a)], BATTERY_A)

    def _array(self, reading: Any) -> None:
        array = self._world.energy.array
        true = [volts * amps for volts, amps in zip(array.voltage_v, array.current_a, strict=True)]
        read = [None if face is None else face.power_w for face in reading.faces]
        self._hold("face", zip(read, true, strict=True), FACE_W)

    def _temperatures(self, reading: Any) -> None:
        true = [max(COLDEST_C, value) for value in self._world.temperatures_c()]
        read = [None if value is None else max(COLDEST_C, value) for value in reading.temperature_c]
        self._hold("temperature", zip(read, true, strict=True), CELSIUS)

    def _wheels(self, reading: Any) -> None:
        drive = self._world.drive
        self._hold("wheel speed", zip(reading.speed_rad_s, drive.speed_rad_s, strict=True), SPEED_RAD_S)
        off = tuple(
            [
                None if read is None else true - read
                for read, true in zip(reading.angle_rad, drive.angle_rad, strict=True)
            ]
        )
        zero = (
            off if self._zero is None else tuple([a if b is None else b for a, b in zip(off, self._zero, strict=True)])
        )
        known = [(a, b) for a, b in zip(off, zero, strict=True) if b is not None]
        began_ns = self._restarted_ns
        restarts = began_ns is not None and self._clock.now_ns() - began_ns < RESTART_NS
        self._hold("wheel offset", known, RESTART_RAD if restarts else TURNED_RAD)
        if restarts:
            zero = tuple([b if a is None else a for a, b in zip(off, zero, strict=True)])
        self._zero = zero

    def _steering(self, reading: Any) -> None:
        self._hold("corner", zip(reading.angle_rad, self._world.steering.angle_rad, strict=True), CORNER_RAD)
