"""Servo steering over an emulated PCA9685 and free servos: what is reckoned is true, and every failure is told."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from hal.api.clock import NS_PER_MS, NS_PER_S
from hal.api.errors import BadReading, DeviceError, DeviceTimeout, NotReady
from hal.api.values import CORNERS
from hal.api.wiring import ServoWiring, SteeringWiring
from hal.drivers.servo_steering import ServoSteering
from sim_hal.buses.i2c_faults import ClockStretchFlaw, constant, truncated
from sim_hal.emulators.pca9685 import Pca9685Chip
from sim_hal.emulators.servo import FreeServo
from tests.hal.drivers.i2c_bench import I2cBench, WrongChip

RATE = 3.49
TURNED = (0.3, -0.3, 0.2, -0.2)
HOLD_NS = NS_PER_S // 2
UNKNOWN = (None,) * 4
OSR_CHANNELS = (2, 1, 3, 0)
"""Front left, front right, rear left, rear right, as the JPL open source rover has them."""


def wiring_of(channels: tuple[int, ...] = OSR_CHANNELS, rate: float = RATE) -> SteeringWiring:
    """Servos of 300 degrees for 2 ms; the rear ones turned round."""
    servos = {
        corner: ServoWiring(channel=channel, us_per_rad=382.0, sign=1 if corner.startswith("front") else -1)
        for corner, channel in zip(CORNERS, channels, strict=True)
    }
    return SteeringWiring(bus="i2c1", corners=servos, rate_rad_s=rate)


class SteeringBench(I2cBench):
    """The chip, four servos that stand somewhere, and the driver."""

    def __init__(
        self,
        start: tuple[float, ...] = (0.4, -0.9, 0.0, 0.1),
        channels: tuple[int, ...] = OSR_CHANNELS,
        rate: float = RATE,
    ) -> None:
        self.chip = Pca9685Chip(changed=self._changed)
        super().__init__({0x40: self.chip})
        wiring = wiring_of(channels, rate)
        self.servos = [
            FreeServo(self.chip, wiring.corners[corner], rate, angle)
            for corner, angle in zip(CORNERS, start, strict=True)
        ]
        self.powered = True
        self.steering = ServoSteering(self.bus, wiring, self.plug, lambda: self.powered)

    def _changed(self, now_ns: int) -> None:
        for servo in self.servos:
            servo.run_to(now_ns)

    def truth(self) -> tuple[float, ...]:
        return tuple(servo.run_to(self.plug.now_ns()) for servo in self.servos)

    def start(self) -> None:
        """Past the oscillator's start-up."""
        with pytest.raises(NotReady):
            self.steering.read()
        self.pass_s(0.001)

    def steer(self, angles: tuple[float, ...], for_s: float, hold_ns: int = HOLD_NS) -> None:
        """Ten commands a second, as flight does."""
        for _ in range(round(10 * for_s)):
            self.steering.command(angles, hold_ns)
            self.pass_s(0.1)

    def settle(self, angles: tuple[float, ...] = (0.0,) * 4) -> None:
        """Start it, and bring every corner to a place that is known."""
        self.start()
        self.steer(angles, 2.0)

    def reads(self) -> tuple[float | None, ...]:
        return self.steering.read().angle_rad


def test_it_is_not_ready_until_the_oscillator_runs() -> None:
    """Half a millisecond; nobody sleeps for it."""
    bench = SteeringBench()
    with pytest.raises(NotReady, match=r"PCA9685 at 0x40 on i2c1: oscillator"):
        bench.steering.command(TURNED, HOLD_NS)
    with pytest.raises(NotReady):
        bench.steering.read()
    bench.pass_s(0.001)
    assert bench.reads() == UNKNOWN


def test_registers_after_set_up() -> None:
    """50 Hz within a thousandth, auto-increment on, all-call off, every output off."""
    bench = SteeringBench()
    bench.start()
    bench.reads()
    assert bench.chip.transfer(b"\x00", 2, 0) == bytes((0x20, 0x04))
    assert bench.chip.transfer(b"\xfe", 1, 0) == bytes((121,))
    assert not bench.chip.answers_all_call
    assert [bench.chip.pulse_us(channel, bench.plug.now_ns()) for channel in range(16)] == [None] * 16


def test_before_its_first_command_every_corner_is_limp_and_unknown() -> None:
    """Time alone brings no knowledge, and nothing moves."""
    bench = SteeringBench()
    before = bench.truth()
    bench.start()
    bench.pass_s(10.0)
    assert bench.reads() == UNKNOWN
    assert bench.truth() == before


def test_a_corner_is_known_once_it_must_have_arrived() -> None:
    """Not before the time that it takes from the far end, though it may have arrived long ago; then it is true."""
    bench = SteeringBench()
    bench.start()
    bench.steer(TURNED, 0.7)
    assert bench.reads() == UNKNOWN
    bench.steer(TURNED, 0.3)
    assert bench.reads() == pytest.approx(TURNED, abs=0.007)
    assert bench.truth() == pytest.approx(bench.reads(), abs=1e-9)


@given(
    st.tuples(*[st.floats(-1.4, 1.4)] * 4),
    st.lists(
        st.tuples(st.tuples(*[st.floats(-1.6, 1.6)] * 4), st.integers(1, 12), st.booleans(), st.floats(0.0, 0.7)),
        max_size=6,
    ),
)
def test_a_known_angle_is_true(
    start: tuple[float, ...], legs: list[tuple[tuple[float, ...], int, bool, float]]
) -> None:
    """Whatever was commanded, refreshed or not, made safe or not: no reckoned angle differs from the servo's."""
    bench = SteeringBench(start)
    bench.start()
    for angles, tenths, safe, wait_s in legs:
        bench.steer(angles, tenths / 10)
        if safe:
            bench.steering.make_safe()
        bench.pass_s(wait_s)
        for reckoned, true in zip(bench.reads(), bench.truth(), strict=True):
            assert reckoned is None or reckoned == pytest.approx(true, abs=0.01)


def test_four_channels_side_by_side_are_one_transfer() -> None:
    """One burst of 17 bytes for a command, one transfer for a read."""
    bench = SteeringBench()
    bench.settle()
    assert bench.cost(lambda: bench.steering.command(TURNED, HOLD_NS))[0] == 1
    assert bench.bus.log[-1][1][0] == 0x06
    assert bench.cost(bench.steering.read) == (1, pytest.approx(0.45, abs=0.05))


def test_channels_apart_are_one_transfer_each() -> None:
    """Others in between are not touched; reading back is still one transfer."""
    bench = SteeringBench(channels=(0, 4, 8, 15))
    bench.settle()
    assert bench.cost(lambda: bench.steering.command(TURNED, HOLD_NS))[0] == 4
    assert bench.cost(bench.steering.read)[0] == 1
    bench.steer(TURNED, 1.0)
    assert bench.truth() == pytest.approx(TURNED, abs=0.007)
    assert bench.chip.pulse_us(1, bench.plug.now_ns()) is None


def test_angles_end_at_the_limits_of_the_servo() -> None:
    """500 to 2500 us, never a step beyond; ON and OFF are never equal."""
    bench = SteeringBench()
    bench.settle()
    bench.steer((9.0, -9.0, 9.0, -9.0), 2.0)
    pulses = [bench.chip.pulse_us(channel, bench.plug.now_ns()) for channel in OSR_CHANNELS]
    assert pulses == pytest.approx([2500.0, 500.0, 500.0, 2500.0], abs=5.0)
    assert all(pulse is not None and 500.0 <= pulse <= 2500.0 for pulse in pulses)
    assert bench.reads() == pytest.approx((2.61, -2.61, 2.61, -2.61), abs=0.02)


def test_a_measured_oscillator_is_allowed_for() -> None:
    """A chip that runs 6 % fast, and says so in the wiring, still gives 1500 us."""
    wiring = wiring_of()
    chip = Pca9685Chip(clock_hz=26.5e6)
    bench = I2cBench({0x40: chip})
    measured = SteeringWiring(bus="i2c1", corners=wiring.corners, rate_rad_s=RATE, clock_hz=26.5e6)
    steering = ServoSteering(bench.bus, measured, bench.plug, lambda: True)
    with pytest.raises(NotReady):
        steering.read()
    bench.pass_s(0.001)
    steering.command((0.0,) * 4, HOLD_NS)
    assert chip.pulse_us(0, bench.plug.now_ns()) == pytest.approx(1500.0, abs=3.0)
    assert chip.period_us == pytest.approx(20_000, rel=0.005)


def test_a_computer_that_dies_leaves_corners_that_stop_by_themselves() -> None:
    """Nobody calls the driver again: a known corner goes no further than its hold allows."""
    bench = SteeringBench(rate=0.3)
    bench.start()
    bench.steer((0.0,) * 4, 20.0)
    bench.steering.command((1.0, -1.0, 1.0, -1.0), NS_PER_S)
    bench.pass_s(60.0)
    assert bench.truth() == pytest.approx((0.3, -0.3, 0.3, -0.3), abs=0.015)
    assert bench.reads() == pytest.approx(bench.truth(), abs=1e-9)


def test_a_corner_from_nowhere_is_let_go_when_its_hold_ends() -> None:
    """It gets no pulse until the next command, and is unknown as before."""
    bench = SteeringBench(rate=0.3)
    bench.start()
    bench.steering.command(TURNED, NS_PER_S)
    bench.pass_s(1.1)
    assert bench.reads() == UNKNOWN
    assert [bench.chip.pulse_us(channel, bench.plug.now_ns()) for channel in OSR_CHANNELS] == [None] * 4


def test_made_safe_on_the_way_it_stays_where_it_is() -> None:
    """A known corner gets the pulse of its present angle; one that stands is left alone."""
    bench = SteeringBench(rate=0.3)
    bench.start()
    bench.steer((0.0,) * 4, 20.0)
    bench.steer((1.0,) * 4, 1.0)
    bench.steering.make_safe()
    bench.pass_s(5.0)
    assert bench.truth() == pytest.approx((0.3,) * 4, abs=0.015)
    assert bench.reads() == pytest.approx(bench.truth(), abs=1e-9)
    assert bench.cost(bench.steering.make_safe)[0] == 0


def test_made_safe_from_nowhere_it_is_let_go() -> None:
    """No pulse is better than one to a place that nobody chose; before any command nothing is sent at all."""
    bench = SteeringBench(rate=0.3)
    assert bench.cost(bench.steering.make_safe)[0] == 0
    bench.start()
    assert bench.cost(bench.steering.make_safe)[0] == 0
    bench.steering.command(TURNED, NS_PER_S)
    bench.steering.make_safe()
    assert bench.chip.pulse_us(0, bench.plug.now_ns()) is None
    assert bench.reads() == UNKNOWN


@pytest.mark.parametrize("angles", [(0.1,) * 5, (), (0.0, 0.0, 0.0, float("nan")), (0.0, 0.0, 0.0, float("inf"))])
def test_senseless_angles_are_refused(angles: tuple[float, ...]) -> None:
    """Nothing is sent."""
    bench = SteeringBench()
    bench.settle()
    count = bench.bus.count
    with pytest.raises(BadReading, match="4 finite angles"):
        bench.steering.command(angles, HOLD_NS)
    assert bench.bus.count == count


def test_without_power_it_is_not_ready_and_forgets() -> None:
    """No transfer; with power again it is set up anew and knows no angle."""
    bench = SteeringBench()
    bench.settle()
    bench.powered = False
    bench.chip.power(False, bench.plug.now_ns())
    count = bench.bus.count
    for call in (bench.steering.read, lambda: bench.steering.command(TURNED, HOLD_NS)):
        with pytest.raises(NotReady, match="unpowered"):
            call()
    bench.steering.make_safe()
    assert bench.bus.count == count
    bench.powered = True
    bench.chip.power(True, bench.plug.now_ns())
    bench.start()
    assert bench.reads() == UNKNOWN


def test_a_brown_out_is_told_once_and_mended() -> None:
    """BadReading, then start-up, then limp corners whose place nobody knows."""
    bench = SteeringBench()
    bench.settle()
    bench.chip.brown_out(bench.plug.now_ns())
    with pytest.raises(BadReading, match="lost its registers"):
        bench.steering.read()
    bench.start()
    assert bench.reads() == UNKNOWN
    bench.steer(TURNED, 2.0)
    assert bench.reads() == pytest.approx(TURNED, abs=0.007)


def test_no_chip_costs_one_address_and_is_then_left_alone() -> None:
    """The first failure ends its turn; within the pause nothing is sent."""
    bench = SteeringBench()
    bench.wires.chips.clear()
    with pytest.raises(DeviceTimeout, match=r"steering: PCA9685 at 0x40 on i2c1"):
        bench.steering.read()
    assert bench.bus.count == 1
    for _ in range(4):
        with pytest.raises(DeviceTimeout, match="next try"):
            bench.steering.command(TURNED, HOLD_NS)
    assert bench.bus.count == 1


def test_a_chip_that_was_away_and_kept_its_registers_goes_on() -> None:
    """It is looked at again before it is believed; angles stay known."""
    bench = SteeringBench()
    bench.settle()
    chips = dict(bench.wires.chips)
    bench.wires.chips.clear()
    with pytest.raises(DeviceTimeout):
        bench.steering.read()
    bench.wires.chips.update(chips)
    bench.pass_s(1.0)
    assert bench.reads() == pytest.approx((0.0,) * 4, abs=0.007)


def test_a_command_that_was_not_taken_leaves_no_angle_behind() -> None:
    """It may have moved or not: unknown until it is commanded again and has arrived."""
    bench = SteeringBench()
    bench.settle()
    bench.wires.fault = lambda address, read: None
    with pytest.raises(DeviceTimeout):
        bench.steering.command(TURNED, HOLD_NS)
    bench.wires.fault = None
    bench.pass_s(1.0)
    with pytest.raises(BadReading, match="written again"):
        bench.reads()
    assert bench.reads() == UNKNOWN
    bench.steer(TURNED, 2.0)
    assert bench.reads() == pytest.approx(bench.truth(), abs=1e-9)


def test_another_chip_is_not_taken_for_one() -> None:
    """It is asked what it was told, and does not know."""
    bench = SteeringBench()
    bench.wires.chips[0x40] = WrongChip()
    with pytest.raises(BadReading, match=r"expected MODE1 0x30, PRE_SCALE 121 as written, read 0x12, 18"):
        bench.steering.read()


@pytest.mark.parametrize("size", [0, 1, 15])
def test_a_truncated_answer_is_a_bad_reading(size: int) -> None:
    """Fewer bytes than asked for."""
    bench = SteeringBench()
    bench.settle()
    bench.wires.fault = truncated(size)
    with pytest.raises(BadReading, match=f"expected 16 bytes, got {size}"):
        bench.steering.read()


def test_a_stuck_bus_stays_within_the_budget() -> None:
    """Ten calls in one cycle take no longer than the bus may."""
    bench = SteeringBench()
    bench.settle()
    bench.wires.stuck = True

    def hammer() -> None:
        for _ in range(10):
            with pytest.raises(DeviceTimeout):
                bench.steering.read()

    assert bench.cost(hammer)[1] <= 10.0
    bench.wires.stuck = False
    bench.pass_s(1.0)
    assert bench.reads() == pytest.approx((0.0,) * 4, abs=0.007)


@pytest.mark.parametrize("value", [0x00, 0xFF])
def test_a_bus_that_reads_constant_is_noticed(value: int) -> None:
    """Shorted or floating: what was written does not come back."""
    bench = SteeringBench()
    bench.settle()
    bench.wires.fault = constant(value)
    with pytest.raises(BadReading):
        bench.steering.read()


def test_wrong_top_bits_now_and_then_neither_lie_nor_stop_it() -> None:
    """One read in four is spoilt; a second look mends it, so that no cycle misses its angles."""
    bench = SteeringBench()
    bench.settle()
    flaw = ClockStretchFlaw(every=4)
    bench.wires.fault = flaw
    for _ in range(40):
        bench.steering.command(TURNED, HOLD_NS)
        bench.pass_s(0.1)
        assert bench.reads() == pytest.approx(bench.truth(), abs=0.007)
    assert flaw.hits > 8


@given(st.integers(0, 200), st.integers(0, 15), st.integers(1, 255))
def test_one_wrong_byte_anywhere_is_never_believed(skip: int, at: int, flip: int) -> None:
    """Any byte of any answer: an error or the true angle, and a working device soon after."""
    bench = SteeringBench()
    reads = iter(range(10_000))

    def spoil(_: int, read: bytes) -> bytes:
        if not read or next(reads) != skip % 20 or at >= len(read):
            return read
        return read[:at] + bytes((read[at] ^ flip,)) + read[at + 1 :]

    bench.wires.fault = spoil
    for _ in range(40):
        try:
            bench.steering.command(TURNED, HOLD_NS)
            bench.pass_s(0.05)
            for reckoned, true in zip(bench.reads(), bench.truth(), strict=True):
                assert reckoned is None or reckoned == pytest.approx(true, abs=0.007)
        except DeviceError:
            pass
        bench.pass_s(0.05 + NS_PER_MS / NS_PER_S)
    assert bench.reads() == pytest.approx(TURNED, abs=0.007)
