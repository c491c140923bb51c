"""One emulated RoboClaw: power, channels, settings with their image in NVM, faults, and what it reports as status."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from hal.api.clock import NS_PER_MS
from sim_hal.buses.serial import ReplyFault
from sim_hal.emulators.roboclaw_motor import OFF, STOPPED, Demand, FreeMotor, MotorTruth

TENTH_NS: Final = 100 * NS_PER_MS
LATENCY_NS: Final = NS_PER_MS
"""From the end of a request to the start of its answer; measured nowhere, some milliseconds were seen."""
WRAP: Final = 1 << 32
PIN_DEFAULT, PIN_LATCHING, PIN_FREE = 0, 1, 2
"""Functions of S3: in serial modes the default is an emergency stop that latches (RoboClaw user manual p.72)."""
HOT_C: Final = 85.0
TOO_HOT_C: Final = 100.0

Pid = tuple[int, int, int, int]
"""D, P, I (x 65536) and QPPS, the order in which they are written."""


@dataclass(frozen=True)
class Settings:
    """What command 94 keeps and a start brings back."""

    timeout_tenths: int = 0
    pid: tuple[Pid, Pid] = ((0x4000, 0x10000, 0x8000, 44_000),) * 2
    main_tenths_v: tuple[int, int] = (60, 340)
    logic_tenths_v: tuple[int, int] = (55, 340)
    pins: tuple[int, int, int] = (PIN_DEFAULT, 0, 0)
    accel: tuple[int, int] = (655_359, 655_359)
    max_current: tuple[tuple[int, int], tuple[int, int]] = ((1_500, 0), (1_500, 0))
    """Hundredths of an ampere: most, least."""


@dataclass
class Channel:
    """One motor output with its encoder input."""

    motor: MotorTruth
    free: FreeMotor | None = None
    """The same motor where no world moves it."""
    zero: int = 0
    """Motor counts at which the encoder shows 0."""
    demand: Demand = STOPPED
    wraps: int = 0
    """How often the counter had wrapped at the last look."""
    stuck_at: int | None = None
    """Fault: the encoder shows this for good."""
    dead: bool = False
    """Fault: the bridge gives no current."""
    driver_fault: bool = False
    """Fault: the bridge's driver reports an error, until the unit starts anew."""


@dataclass
class Supply:
    """What the unit measures about itself."""

    main_v: float = 14.8
    logic_v: float = 5.0
    temperature_c: float = 25.0
    temperature2_c: float = 25.0


def nobody() -> None:
    """No world listens."""


class RoboclawUnit:
    """A unit at `address`; `wide`: 32 bits of status; `together`: knows commands 78 and 79.

    Without `motors` it drives two free-running ones.  `changed` is called when a demand may have changed other than by
    the serial timeout, whose time is `lapses_ns`.
    """

    def __init__(
        self,
        address: int,
        motors: tuple[MotorTruth, MotorTruth] | None = None,
        *,
        firmware: str = "USB Roboclaw 2x7a v4.2.8",
        wide: bool = True,
        together: bool = True,
        changed: Callable[[], None] = nobody,
    ) -> None:
        self.address = address
        self.firmware = firmware
        self.wide = wide
        self.together = together
        self.changed = changed
        self.supply = Supply()
        self.latency_ns = LATENCY_NS
        self.fault: ReplyFault | None = None
        """Befalls this unit's replies alone."""
        self.nvm = Settings()
        self.settings = self.nvm
        self.channels: tuple[Channel, Channel] = (_channel(motors, 0), _channel(motors, 1))
        self.free = motors is None
        self.powered = True
        self.just_started = True
        """Until the first motor command."""
        self._pressed = self._stopped = False
        self.heard_ns = 0
        """When the line last carried a byte, for the serial timeout."""
        self._now_ns = 0

    # The world's side.

    def power(self, on: bool, now_ns: int) -> None:
        """Switch the supply; a start brings back NVM and counts from zero."""
        if on is self.powered:
            return
        self.advance(now_ns)
        self.powered = on
        for channel in self.channels:
            channel.demand = STOPPED
            channel.driver_fault = False
            channel.zero, channel.wraps = channel.motor.counts(), 0
        self.settings = self.nvm
        self.just_started = True
        self._stopped = self._pressed
        self.heard_ns = now_ns
        self.tell()

    def press_stop(self, pressed: bool, now_ns: int) -> None:
        """The emergency stop on S3; motors do not go on by themselves when it is released."""
        self.advance(now_ns)
        self._pressed = pressed
        if pressed:
            self._stopped = True
        elif self.settings.pins[0] == PIN_FREE:
            self._stopped = False
        self.halt()

    def reset_stop(self) -> None:
        """Unlatch, if the input allows it (command 200, newer models)."""
        self._stopped = self._pressed

    def demand(self, channel: int, now_ns: int) -> Demand:
        """What the unit does to a motor at `now_ns`."""
        if not self.powered or self.outputs_off():
            return OFF
        end = self.channels[channel]
        if end.dead:
            return OFF
        if self._lapsed(now_ns):
            return STOPPED
        demand = end.demand
        if demand.kind == "speed" and demand.value and end.stuck_at is not None:
            return Demand("duty", 1.0 if demand.value > 0.0 else -1.0)  # the loop sees no motion and pushes
        return demand

    @property
    def lapses_ns(self) -> int | None:
        """When the serial timeout stops the motors if nothing more is heard, or did so; None without one."""
        tenths = self.settings.timeout_tenths
        return self.heard_ns + tenths * TENTH_NS if tenths else None

    def outputs_off(self) -> bool:
        """Whether an error keeps both outputs off (RoboClaw user manual p.42)."""
        low, high = self.settings.main_tenths_v
        supply = self.supply
        m1, m2 = self.channels
        return (
            self._stopped
            or not low <= supply.main_v * 10.0 <= high
            or supply.temperature_c >= TOO_HOT_C
            or supply.temperature2_c >= TOO_HOT_C
            or m1.driver_fault
            or m2.driver_fault
        )

    # The line's side.

    def hear(self, start_ns: int, end_ns: int) -> None:
        """A byte for anybody is on the line: silence before it may have stopped the motors for good."""
        if self._lapsed(start_ns):
            self.advance(start_ns)
            self.halt()
        self.heard_ns = end_ns

    def advance(self, now_ns: int) -> None:
        """Let free motors turn until now, with the serial timeout where it struck."""
        if not self.free:
            return
        lapse_ns = self.lapses_ns
        for number, channel in enumerate(self.channels):
            free = channel.free
            if free is None:
                continue
            if lapse_ns is not None and self._now_ns < lapse_ns < now_ns:
                free.follow(self.demand(number, lapse_ns + 1), lapse_ns)
            free.follow(self.demand(number, now_ns), now_ns)
        self._now_ns = now_ns

    def order(self, channel: int, demand: Demand) -> None:
        """A motor command; without outputs it is taken and comes to nothing."""
        self.channels[channel].demand = STOPPED if self.outputs_off() else demand
        self.just_started = False

    def halt(self) -> None:
        """Both motors to zero."""
        for channel in self.channels:
            channel.demand = STOPPED
        self.tell()

    def tell(self) -> None:
        """Pass a change on to motors and world."""
        for number, channel in enumerate(self.channels):
            if channel.free is not None:
                channel.free.follow(self.demand(number, self._now_ns), self._now_ns)
        self.changed()

    def count(self, channel: int) -> int:
        """The encoder, 0..2**32-1."""
        end = self.channels[channel]
        if end.stuck_at is not None:
            return end.stuck_at % WRAP
        return (end.motor.counts() - end.zero) % WRAP

    def count_status(self, channel: int) -> int:
        """Bit 0 underflow, 1 backwards, 2 overflow; reading clears 0 and 2 (RoboClaw user manual p.86)."""
        end = self.channels[channel]
        wraps = (end.motor.counts() - end.zero) // WRAP
        bits = (wraps < end.wraps) | (self.counts_s(channel) < 0) << 1 | (wraps > end.wraps) << 2
        end.wraps = wraps
        return bits

    def set_count(self, channel: int, count: int) -> None:
        """Show `count` from now on."""
        end = self.channels[channel]
        end.zero, end.wraps = end.motor.counts() - count, 0

    def counts_s(self, channel: int) -> int:
        """Speed by the encoder, counts/s."""
        end = self.channels[channel]
        return 0 if end.stuck_at is not None else round(end.motor.counts_s())

    def current(self, channel: int) -> int:
        """Motor current in hundredths of an ampere."""
        end = self.channels[channel]
        return 0 if end.dead else max(-32_768, min(32_767, round(end.motor.current_a() * 100.0)))

    def change(self, **settings: object) -> None:
        """Change settings until the next start."""
        self.settings = replace(self.settings, **settings)  # type: ignore[arg-type]  # names and types are Settings'

    def stopped(self) -> bool:
        """Whether the emergency stop is in force."""
        return self._stopped

    def _lapsed(self, now_ns: int) -> bool:
        tenths = self.settings.timeout_tenths
        return tenths != 0 and now_ns - self.heard_ns > tenths * TENTH_NS


def _channel(motors: tuple[MotorTruth, MotorTruth] | None, number: int) -> Channel:
    if motors is not None:
        return Channel(motors[number], zero=motors[number].counts())
    free = FreeMotor()
    return Channel(free, free)
