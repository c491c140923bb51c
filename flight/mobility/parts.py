"""The pieces that know the rover's motion, made once from its devices."""

from __future__ import annotations

from dataclasses import dataclass

from flight.context import Context
from flight.mobility.gate import WheelGate
from flight.mobility.ground_fix import GroundFix
from flight.mobility.guides import Progress
from flight.mobility.inertial import Inertial
from flight.mobility.kinematics import Kinematics
from flight.mobility.limits import Limits
from flight.mobility.odometry import Odometry
from flight.mobility.pose import Pose
from flight.mobility.tracker import Tracker
from flight.subsystems.mobility_config import MobilityConfig
from hal.api.devices import GroundMotion, Imu, Steering, WheelDrives


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Shared by the runner, the checks and the subsystem."""

    limits: Limits
    kinematics: Kinematics
    gate: WheelGate
    inertial: Inertial
    odometry: Odometry
    ground: GroundFix
    pose: Pose
    progress: Progress
    tracker: Tracker


def make_parts(
    *,
    wheels: WheelDrives,
    steering: Steering,
    imu: Imu,
    ground_motion: GroundMotion | None,
    config: MobilityConfig,
    context: Context,
) -> Parts:
    """Put the pieces together."""
    limits = Limits(context.parameters)
    kinematics = Kinematics(config)
    pose = Pose()
    sink = context.events
    gate = WheelGate(wheels, steering, max_rad_s=config.max_wheel_rad_s, modes=context.modes, sink=sink)
    inertial = Inertial(imu, config.attitude_time_s, sink)
    odometry = Odometry(wheels, steering, kinematics, gate.masked, sink)
    ground = GroundFix(ground_motion, config, limits, pose, context)
    progress = Progress(pose, config.accel_m_s2)
    return Parts(
        limits=limits,
        kinematics=kinematics,
        gate=gate,
        inertial=inertial,
        odometry=odometry,
        ground=ground,
        pose=pose,
        progress=progress,
        tracker=Tracker(inertial, odometry, ground, progress),
    )
