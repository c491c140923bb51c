"""BNO055 inertial unit in serial mode: set up over several calls, one bounded transaction a reading, watched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from hal.api.clock import NS_PER_MS, NS_PER_S, Clock
from hal.api.errors import BadReading, DeviceError, GettingReady, NotReady
from hal.api.values import ImuReading, Vector
from hal.api.wiring import ImuWiring
from hal.backoff import Backoff
from hal.buses.api import SerialBus
from hal.drivers.bno055_link import DEVICE, Bno055Link
from hal.drivers.bno055_sample import SIZE, Repeats, Sample, decode, turned
from hal.drivers.bno055_setup import CALIB_STAT, DATA, RESET_NS, read_state, set_up

STEPS_NS: Final = 12 * NS_PER_MS
"""No further step of the set-up is begun later than this in a call."""
STATE_NS: Final = NS_PER_S
"""How often the chip's state is read again: it can fall back to CONFIG without a word (Bosch community forum)."""
FRESH_NS: Final = 500 * NS_PER_MS
"""A reading older than this says nothing about the next."""
LOST_AFTER: Final = 3
"""Failed readings in a row before the chip is set up anew."""
FIRST_RETRY_NS: Final = 200 * NS_PER_MS
LONGEST_RETRY_NS: Final = 10 * NS_PER_S


class Calibration(NamedTuple):
    """Register 0x35: each 0 (not calibrated) to 3 (done)."""

    system: int
    gyro: int
    accel: int
    mag: int


class Bno055:
    """Implements `hal.api.devices.Imu`.

    A reading is the chip's newest sample (100 Hz, filtered by the chip), not a mean since the reading before.  The
    chip's own axis map stays at its default; how it is mounted is undone here.
    """

    def __init__(self, bus: SerialBus, wiring: ImuWiring, clock: Clock, powered: Callable[[], bool]) -> None:
        self._clock = clock
        self._powered = powered
        self._link = Bno055Link(bus, clock)
        self._axes = (turned(wiring.forward), turned(wiring.left), turned(wiring.up))
        self._repeats = Repeats()
        self._retry = Backoff(FIRST_RETRY_NS, LONGEST_RETRY_NS)
        self._steps: Iterator[int] | None = None
        self._step_ns = 0
        self._reset_first = True
        self._was_off = False
        self._runs = False
        self._failures = 0
        self._state_ns = 0
        self._last: Sample | None = None
        self._last_ns = 0

    def read(self) -> ImuReading:
        self._need_running()
        try:
            self._watch_state()
            sample = self._sample()
        except DeviceError:
            self._failed()
            raise
        self._failures = 0
        self._retry.succeeded()
        self._last, self._last_ns = sample, self._clock.now_ns()
        return ImuReading(
            time_ns=self._last_ns, gyro_rad_s=self._body(sample.gyro_rad_s), accel_m_s2=self._body(sample.accel_m_s2)
        )

    def calibration(self) -> Calibration:
        """How far the chip has calibrated itself; for the check-out.  Raises as `read`."""
        self._need_running()
        self._watch_state()
        status = self._link.read(CALIB_STAT, 1)[0]
        return Calibration(status >> 6, status >> 4 & 3, status >> 2 & 3, status & 3)

    # Set-up.

    def _need_running(self) -> None:
        now_ns = self._clock.now_ns()
        if not self._powered():
            self._forget()
            self._retry.succeeded()
            self._was_off = True
            raise NotReady(DEVICE, "unpowered")
        if self._was_off:
            self._was_off, self._reset_first, self._step_ns = False, False, now_ns + RESET_NS
        self._link.need_quiet()
        if not self._runs:
            self._go_on(now_ns)

    def _forget(self) -> None:
        self._steps, self._step_ns, self._reset_first = None, 0, True
        self._runs = False
        self._failures = 0
        self._last = None

    def _go_on(self, now_ns: int) -> None:
        """Take the next steps of the set-up; raises unless they were the last."""
        if not self._retry.due(now_ns):
            raise GettingReady(DEVICE, f"{self._link.where} is lost and will be tried again")
        if self._steps is None:
            self._steps = set_up(self._link, self._clock, reset=self._reset_first)
        try:
            self._take(self._steps, now_ns + STEPS_NS)
        except NotReady:
            raise
        except DeviceError:
            self._give_up()
            raise
        self._runs, self._steps = True, None
        self._state_ns = self._clock.now_ns() + STATE_NS
        self._link.in_doubt = False

    def _take(self, steps: Iterator[int], end_ns: int) -> None:
        while self._step_ns <= self._clock.now_ns() < end_ns:
            step_ns = next(steps, None)
            if step_ns is None:
                return
            self._step_ns = step_ns
        raise GettingReady(DEVICE, f"{self._link.where} is being set up")

    def _give_up(self) -> None:
        """This chip is lost: begin anew, with a reset, after a while."""
        self._forget()
        self._retry.failed(self._clock.now_ns())

    # One reading.

    def _watch_state(self) -> None:
        """Once a second, and after any failed transaction.

        Replies come in the order of the requests, and this one has a length of its own: once it is right, no
        reply to an earlier request can still be under way and be taken for new.
        """
        now_ns = self._clock.now_ns()
        if now_ns < self._state_ns and not self._link.in_doubt:
            return
        state = read_state(self._link)
        if not state.runs:
            state = read_state(self._link)  # a flipped bit on the line costs no set-up
        if not state.runs:
            self._forget()
            self._reset_first = state.error != 0
            raise BadReading(DEVICE, f"{self._link.where} no longer runs and is set up again: {state.text}")
        self._link.in_doubt = False
        self._state_ns = now_ns + STATE_NS

    def _sample(self) -> Sample:
        """The newest sample; one that is far from the one before is asked for twice."""
        sample, last = self._fetch(), self._last
        if last is not None and self._clock.now_ns() - self._last_ns > FRESH_NS:
            last = None
        if last is not None and sample.near(last):
            return sample
        again = self._fetch()
        if not (again.near(sample) or (last is not None and again.near(last))):
            self._last = None
            raise BadReading(DEVICE, f"{self._link.where}: two readings on end differ: {sample}, {again}")
        return again

    def _fetch(self) -> Sample:
        raw = self._link.read(DATA, SIZE)
        if self._repeats.see(raw, self._clock.now_ns()):
            self._give_up()
            raise BadReading(DEVICE, f"{self._link.where} is stuck: {self._repeats.count} readings to the bit the same")
        return decode(raw, self._link.where)

    def _failed(self) -> None:
        self._failures += 1
        if self._runs and self._failures >= LOST_AFTER:
            self._give_up()

    def _body(self, vector: Vector) -> Vector:
        forward, left, up = self._axes
        return (forward(vector), left(vector), up(vector))
