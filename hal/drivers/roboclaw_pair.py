"""One RoboClaw and its two wheels: setting the unit up, reading it, moving it, and leaving it alone when it fails."""

from __future__ import annotations

from typing import Final

from hal.api.clock import NS_PER_MS, Clock
from hal.api.errors import BadReading, DeviceError, GettingReady, NotReady
from hal.api.values import WHEELS
from hal.api.wiring import DriveUnit, WheelsWiring
from hal.drivers.roboclaw import RoboClaw
from hal.drivers.roboclaw_both import Both, Habit
from hal.drivers.roboclaw_line import DEVICE, LineBusy, RoboClawLine
from hal.drivers.roboclaw_wheel import Wheel, WheelReading

RETRY_NS: Final = 50 * NS_PER_MS
RETRY_MOST_NS: Final = 1_600 * NS_PER_MS
SETUP_STEPS: Final = 5


class OutputsOff(NotReady):
    """The unit answers, but an error in it keeps its motors without current."""


class WheelPair:
    """The two wheels of one unit; every method but `forget` may raise a `DeviceError`."""

    __slots__ = (
        "_clock", "_counts", "_limit_a", "_line", "_m1", "_m2", "_retry_after_ns", "_retry_ns", "_seen",
        "_speeds", "_started", "_step", "_tenths", "columns", "error", "may_move", "unit",
    )  # fmt: skip

    def __init__(
        self, line: RoboClawLine, drive: DriveUnit, wiring: WheelsWiring, clock: Clock, habits: tuple[Habit, Habit]
    ) -> None:
        self._clock = clock
        self._line = line
        self.unit = unit = RoboClaw(line, drive.address)
        self._counts = Both(unit.read_counts, unit.read_count, habits[0])
        self._speeds = Both(unit.read_speeds, unit.read_speed, habits[1])
        self._m1 = Wheel(drive.m1_sign, wiring.counts_per_rad)
        self._m2 = Wheel(drive.m2_sign, wiring.counts_per_rad)
        self.columns = (WHEELS.index(drive.m1), WHEELS.index(drive.m2))
        self._tenths = int(wiring.timeout_s * 10.0 + 1e-6)  # rounded down: never longer than asked for
        self._limit_a = wiring.current_limit_a
        self.forget()

    def forget(self) -> None:
        """The supply is off: the next contact begins anew, and no motor turns."""
        self.unit.forget()
        self._m1.forget()
        self._m2.forget()
        self._step = 0
        self._seen = False
        """The unit has been set up since its supply came on."""
        self._started = False
        """The unit's own word, at the last look, that it has started anew."""
        self._counts.forget()
        self._speeds.forget()
        self._retry_after_ns = RETRY_NS
        self._retry_ns = 0
        self.error: DeviceError | None = None
        """Why the unit did not answer at the last attempt; None if it did."""
        self.may_move = False
        """It was told to turn, and has not confirmed zero since."""

    def due(self, now_ns: int) -> bool:
        """Whether it is worth while to talk to the unit."""
        return now_ns >= self._retry_ns

    @property
    def starting(self) -> bool:
        """It has not failed, but not everything has been learned from it since its supply came on."""
        learned = self._step == SETUP_STEPS and self._speeds.known
        return not learned and (self.error is None or isinstance(self.error, LineBusy))

    @property
    def outputs_off(self) -> bool:
        """Whether an error kept the unit's outputs off at the last look."""
        status = self.unit.last_status
        return status is not None and status.outputs_off

    def failed(self, error: DeviceError) -> None:
        """Leave the unit alone for a while, longer each time; want of bus time and an error in it are no reason to."""
        if isinstance(error, OutputsOff):
            return
        self.error = error
        if isinstance(error, LineBusy):
            return
        if not isinstance(error, BadReading):
            self._step = 0  # silent: it may have lost power, and its settings with it
        self._retry_ns = self._clock.now_ns() + self._retry_after_ns
        self._retry_after_ns = min(2 * self._retry_after_ns, RETRY_MOST_NS)

    def read(self, *, verify: bool) -> tuple[WheelReading | None, WheelReading | None]:
        """Both wheels' readings, None for one whose values cannot be true; `verify` looks at the serial timeout too.

        Raises:
            BadReading: so many stray bytes came meanwhile that one of the answers may be an older one.
            GettingReady: the unit has started anew since the last look; it is set up again at the next one.
        """
        line = self._line
        if self._step != SETUP_STEPS:
            self._set_up()
            strays = line.strays
        else:
            strays = line.strays
            self._check_same(verify)
        count1, count2 = self._counts.read()
        now_ns = self._clock.now_ns()
        speed1, speed2 = self._speeds.read()
        amps1, amps2 = self.unit.read_currents()
        if line.strays != strays:
            raise BadReading(DEVICE, f"{self.unit.name}: another answer was on the line")
        self.error = None
        self._retry_after_ns = RETRY_NS
        return self._m1.reading(count1, speed1, amps1, now_ns), self._m2.reading(count2, speed2, amps2, now_ns)

    def command(self, m1_rad_s: float, m2_rad_s: float, accel: int) -> None:
        """Turn both wheels.

        Raises:
            OutputsOff: an error in the unit keeps its outputs off; nothing was sent.
        """
        if self._step != SETUP_STEPS:
            self._set_up()
        m1, m2 = self._m1.counts_s(m1_rad_s), self._m2.counts_s(m2_rad_s)
        if m1 or m2:
            self.refuse_if_off()
            self.may_move = True
        self.unit.write_speed(accel, m1, m2)
        if not (m1 or m2):
            self.may_move = False

    def stop(self) -> None:
        """Bridges to zero at once; needs neither set-up nor encoders.  A unit that obeys is worth reading again."""
        self.unit.write_duty(0, 0)
        self.may_move = False
        self._retry_ns = 0

    def refuse_if_off(self) -> None:
        """Look again at a unit whose outputs were off at the last look.

        Raises:
            OutputsOff: they still are.
        """
        if self.outputs_off:
            status = self.unit.read_status()
            if status.outputs_off:
                raise OutputsOff(DEVICE, f"{self.unit.name}: outputs are off ({', '.join(status.errors)})")

    def faults(self) -> tuple[str, ...]:
        """In words, what is the matter with the unit as far as it is known."""
        if self.error is not None:
            return (self.error.detail,)
        status = self.unit.last_status
        return () if status is None else tuple(f"{self.unit.name}: {text}" for text in status.faults)

    def _set_up(self) -> None:
        """Do what is left to do, step by step, so that a cycle without bus time left loses nothing."""
        steps = (self.unit.read_version, self._arm_timeout, self._limit_m1, self._limit_m2, self._look)
        while self._step < SETUP_STEPS:
            steps[self._step]()
            self._step += 1
        self._seen = True

    def _check_same(self, verify: bool) -> None:
        """Look at the unit's status, and whether it is still as it was set up."""
        started = self.unit.read_status().started
        restarted = started and not self._started
        self._started = started
        if restarted or (verify and self.unit.read_timeout() != self._tenths):
            self._step = 0
            self._count_anew()
            raise GettingReady(DEVICE, f"{self.unit.name}: has started anew")

    def _arm_timeout(self) -> None:
        """The unit stops by itself when the computer falls silent.  A value that is not ours tells of a restart."""
        unit = self.unit
        if unit.read_timeout() == self._tenths:
            return
        if self._seen:
            self._count_anew()
        unit.write_timeout(self._tenths)
        if (tenths := unit.read_timeout()) != self._tenths:
            raise BadReading(DEVICE, f"{unit.name}: serial timeout is {tenths}, expected {self._tenths}")

    def _limit_m1(self) -> None:
        if self._limit_a is not None:
            self.unit.write_current_limit(0, self._limit_a)

    def _limit_m2(self) -> None:
        if self._limit_a is not None:
            self.unit.write_current_limit(1, self._limit_a)

    def _look(self) -> None:
        """First status: its layout, and whether the unit has started since it was last seen."""
        started = self.unit.read_status().started
        if started and self._seen and not self._started:
            self._count_anew()
        self._started = started

    def _count_anew(self) -> None:
        """The encoders began again at zero."""
        self._m1.restart()
        self._m2.restart()
