"""Dictionary area of mobility: its commands and parameters.  What it reports is in
`mobility_reports` and `mobility_events`.

Command arguments travel as 64-bit floats, so that a limit such as 0.05 m/s arrives as exactly that limit.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from telemetry_defs.areas.mobility_events import EVENTS
from telemetry_defs.areas.mobility_reports import MOBILITY_HK, CornerChoice, Wheel
from telemetry_defs.definitions import APID_MOBILITY, Area, Command, Mode, NoArguments, Parameter
from telemetry_defs.wire import Wire

MOTION_MODES = frozenset({Mode.IDLE, Mode.DRIVE})
"""Accepted in IDLE a motion asks for DRIVE first."""

Speed = Annotated[
    float, Wire("f64", unit="m/s", low=0.005, high=0.05, meaning="speed over ground, wheels without slip")
]
Timeout = Annotated[float, Wire("f64", unit="s", low=1.0, high=7200.0, meaning="the motion is stopped after this time")]
Position = Annotated[float, Wire("f64", unit="m", low=-5000.0, high=5000.0, meaning="site coordinate")]


class ArcArguments(msgspec.Struct, frozen=True, kw_only=True):
    """A circular arc or, with zero curvature, a straight line."""

    curvature_1_m: Annotated[
        float, Wire("f64", unit="1/m", low=-1.8, high=1.8, meaning="inverse radius, left turns positive")
    ]
    distance_m: Annotated[float, Wire("f64", unit="m", low=-20.0, high=20.0, meaning="path length, negative backwards")]
    speed_m_s: Speed
    timeout_s: Timeout


class TurnArguments(msgspec.Struct, frozen=True, kw_only=True):
    """A turn on the spot."""

    angle_rad: Annotated[
        float, Wire("f64", unit="rad", low=-6.4, high=6.4, meaning="change of heading, counter-clockwise positive")
    ]
    rate_rad_s: Annotated[float, Wire("f64", unit="rad/s", low=0.01, high=0.12, meaning="turn rate")]
    timeout_s: Timeout


class DriveToArguments(msgspec.Struct, frozen=True, kw_only=True):
    """A waypoint."""

    x_m: Position
    y_m: Position
    speed_m_s: Speed
    timeout_s: Timeout


class DriveArguments(msgspec.Struct, frozen=True, kw_only=True):
    """A rate to keep until the next such command, for a short time only."""

    speed_m_s: Annotated[float, Wire("f64", unit="m/s", low=-0.05, high=0.05, meaning="speed, negative backwards")]
    yaw_rate_rad_s: Annotated[
        float, Wire("f64", unit="rad/s", low=-0.12, high=0.12, meaning="turn rate, counter-clockwise positive")
    ]
    valid_for_s: Annotated[
        float, Wire("f64", unit="s", low=0.1, high=5.0, meaning="dead-man time: the rover stops this long after it")
    ] = 0.5


class PoseArguments(msgspec.Struct, frozen=True, kw_only=True):
    """Where ground says the rover is."""

    x_m: Position
    y_m: Position
    yaw_rad: Annotated[
        float, Wire("f64", unit="rad", low=-6.4, high=6.4, meaning="heading, counter-clockwise from east")
    ]


class MaskArguments(msgspec.Struct, frozen=True, kw_only=True):
    """Which wheel to leave out."""

    wheel: Annotated[Wheel, Wire("u8", meaning="which wheel")]
    masked: Annotated[bool, Wire("bool", meaning="leave it out of driving, odometry and checks")]


class TestWheelArguments(msgspec.Struct, frozen=True, kw_only=True):
    """A short turn of one wheel."""

    __test__ = False  # pytest would take the name for a test class

    wheel: Annotated[Wheel, Wire("u8", meaning="which wheel")]
    speed_rad_s: Annotated[float, Wire("f64", unit="rad/s", low=-0.2, high=0.2, meaning="wheel speed")]
    duration_s: Annotated[float, Wire("f64", unit="s", low=0.1, high=2.0, meaning="how long")]


class TestSteeringArguments(msgspec.Struct, frozen=True, kw_only=True):
    """Corners to an angle, wheels standing."""

    __test__ = False  # as above

    corner: Annotated[CornerChoice, Wire("u8", meaning="which corner, the others straight; ALL: every corner")]
    angle_rad: Annotated[float, Wire("f64", unit="rad", low=-0.5, high=0.5, meaning="angle, left turns positive")]
    hold_s: Annotated[float, Wire("f64", unit="s", low=0.1, high=5.0, meaning="how long it is held there")]


class EgressArguments(msgspec.Struct, frozen=True, kw_only=True):
    """Straight down the ramp."""

    distance_m: Annotated[float, Wire("f64", unit="m", low=0.1, high=5.0, meaning="wheel travel")]
    speed_m_s: Annotated[float, Wire("f64", unit="m/s", low=0.005, high=0.03, meaning="speed")]
    timeout_s: Timeout


ARC = Command(
    name="mobility.arc", cls=ArcArguments, function_id=0x0401, modes=MOTION_MODES, meaning="drive an arc or a line"
)
TURN = Command(
    name="mobility.turn", cls=TurnArguments, function_id=0x0402, modes=MOTION_MODES, meaning="turn on the spot"
)
DRIVE_TO = Command(
    name="mobility.drive_to",
    cls=DriveToArguments,
    function_id=0x0403,
    modes=MOTION_MODES,
    progress=True,
    meaning="drive to a waypoint, far ones in steps with a stop and a check between",
)
DRIVE = Command(
    name="mobility.drive",
    cls=DriveArguments,
    function_id=0x0404,
    modes=MOTION_MODES,
    meaning="keep a rate until the dead-man time ends; completes at once, sent again to go on",
)
HALT = Command(name="mobility.stop", cls=NoArguments, function_id=0x0405, meaning="wheels to zero, motion ends")
SET_POSE = Command(
    name="mobility.set_pose",
    cls=PoseArguments,
    function_id=0x0406,
    kept=True,
    meaning="correct the believed pose, standing only",
)
MASK_WHEEL = Command(
    name="mobility.mask_wheel",
    cls=MaskArguments,
    function_id=0x0407,
    kept=True,
    meaning="leave a broken wheel out, standing only",
)
TEST_WHEEL = Command(
    name="mobility.test_wheel",
    cls=TestWheelArguments,
    function_id=0x0408,
    modes=frozenset({Mode.SERVICE}),
    hazardous=True,
    meaning="turn one wheel for a moment",
)
TEST_STEERING = Command(
    name="mobility.test_steering",
    cls=TestSteeringArguments,
    function_id=0x040C,
    modes=frozenset({Mode.SERVICE}),
    hazardous=True,
    meaning="turn corners to an angle, wheels standing, and hold them there for a moment",
)
RELEASE = Command(
    name="mobility.release",
    cls=NoArguments,
    function_id=0x0409,
    modes=frozenset({Mode.EGRESS}),
    hazardous=True,
    meaning="open the hold-down on the lander; cannot be undone",
)
EGRESS_DRIVE = Command(
    name="mobility.egress_drive",
    cls=EgressArguments,
    function_id=0x040A,
    modes=frozenset({Mode.EGRESS}),
    meaning="straight down the ramp",
)
CLEAR_EMBEDDED = Command(
    name="mobility.clear_embedded",
    cls=NoArguments,
    function_id=0x040B,
    kept=True,
    meaning="ground says the rover is free",
)


def _parameter(name: str, number: int, default: float, low: float, high: float, unit: str, meaning: str) -> Parameter:
    """Every one of them is a protection limit, so changing it needs arming."""
    return Parameter(
        name=f"mobility.{name}",
        parameter_id=0x0400 | number,
        default=default,
        low=low,
        high=high,
        unit=unit,
        meaning=meaning,
        hazardous=True,
    )


# Defaults: tilt 15/20/25 deg, slip 0.3/0.5/0.7 over 0.5 m, current 0.25 A and 0.35 A for 2 s are our engineering
# choices, below the 20 deg slopes that Yutu is published to climb.
SLIP_WARN = _parameter("slip_warn", 0x01, 0.30, 0.05, 1.0, "1", "slip that is reported")
SLIP_STOP = _parameter("slip_stop", 0x02, 0.50, 0.05, 1.0, "1", "slip that stops a motion")
SLIP_SAFE = _parameter("slip_safe", 0x03, 0.70, 0.05, 1.0, "1", "slip that counts as embedded and asks for SAFE")
SLIP_WINDOW = _parameter("slip_window", 0x04, 0.50, 0.1, 5.0, "m", "wheel travel that slip is taken over")
TILT_WARN = _parameter("tilt_warn", 0x05, 0.2618, 0.01, 0.8, "rad", "tilt that is reported")
TILT_STOP = _parameter("tilt_stop", 0x06, 0.3491, 0.01, 0.8, "rad", "tilt that stops a motion")
TILT_SAFE = _parameter("tilt_safe", 0x07, 0.4363, 0.01, 0.8, "rad", "tilt that asks for SAFE")
EGRESS_TILT_STOP = _parameter("egress_tilt_stop", 0x08, 0.4363, 0.01, 0.8, "rad", "the stop limit on the ramp")
EGRESS_TILT_SAFE = _parameter("egress_tilt_safe", 0x09, 0.5236, 0.01, 0.8, "rad", "the safety limit on the ramp")
CURRENT_WARN = _parameter("current_warn", 0x0A, 0.25, 0.02, 20.0, "A", "wheel current that is reported")
CURRENT_STOP = _parameter("current_stop", 0x0B, 0.35, 0.02, 20.0, "A", "wheel current that counts as a stall")
STALL_TIME = _parameter("stall_time", 0x0C, 2.0, 0.2, 30.0, "s", "how long stall current or standstill may last")
OBSTACLE_RISE = _parameter("obstacle_rise", 0x0D, 0.12, 0.02, 20.0, "A", "rise over a wheel's own mean that stops")
LINK_TIME = _parameter("link_time", 0x0E, 5.0, 1.0, 86400.0, "s", "driving without any carrier lock ends after this")
NO_FIX_DISTANCE = _parameter("no_fix_distance", 0x0F, 10.0, 0.0, 1000.0, "m", "furthest drive without a ground fix")
STEP_DISTANCE = _parameter("step_distance", 0x10, 5.0, 0.5, 50.0, "m", "longest step without a stop and a check")
ARRIVAL_DISTANCE = _parameter("arrival_distance", 0x11, 0.15, 0.05, 2.0, "m", "this near to it a waypoint is reached")
MOTION_DISTANCE = _parameter("motion_distance", 0x12, 60.0, 1.0, 5000.0, "m", "most wheel travel of any motion")
MOTION_TIME = _parameter("motion_time", 0x13, 7200.0, 10.0, 86400.0, "s", "longest motion of any kind")
MOTOR_HOT = _parameter("motor_hot", 0x14, 85.0, 20.0, 150.0, "degC", "hottest motor that may turn")

AREA = Area(
    name="mobility",
    apid=APID_MOBILITY,
    number=4,
    housekeeping=(MOBILITY_HK,),
    commands=(
        ARC,
        TURN,
        DRIVE_TO,
        DRIVE,
        HALT,
        SET_POSE,
        MASK_WHEEL,
        TEST_WHEEL,
        RELEASE,
        EGRESS_DRIVE,
        CLEAR_EMBEDDED,
        TEST_STEERING,
    ),
    events=EVENTS,
    parameters=(
        SLIP_WARN,
        SLIP_STOP,
        SLIP_SAFE,
        SLIP_WINDOW,
        TILT_WARN,
        TILT_STOP,
        TILT_SAFE,
        EGRESS_TILT_STOP,
        EGRESS_TILT_SAFE,
        CURRENT_WARN,
        CURRENT_STOP,
        STALL_TIME,
        OBSTACLE_RISE,
        LINK_TIME,
        NO_FIX_DISTANCE,
        STEP_DISTANCE,
        ARRIVAL_DISTANCE,
        MOTION_DISTANCE,
        MOTION_TIME,
        MOTOR_HOT,
    ),
)
