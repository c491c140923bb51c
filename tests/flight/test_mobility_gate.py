"""No wheel turns outside DRIVE, EGRESS and the armed single-wheel test: the gate, then the whole subsystem."""

from __future__ import annotations

from hypothesis import given, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from flight.mobility.gate import WheelGate
from flight.mobility.targets import MODE_TARGETS, MobilityTarget
from hal.api.errors import DeviceTimeout
from telemetry_defs.areas import mobility as area, mobility_events as events
from telemetry_defs.areas.mobility_reports import Wheel
from telemetry_defs.definitions import Mode
from tests.fakes.context import Bench
from tests.fakes.steering import FakeSteering
from tests.fakes.wheels import FakeWheels
from tests.flight.mobility_bench import Rover

DRIVING = (Mode.DRIVE, Mode.EGRESS)
six_speeds = st.tuples(*[st.floats(-3.0, 3.0)] * 6)


def make_gate(bench: Bench) -> tuple[WheelGate, FakeWheels]:
    """A gate before fake wheels."""
    wheels = FakeWheels(bench.clock)
    gate = WheelGate(wheels, FakeSteering(bench.clock), max_rad_s=0.8, modes=bench.modes, sink=bench.events)
    return gate, wheels


@given(st.sampled_from(list(Mode)), six_speeds, st.booleans(), st.integers(0, 5), st.floats(0.0, 4.0))
def test_gate(mode: Mode, speeds: tuple[float, ...], armed: bool, wheel: int, wait_s: float) -> None:
    """Every mode, any speeds: only DRIVE and EGRESS pass them, bounded; SERVICE passes one slow armed wheel for 2 s."""
    bench = Bench(mode)
    gate, wheels = make_gate(bench)
    if armed:
        gate.arm_test(wheel, bench.clock.now_ns())
    bench.clock.advance_s(wait_s)

    gate.command(speeds, bench.clock.now_ns())

    turning = wheels.turning
    if mode in DRIVING:
        assert max(map(abs, turning)) <= 0.8
    elif any(turning):
        assert (mode, armed) == (Mode.SERVICE, True)
        assert wait_s < 2.0
        assert sum(speed != 0.0 for speed in turning) == 1
        assert abs(turning[wheel]) <= 0.2


def test_armed_wheel_is_slow_alone_and_short() -> None:
    """In SERVICE the armed wheel turns at 0.2 rad/s at most, no other does, and after two seconds none."""
    bench = Bench(Mode.SERVICE)
    gate, wheels = make_gate(bench)
    gate.arm_test(4, bench.clock.now_ns())

    assert gate.command((0.0, 0.0, 0.0, 0.0, 0.5, 0.0), bench.clock.now_ns())
    assert wheels.turning == (0.0, 0.0, 0.0, 0.0, 0.2, 0.0)
    bench.clock.advance_s(2.0)
    assert not gate.command((0.0, 0.0, 0.0, 0.0, 0.1, 0.0), bench.clock.now_ns())
    assert not any(wheels.turning)
    gate.arm_test(4, bench.clock.now_ns())
    assert not gate.command((0.1, 0.0, 0.0, 0.0, 0.1, 0.0), bench.clock.now_ns())
    assert not any(wheels.turning)


@given(six_speeds, st.sets(st.integers(0, 5)))
def test_masked_wheels_never_turn(speeds: tuple[float, ...], masked: set[int]) -> None:
    """A mask holds whatever is asked for."""
    bench = Bench(Mode.DRIVE)
    gate, wheels = make_gate(bench)
    for wheel in masked:
        gate.masked[wheel] = True

    gate.command(speeds, bench.clock.now_ns())

    assert all(wheels.turning[wheel] == 0.0 for wheel in masked)


def test_blocked_request_is_told_once_and_stops_what_turned() -> None:
    """A request in the wrong mode zeroes the wheels and is an event, on the edge."""
    bench = Bench(Mode.DRIVE)
    gate, wheels = make_gate(bench)
    gate.command((0.3,) * 6, bench.clock.now_ns())
    bench.modes.put(Mode.SAFE)

    for _ in range(5):
        assert not gate.command((0.3,) * 6, bench.clock.now_ns())

    assert not any(wheels.turning)
    assert bench.events.count(events.GATE_CLOSED) == 1


@given(st.sampled_from(list(Mode)))
def test_corners_turn_only_where_wheels_may(mode: Mode) -> None:
    """Steering passes the same gate."""
    bench = Bench(mode)
    steering = FakeSteering(bench.clock)
    gate = WheelGate(FakeWheels(bench.clock), steering, max_rad_s=0.8, modes=bench.modes, sink=bench.events)

    gate.steer((0.1,) * 4)

    assert bool(steering.commands) is (mode in DRIVING)


def test_every_mode_has_a_target() -> None:
    """The table is complete, and motors have power for driving in DRIVE and EGRESS only."""
    assert set(MODE_TARGETS) == set(Mode)
    assert {mode for mode in Mode if MODE_TARGETS[mode] is MobilityTarget.DRIVING} == set(DRIVING)


class WheelsOnlyWhereAllowed(RuleBasedStateMachine):
    """Commands, mode changes, device faults and time in any order."""

    @initialize()
    def build(self) -> None:
        """A rover standing in IDLE."""
        self.rover = Rover(Mode.IDLE)
        self.armed_ns = -10_000_000_000

    @rule(mode=st.sampled_from(list(Mode)))
    def change_mode(self, mode: Mode) -> None:
        """The mode changes behind mobility's back; its row runs in the same cycle."""
        self.rover.modes.put(mode)
        self.rover.cycle()

    @rule(count=st.integers(1, 25))
    def pass_time(self, count: int) -> None:
        """Cycles."""
        for _ in range(count):
            self.rover.cycle()
            self.wheels_obey()

    @rule(curvature=st.floats(-1.8, 1.8), distance=st.floats(-2.0, 2.0))
    def arc(self, curvature: float, distance: float) -> None:
        """Legal by dictionary in IDLE and DRIVE only, but the handler is called whatever the mode."""
        self.rover.modes.refuse = {}
        before = self.rover.modes.mode
        if before in area.MOTION_MODES:
            self.rover.send(area.ARC, curvature_1_m=curvature, distance_m=distance, speed_m_s=0.05, timeout_s=60.0)

    @rule(angle=st.floats(-3.0, 3.0))
    def turn(self, angle: float) -> None:
        """As above."""
        if self.rover.modes.mode in area.MOTION_MODES:
            self.rover.send(area.TURN, angle_rad=angle, rate_rad_s=0.1, timeout_s=60.0)

    @rule(speed=st.floats(-0.05, 0.05), rate=st.floats(-0.12, 0.12))
    def rate(self, speed: float, rate: float) -> None:
        """As above."""
        if self.rover.modes.mode in area.MOTION_MODES:
            self.rover.send(area.DRIVE, speed_m_s=speed, yaw_rate_rad_s=rate, valid_for_s=2.0)

    @rule(wheel=st.sampled_from(list(Wheel)), speed=st.sampled_from([-0.2, 0.05, 0.2]))
    def test_wheel(self, wheel: Wheel, speed: float) -> None:
        """The single-wheel test."""
        if self.rover.modes.mode is Mode.SERVICE:
            self.rover.send(area.TEST_WHEEL, wheel=wheel, speed_rad_s=speed, duration_s=2.0)

    @rule()
    def stop(self) -> None:
        """STOP, in the cycle."""
        self.rover.mobility.stop_now(self.rover.clock.now_ns())
        assert not self.rover.turning

    @rule(broken=st.booleans())
    def imu(self, broken: bool) -> None:
        """The inertial unit goes and comes."""
        self.rover.imu.error = DeviceTimeout("imu") if broken else None

    @rule(broken=st.booleans())
    def drives(self, broken: bool) -> None:
        """Readings go and come."""
        self.rover.wheels.read_error = DeviceTimeout("wheels") if broken else None

    @rule(wheel=st.sampled_from(list(Wheel)), masked=st.booleans())
    def mask(self, wheel: Wheel, masked: bool) -> None:
        """Wheels are masked and unmasked."""
        self.rover.send(area.MASK_WHEEL, wheel=wheel, masked=masked)

    @invariant()
    def wheels_obey(self) -> None:
        """The promise of the design, seen at the wheels themselves."""
        if not hasattr(self, "rover"):
            return
        mode, turning = self.rover.modes.mode, self.rover.wheels.turning
        if mode is Mode.SERVICE:
            assert sum(speed != 0.0 for speed in turning) <= 1
            assert max(map(abs, turning)) <= 0.2
        elif mode not in DRIVING:
            assert not any(turning)
        assert max(map(abs, turning)) <= 0.8


TestWheelsOnlyWhereAllowed = WheelsOnlyWhereAllowed.TestCase
