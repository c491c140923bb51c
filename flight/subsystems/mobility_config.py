"""What the rover believes of its own wheels and body: section `[mobility]` of the rover file."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta

from hal.api.config import Section

Positive = Annotated[float, Meta(gt=0.0)]
Celsius = Annotated[float, Meta(ge=-200.0, le=200.0)]


class MobilityConfig(Section, frozen=True, kw_only=True):
    """Geometry, motors, soil and pacing.  Limits that ground may change are dictionary parameters instead."""

    wheel_base_m: Positive
    """Front axle to rear axle; the middle axle lies halfway."""
    track_m: Positive
    """Left to right corner wheel."""
    middle_track_m: Positive | None = None
    """Left to right middle wheel, where that differs."""
    wheel_radius_m: Positive
    max_steering_rad: Annotated[float, Meta(gt=0.0, le=1.5)]
    max_wheel_rad_s: Annotated[float, Meta(gt=0.0, le=10.0)]
    """No wheel is ever commanded faster."""
    weight_n: Positive
    """On the body it drives on."""
    torque_n_m_a: Positive
    """Torque at the hub per ampere above the no-load current."""
    no_load_a: Annotated[float, Meta(ge=0.0)]
    """Current of a wheel that turns freely, grease at its mildest."""
    grease_c: tuple[Celsius, ...]
    grease_factor: Annotated[tuple[Positive, ...], Meta(min_length=2)]
    """No-load current relative to that, at each motor temperature; between points straight lines, beyond level."""
    soil_peak: Positive
    """Drawbar curve pull/load = peak (1 - exp(-slip / scale)) - resistance, for the slip estimate without a fix."""
    soil_scale: Positive
    soil_resistance: Annotated[float, Meta(ge=0.0)]
    accel_m_s2: Annotated[float, Meta(ge=0.01, le=1.0)]
    """Ramp of every start and every ordinary stop."""
    steering_tolerance_rad: Annotated[float, Meta(gt=0.0, le=0.3)]
    steering_timeout_s: Annotated[float, Meta(gt=0.0, le=120.0)]
    attitude_time_s: Annotated[float, Meta(gt=0.0, le=30.0)]
    """Time constant of the accelerometer's low pass."""
    power_timeout_s: Annotated[float, Meta(gt=0.0, le=60.0)]
    """How long the motors may take to get power."""
    step_check_s: Annotated[float, Meta(ge=0.5, le=600.0)]
    """Standstill between two steps of a long drive."""
    release_timeout_s: Annotated[float, Meta(gt=0.0, le=120.0)]

    def check(self) -> Iterable[str]:
        """A point turn must be within reach of the corners."""
        if self.max_steering_rad < self.point_turn_rad:
            yield f"max_steering_rad must be at least {self.point_turn_rad:.3f} (the corner angle of a point turn)"
        if self.soil_resistance >= self.soil_peak:
            yield "soil_resistance must be below soil_peak"
        if len(self.grease_c) != len(self.grease_factor) or list(self.grease_c) != sorted(set(self.grease_c)):
            yield "grease_c must rise and have as many points as grease_factor"

    @property
    def point_turn_rad(self) -> float:
        """Corner angle of a turn on the spot."""
        return math.atan2(self.wheel_base_m, self.track_m)
