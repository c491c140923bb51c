"""Four steering servos on one PCA9685: open loop, reckoned, stopping by themselves."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from hal.api.clock import Clock
from hal.api.errors import BadReading, DeviceError, NotReady
from hal.api.values import CORNERS, SteeringReadings
from hal.api.wiring import SteeringWiring
from hal.buses.api import I2cBus
from hal.drivers.pca9685 import Counts, Pca9685, prescale_for
from hal.drivers.servo import US_PER_S, ServoReckoner, ServoScale

DEVICE: Final = "steering"
FRAME_HZ: Final = 50.0


class ServoSteering:
    """Implements `hal.api.devices.Steering`.

    The angles are not measured: servos report nothing.  They are reckoned from the pulses sent and the rate in the
    wiring, so a jammed or slow servo is not seen here.  `read` does verify that the chip still sends those pulses.
    A corner is None until it has had time to arrive from anywhere, for after power-up it may stand anywhere; until
    its first command it gets no pulse and is limp.

    Hold: a corner whose angle is known is only ever sent as far as it can turn within the hold, so it stops there
    even if the computer has died.  One that is still unknown is sent the whole way and, where the driver is called
    after the hold has ended, is let go; its end stops bound it otherwise.
    """

    def __init__(self, bus: I2cBus, wiring: SteeringWiring, clock: Clock, powered: Callable[[], bool]) -> None:
        self._clock = clock
        self._powered = powered
        self._self_locking = wiring.self_locking
        servos = [wiring.corners[corner] for corner in CORNERS]
        prescale = prescale_for(wiring.clock_hz, FRAME_HZ)
        self._chip = Pca9685(
            DEVICE, bus, wiring.address, clock, channels=tuple(servo.channel for servo in servos), prescale=prescale
        )
        step_us = (prescale + 1) * US_PER_S / wiring.clock_hz
        self._corners = [ServoReckoner(ServoScale(servo, step_us), wiring.rate_rad_s) for servo in servos]

    def command(self, angle_rad: tuple[float, ...], hold_ns: int) -> None:
        """Angles beyond a servo's limits are taken as the limit.

        Raises:
            BadReading: not four finite angles, or the chip lost its registers.
            NotReady: unpowered, or the chip starts up.
            DeviceTimeout: the chip or the bus did not answer, or the bus has no time left.
        """
        if len(angle_rad) != len(CORNERS) or not all(map(math.isfinite, angle_rad)):
            raise BadReading(DEVICE, f"expected {len(CORNERS)} finite angles, got {angle_rad}")
        self._ready()
        aims = zip(self._corners, angle_rad, strict=True)
        self._send(tuple([corner.count_towards(rad, hold_ns) for corner, rad in aims]), hold_ns)

    def read(self) -> SteeringReadings:
        """One transfer; a second one after a corrupt answer.  Raises as `command`."""
        now_ns = self._ready()
        self._let_go(now_ns)
        self._guarded(self._chip.check)
        now_ns = self._run()
        return SteeringReadings(time_ns=now_ns, angle_rad=tuple([corner.angle_rad for corner in self._corners]))

    def make_safe(self) -> None:
        """Keep the angle that each corner has by now; let go of those that are on the way from nobody knows where.

        Raises:
            DeviceTimeout: the chip did not take it.
        """
        if not self._has_power() or not self._chip.set_up:
            return  # nothing turns on from here: no pulses, or the last ones, which end by themselves
        self._run()
        counts = []
        for corner, count in zip(self._corners, self._chip.counts, strict=True):
            angle_rad = corner.angle_rad
            counts.append(None if count is None or angle_rad is None else corner.count_towards(angle_rad, 0))
        if tuple(counts) != self._chip.counts:
            self._send(tuple(counts), 0)

    def _ready(self) -> int:
        """The time now, with a chip that is set up."""
        if not self._has_power():
            raise NotReady(DEVICE, "unpowered")
        self._guarded(self._chip.prepare)
        return self._run()

    def _has_power(self) -> bool:
        if self._powered():
            return True
        self._chip.forget()
        for corner in self._corners:
            if self._self_locking:
                corner.rest()
            else:
                corner.forget()
        return False

    def _run(self) -> int:
        now_ns = self._clock.now_ns()
        for corner in self._corners:
            corner.run_to(now_ns)
        return now_ns

    def _send(self, counts: Counts, hold_ns: int) -> None:
        before = self._chip.counts
        try:
            self._chip.write(counts)
        except DeviceError:
            for corner, old, new in zip(self._corners, before, counts, strict=True):
                if old != new:
                    corner.forget()  # it may have got the old pulse or the new one
            raise
        now_ns = self._run()
        for corner, count in zip(self._corners, counts, strict=True):
            if count is None:
                corner.forget()
            else:
                corner.told(count, now_ns, hold_ns)

    def _let_go(self, now_ns: int) -> None:
        """Corners that have not arrived from an unknown place when their hold ends get no more pulses."""
        late = [
            corner.limp_at_ns is not None and corner.angle_rad is None and now_ns >= corner.limp_at_ns
            for corner in self._corners
        ]
        if any(late):
            kept = zip(self._chip.counts, late, strict=True)
            counts = tuple([None if is_late else count for count, is_late in kept])
            self._chip.write(counts)
            for corner, is_late in zip(self._corners, late, strict=True):
                if is_late:
                    corner.forget()

    def _guarded(self, step: Callable[[], None]) -> None:
        """A chip that starts up, or did not hold its pulses, may have let the corners go anywhere."""
        try:
            step()
        except (BadReading, NotReady):
            self._forget()
            raise

    def _forget(self) -> None:
        for corner in self._corners:
            corner.forget()
