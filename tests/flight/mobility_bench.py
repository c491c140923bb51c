"""A rover of fakes under the mobility subsystem: wheels roll, ground passes, the gyro turns, and truth is kept.

The truth comes from the middle wheels alone (differential drive), not from the kinematics under test.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib.resources import files

import msgspec

from flight.blackboard import CommsState, ThermalState
from flight.subsystems.mobility import Mobility
from flight.subsystems.mobility_config import MobilityConfig
from hal.api.config import Section, decode_raw, parse_toml
from telemetry_defs.areas import mobility as area
from telemetry_defs.areas.mobility_reports import StopReason
from telemetry_defs.definitions import Command, Event, Mode, NoArguments
from tests.fakes.context import Bench, FakeExecution
from tests.fakes.egress import FakeEgress
from tests.fakes.ground_motion import FakeGroundMotion
from tests.fakes.imu import FakeImu
from tests.fakes.steering import FakeSteering
from tests.fakes.sun_sensor import FakeSunSensor
from tests.fakes.wheels import FakeWheels

RADIUS_M, TRACK_M = 0.09, 0.55


class _File(Section, frozen=True, kw_only=True):
    mobility: MobilityConfig


def shipped_config() -> MobilityConfig:
    """Section [mobility] of the shipped rover."""
    text = (files("flight") / "rovers" / "south_pole.toml").read_text()
    raw = {"mobility": parse_toml(text, "south_pole.toml")["mobility"]}
    return decode_raw(raw, _File, "south_pole.toml").mobility


class FakeLoads:
    """Grants every request at once, save what a test denies."""

    def __init__(self) -> None:
        self.requested: dict[str, bool] = {}
        self.denied: set[str] = set()

    def request(self, name: str, on: bool) -> None:
        self.requested[name] = on

    def is_on(self, name: str) -> bool:
        return self.requested.get(name, False) and name not in self.denied


class Rover(Bench):
    """Mobility with its fakes; `slip` and `pitch` act on what really happens."""

    def __init__(self, mode: Mode = Mode.DRIVE, *, ground: bool = True) -> None:
        super().__init__(mode)
        clock = self.clock
        self.wheels = FakeWheels(clock)
        self.steering = FakeSteering(clock)
        self.imu = FakeImu(clock)
        self.ground = FakeGroundMotion(clock) if ground else None
        self.sun = FakeSunSensor(clock)
        self.egress = FakeEgress(clock)
        self.loads = FakeLoads()
        self.slip = 0.0
        self.x_m = self.y_m = self.yaw_rad = self.travelled_m = 0.0
        self.linked = True
        self.warm: bool | None = True
        self.motors_c: tuple[float | None, ...] = (0.0,) * 6
        self._applied: Mode | None = None
        self.mobility = self.make()
        self.handlers = self.mobility.handlers()
        self.stand(3.0)

    def make(self) -> Mobility:
        """Another instance over the same devices."""
        return Mobility(
            wheels=self.wheels,
            steering=self.steering,
            imu=self.imu,
            ground_motion=self.ground,
            sun_sensor=self.sun,
            egress=self.egress,
            loads=self.loads,
            config=shipped_config(),
            context=self.context,
        )

    @property
    def believed(self) -> tuple[float, float, float]:
        """Pose as mobility believes it: x (m), y (m), yaw (rad)."""
        kept = self.mobility.kept()
        return kept.x_m, kept.y_m, kept.yaw_rad

    def send(self, command: Command, **arguments: object) -> FakeExecution:
        """Run one telecommand now."""
        execution = FakeExecution()
        fields = command.cls(**arguments) if arguments else NoArguments()
        self.handlers[command.name](fields, execution)
        return execution

    def cycle(self, dt_s: float = 0.1) -> None:
        """One tick of flight after `dt_s` of the world."""
        now_ns = self.clock.advance_s(dt_s)
        self._world(dt_s)
        self.board.thermal = None if self.warm is None else self._thermal(now_ns)
        self.board.comms = CommsState(
            time_ns=now_ns,
            relay_locked=self.linked,
            local_locked=False,
            last_telecommand_ns=None,
            downlink_radio=None,
            downlink_rate_bit_s=0.0,
        )
        if self._applied is not self.modes.mode:  # as the row of the executive does
            self._applied = self.modes.mode
            self.mobility.apply_mode(self._applied)
        self.mobility.tick(now_ns)

    def stand(self, duration_s: float) -> None:
        """Cycle for a while."""
        for _ in range(round(duration_s * 10)):
            self.cycle()

    def until(self, done: Callable[[], bool], limit_s: float = 600.0) -> float:
        """Cycle until `done`; returns how long it took, s."""
        for count in range(round(limit_s * 10)):
            if done():
                return count / 10
            self.cycle()
        raise AssertionError(f"did not happen within {limit_s} s")

    @property
    def turning(self) -> bool:
        """A wheel turns now."""
        return any(self.wheels.turning)

    def last(self, event: object) -> msgspec.Struct:
        """Fields of the newest emission of an event."""
        fields = self.events.of(event)[-1]  # type: ignore[arg-type]  # any Event of the dictionary
        assert fields is not None
        return fields

    def _world(self, dt_s: float) -> None:
        self.steering.step()
        turned = self.wheels.step()
        left, right = turned[2] * RADIUS_M, turned[3] * RADIUS_M
        forward, turn = 0.5 * (left + right) * (1.0 - self.slip), (right - left) / TRACK_M
        heading = self.yaw_rad + 0.5 * turn
        self.x_m += forward * math.cos(heading)
        self.y_m += forward * math.sin(heading)
        self.yaw_rad += turn
        self.travelled_m += abs(forward)
        self.imu.yaw_rate_rad_s = turn / dt_s
        if self.ground is not None:
            self.ground.moved(forward)

    def _thermal(self, now_ns: int) -> ThermalState:
        return ThermalState(
            time_ns=now_ns,
            web_c=10.0,
            battery_c=10.0,
            motors_c=self.motors_c,
            instruments_c=10.0,
            motors_warm=bool(self.warm),
            too_hot=False,
            too_cold=False,
            heater_w=0.0,
        )


RAMP_S = 0.05 / 0.05 + 0.3
"""A stop from top speed, with a few cycles to spare."""


def driving(mode: Mode = Mode.DRIVE, *, ground: bool = True, distance_m: float = 20.0) -> tuple[Rover, FakeExecution]:
    """A rover in the middle of a long straight drive."""
    rover = Rover(mode, ground=ground)
    execution = rover.send(area.ARC, curvature_1_m=0.0, distance_m=distance_m, speed_m_s=0.05, timeout_s=3000.0)
    rover.until(lambda: rover.travelled_m > 0.3)
    return rover, execution


def stops(rover: Rover, execution: FakeExecution, reason: StopReason, event: Event, within_s: float) -> None:
    """The motion fails for `reason`, tells of it exactly once and the wheels stand, all within a time."""
    took_s = rover.until(lambda: execution.ended and not rover.turning, within_s + 1.0)
    assert took_s <= within_s
    assert execution.failure is not None
    assert execution.detail == reason
    assert rover.events.count(event) == 1
    rover.stand(3.0)
    assert not rover.turning
