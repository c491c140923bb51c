"""The ground's parameters as plain numbers, looked up once a second instead of on every tick."""

from __future__ import annotations

from flight.context import Parameters
from hal.api.clock import seconds
from telemetry_defs.areas import mobility as area


class Limits:
    """Protection limits in force."""

    __slots__ = (
        "_parameters", "arrival_m", "current_stop_a", "current_warn_a", "egress_tilt_safe_rad", "egress_tilt_stop_rad",
        "link_ns", "motion_m", "motion_ns", "motor_hot_c", "no_fix_m", "obstacle_rise_a", "slip_safe", "slip_stop",
        "slip_warn", "slip_window_m", "stall_ns", "step_m", "tilt_safe_rad", "tilt_stop_rad", "tilt_warn_rad",
    )  # fmt: skip

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self.refresh()

    def refresh(self) -> None:
        """Take over what ground has set."""
        get = self._parameters.get
        self.slip_warn = get(area.SLIP_WARN)
        self.slip_stop = get(area.SLIP_STOP)
        self.slip_safe = get(area.SLIP_SAFE)
        self.slip_window_m = get(area.SLIP_WINDOW)
        self.tilt_warn_rad = get(area.TILT_WARN)
        self.tilt_stop_rad = get(area.TILT_STOP)
        self.tilt_safe_rad = get(area.TILT_SAFE)
        self.egress_tilt_stop_rad = get(area.EGRESS_TILT_STOP)
        self.egress_tilt_safe_rad = get(area.EGRESS_TILT_SAFE)
        self.current_warn_a = get(area.CURRENT_WARN)
        self.current_stop_a = get(area.CURRENT_STOP)
        self.stall_ns = seconds(get(area.STALL_TIME))
        self.obstacle_rise_a = get(area.OBSTACLE_RISE)
        self.link_ns = seconds(get(area.LINK_TIME))
        self.no_fix_m = get(area.NO_FIX_DISTANCE)
        self.step_m = get(area.STEP_DISTANCE)
        self.arrival_m = get(area.ARRIVAL_DISTANCE)
        self.motion_m = get(area.MOTION_DISTANCE)
        self.motion_ns = seconds(get(area.MOTION_TIME))
        self.motor_hot_c = get(area.MOTOR_HOT)
