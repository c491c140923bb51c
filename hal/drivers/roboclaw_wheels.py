"""Six wheel drives on RoboClaws that share one serial line.

A unit that fails costs its own two wheels and, while it is left alone, next to no time.  Units stop by themselves
when the line falls silent; as reading keeps the line alive, the end of a hold is kept here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hal.api.clock import Clock, seconds
from hal.api.errors import BadReading, DeviceError, DeviceTimeout, GettingReady, NotReady
from hal.api.values import WHEELS, WheelReadings
from hal.api.wiring import WheelsWiring
from hal.buses.api import SerialBus
from hal.drivers.roboclaw_both import Habit
from hal.drivers.roboclaw_line import DEVICE, RoboClawLine
from hal.drivers.roboclaw_pair import WheelPair
from hal.drivers.roboclaw_wheel import POSSIBLE_RAD_S

COUNT: Final = len(WHEELS)


class RoboClawWheels:
    """Implements `hal.api.devices.WheelDrives`; `powered` says whether the units' supply is on."""

    __slots__ = ("_accel", "_clock", "_hold_until_ns", "_line", "_most_hold_ns", "_pairs", "_powered", "_verify")

    def __init__(self, bus: SerialBus, wiring: WheelsWiring, clock: Clock, powered: Callable[[], bool]) -> None:
        self._clock = clock
        self._powered = powered
        self._line = RoboClawLine(bus, clock)
        habits = Habit(), Habit()
        self._pairs = tuple(WheelPair(self._line, unit, wiring, clock, habits) for unit in wiring.units)
        self._accel = max(1, round(wiring.accel_rad_s2 * wiring.counts_per_rad))
        self._most_hold_ns = seconds(wiring.timeout_s)
        self._hold_until_ns: int | None = None
        """When wheels that were told to turn must be told to stop."""
        self._verify = 0
        """Which unit's serial timeout is looked at next."""

    @property
    def stale_bytes(self) -> int:
        """Bytes on the line that belonged to no request, since this object was made."""
        return self._line.stale_bytes

    def command(self, speed_rad_s: tuple[float, ...], hold_ns: int) -> None:
        """Turn the wheels (rad/s) for at most `hold_ns` and never longer than the wired timeout.

        Raises:
            BadReading: not six speeds, or one that is no possible speed; nothing was sent.
            NotReady: no supply; or a unit whose wheels should turn says that an error keeps its outputs off: then
                the other units are stopped, since a rover half driven goes astray.
            DeviceTimeout: some unit did not take it; all were tried that are not being left alone.
        """
        _check_speeds(speed_rad_s)
        self._need_power()
        if any(speed_rad_s):
            self._refuse_if_off(speed_rad_s)
            self._hold_until_ns = self._clock.now_ns() + min(hold_ns, self._most_hold_ns)
        failures: list[DeviceError] = []
        for pair in self._pairs:
            m1, m2 = pair.columns
            try:
                self._command_pair(pair, speed_rad_s[m1], speed_rad_s[m2])
            except DeviceError as error:
                failures.append(error)
        _raise_all(failures)

    def read(self) -> WheelReadings:
        """Angle since the supply came on, speed and size of current; a unit that fails is None in its wheels.

        Raises:
            NotReady: no supply, or there was no time yet to set all units up.
            DeviceTimeout: no unit answered.
        """
        self._need_power()
        if self._hold_until_ns is not None and self._clock.now_ns() >= self._hold_until_ns:
            self._end_hold()
        angles: list[float | None] = [None] * COUNT
        speeds: list[float | None] = [None] * COUNT
        currents: list[float | None] = [None] * COUNT
        now_ns = self._clock.now_ns()
        self._verify = (self._verify + 1) % len(self._pairs)
        answered = False
        for number, pair in enumerate(self._pairs):
            if not pair.due(now_ns):
                continue
            try:
                readings = pair.read(verify=number == self._verify)
            except DeviceError as error:
                pair.failed(error)
                continue
            answered = True
            for column, reading in zip(pair.columns, readings, strict=True):
                if reading is not None:
                    angles[column], speeds[column], currents[column] = reading
        if any(pair.starting for pair in self._pairs):
            raise GettingReady(DEVICE, "units are being set up")
        if not answered:
            raise DeviceTimeout(DEVICE, "; ".join(self.faults()))
        return WheelReadings(
            time_ns=self._clock.now_ns(),
            angle_rad=tuple(angles),
            speed_rad_s=tuple(speeds),
            current_a=tuple(currents),
        )

    def make_safe(self) -> None:
        """Tell every unit to stop, also those that fail or are left alone; nothing to do without supply.

        Raises:
            DeviceTimeout: a unit that may be turning did not confirm.
        """
        if not self._powered():
            self._forget()
            return
        failures: list[DeviceError] = []
        for pair in self._pairs:
            try:
                pair.stop()
            except DeviceError as error:
                pair.failed(error)
                if pair.may_move:
                    failures.append(error)
        if not failures:
            self._hold_until_ns = None
        _raise_all(failures)

    def faults(self) -> tuple[str, ...]:
        """What is the matter with the units, in words, as of the last contact; for a check-out."""
        return tuple(fault for pair in self._pairs for fault in pair.faults())

    def _command_pair(self, pair: WheelPair, m1_rad_s: float, m2_rad_s: float) -> None:
        """Raises what went wrong, unless both wheels should stand and surely do."""
        try:
            if not pair.due(self._clock.now_ns()):
                why = pair.error.detail if pair.error is not None else pair.unit.name
                raise DeviceTimeout(DEVICE, f"{why} (left alone for now)")
            try:
                pair.command(m1_rad_s, m2_rad_s, self._accel)
            except DeviceError as error:
                pair.failed(error)
                raise
        except DeviceError:
            if m1_rad_s or m2_rad_s or pair.may_move:
                raise

    def _refuse_if_off(self, speed_rad_s: tuple[float, ...]) -> None:
        for pair in self._pairs:
            if pair.outputs_off and any(speed_rad_s[column] for column in pair.columns):
                try:
                    pair.refuse_if_off()
                except DeviceError:
                    self._end_hold()
                    raise

    def _end_hold(self) -> None:
        """Stop what may be turning; a reading tries again each time until every unit has confirmed."""
        for pair in self._pairs:
            if pair.may_move and pair.due(self._clock.now_ns()):
                try:
                    pair.stop()
                except DeviceError as error:
                    pair.failed(error)
        if not any(pair.may_move for pair in self._pairs):
            self._hold_until_ns = None

    def _need_power(self) -> None:
        if not self._powered():
            self._forget()
            raise NotReady(DEVICE, "no supply")

    def _forget(self) -> None:
        self._hold_until_ns = None
        for pair in self._pairs:
            pair.forget()


def _check_speeds(speed_rad_s: tuple[float, ...]) -> None:
    if len(speed_rad_s) != COUNT:
        raise BadReading(DEVICE, f"{len(speed_rad_s)} speeds for {COUNT} wheels")
    for name, speed in zip(WHEELS, speed_rad_s, strict=True):
        if not -POSSIBLE_RAD_S <= speed <= POSSIBLE_RAD_S:  # a NaN is not within
            raise BadReading(DEVICE, f"{name}: {speed} rad/s, expected -{POSSIBLE_RAD_S:g} to {POSSIBLE_RAD_S:g}")


def _raise_all(failures: list[DeviceError]) -> None:
    if failures:
        raise DeviceTimeout(DEVICE, "; ".join(error.detail for error in failures))
