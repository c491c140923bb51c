"""How the rover truly moves: wheels against soil, slope, rocks and gravity.

Quasi-static: at the speeds of a rover (5 cm/s) momentum is forgotten within a millimetre.  Ground speed is wheel speed
less the slip at which the soil's drawbar curve carries the slope.  Angles: yaw counter-clockwise from east, pitch
positive nose up, roll positive left side up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

from sim_hal.world.chassis import TURN_LEVER_M, Chassis
from sim_hal.world.footing import Footing, Ground, Vector, no_rock
from sim_hal.world.soil import DIG_SLIP, Pit, Soil
from sim_hal.world.vehicle_file import BodySection

DRAG_LIMIT: Final = 0.6
"""A wheel that is dragged pulls back with the soil's grip, at most this much of its load."""
STANDS: Final = 0.01
"""A wheel slower than this share of the fastest one is taken as dragged."""


class Motion:
    """True pose and motion of the body; plain attributes, changed only here (`held` also by the lander)."""

    __slots__ = (
        "_body",
        "_chassis",
        "_gravity_m_s2",
        "_seal_n_m",
        "_sign",
        "_soil_at",
        "_still",
        "distance_m",
        "footing",
        "gyro_rad_s",
        "held",
        "lost_drive",
        "pit",
        "sinkage_m",
        "slip",
        "soil",
        "specific_force_m_s2",
        "speed_m_s",
        "wheel_load_n_m",
        "x_m",
        "y_m",
        "yaw_rad",
        "yaw_rate_rad_s",
    )

    def __init__(
        self,
        body: BodySection,
        ground: Ground,
        soil_at: Callable[[float, float], Soil],
        gravity_m_s2: float,
        seal_torque_n_m: float,
        rock_height: Callable[[float, float], float] = no_rock,
    ) -> None:
        self._body = body
        self._chassis = Chassis(body)
        self._soil_at = soil_at
        self._gravity_m_s2 = gravity_m_s2
        self._seal_n_m = seal_torque_n_m
        self._still = True
        self.speed_m_s = 0.0
        """Forward, along the body's x axis."""
        self.footing = Footing(self._chassis, ground, rock_height, body.max_rock_m, body.cg_height_m)
        self.pit = Pit()
        self.held = False
        """Held down on the lander: wheels may turn, the body stays."""
        self.distance_m = 0.0
        """Way over ground since the start."""
        self.gyro_rad_s: Vector = (0.0, 0.0, 0.0)
        """True body rates."""
        self.lost_drive = [0.0] * 6
        """Set by a fault: share of each wheel's drive force that its gear does not pass on."""
        self.wheel_load_n_m: Sequence[float] = ()
        """Torque at each hub, N m, positive against its turning; what `Drive.step` asks for."""
        self.place(0.0, 0.0, 0.0)

    def place(self, x_m: float, y_m: float, yaw_rad: float) -> None:
        """Set the rover down at rest; also after the ground changed under it."""
        self.x_m, self.y_m, self.yaw_rad = x_m, y_m, yaw_rad
        self.soil = self._soil_at(x_m, y_m)
        self.sinkage_m = self.soil.sinkage_m(0.0) + self.pit.extra_m
        self._sign = (0.0, 0.0)
        self.footing.place(x_m, y_m, yaw_rad)
        self._stand()

    @property
    def z_m(self) -> float:
        """Height of the ground under the body's centre."""
        return self.footing.z_m

    @property
    def pitch_rad(self) -> float:
        """Positive nose up."""
        return self.footing.pitch_rad

    @property
    def roll_rad(self) -> float:
        """Positive left side up."""
        return self.footing.roll_rad

    @property
    def tilt_rad(self) -> float:
        """Angle between the body's up and the vertical."""
        return math.acos(max(-1.0, min(1.0, self.footing.up[2])))

    def look_at_soil(self) -> None:
        """The ground may have changed under the wheels."""
        self.soil = self._soil_at(self.x_m, self.y_m)

    def lean(self, dt_s: float) -> None:
        """The shoved body goes on leaning for `dt_s`, which the gyroscope feels."""
        pitch, roll = self.footing.pitch_rad, self.footing.roll_rad
        self.footing.lean(dt_s)
        self._feel(0.0, (self.footing.pitch_rad - pitch) / dt_s, (self.footing.roll_rad - roll) / dt_s)
        if not self.footing.leaning and self._still:
            self._stand()

    @property
    def embedded(self) -> bool:
        """True once the rover cannot drive out of its own pit."""
        return self.pit.embedded

    @property
    def quaternion_wxyz(self) -> tuple[float, float, float, float]:
        """Attitude of the body in the site frame."""
        cy, sy = math.cos(0.5 * self.yaw_rad), math.sin(0.5 * self.yaw_rad)
        cp, sp = math.cos(0.5 * self.pitch_rad), -math.sin(0.5 * self.pitch_rad)  # right-handed pitch is nose down
        cr, sr = math.cos(0.5 * self.roll_rad), math.sin(0.5 * self.roll_rad)
        return (
            cr * cp * cy + sr * sp * sy,
            sr * cp * cy - cr * sp * sy,
            cr * sp * cy + sr * cp * sy,
            cr * cp * sy - sr * sp * cy,
        )

    def to_body(self, east: float, north: float, up: float) -> Vector:
        """A vector of the site frame, in the body frame."""
        cy, sy = math.cos(self.yaw_rad), math.sin(self.yaw_rad)
        cp, sp = math.cos(self.pitch_rad), math.sin(self.pitch_rad)
        cr, sr = math.cos(self.roll_rad), math.sin(self.roll_rad)
        ahead, left = cy * east + sy * north, cy * north - sy * east
        risen = cp * up - sp * ahead
        return cp * ahead + sp * up, cr * left + sr * risen, cr * risen - sr * left

    def step(self, dt_s: float, wheel_rad_s: Sequence[float], steer_rad: tuple[float, ...]) -> None:
        """Advance by `dt_s` with six wheel rates and four corner angles.  Cheap when nothing turns."""
        lowest, highest = min(wheel_rad_s), max(wheel_rad_s)
        if lowest == highest == 0.0:
            if not self._still:
                self._stand()
            return
        dragged = 0
        if not (0.0 < highest < lowest / STANDS or 0.0 > lowest > highest / STANDS):
            dragged = _standing(wheel_rad_s, max(highest, -lowest))
        forward, left, yaw = self._chassis.twist(wheel_rad_s, steer_rad, dragged)
        if abs(yaw) < 1e-9:
            yaw = 0.0  # rounding of the least squares is not a turn
        slip = self._find_slip(forward, left, yaw, wheel_rad_s, dragged)
        kept = 1.0 - slip
        forward *= kept
        up = self.footing.up
        # Down a cross slope: only under a moving wheel does the soil flow.
        drift = self._body.side_slip_ratio * abs(forward) * up[1] / up[2]
        self._move(dt_s, forward, left * kept - drift, yaw * kept)
        if (slip > DIG_SLIP or self.pit.extra_m) and not self.held:
            a, b, c, d, e, f = wheel_rad_s
            wheel_m = (abs(a) + abs(b) + abs(c) + abs(d) + abs(e) + abs(f)) * self._body.wheel_radius_m * dt_s / 6.0
            self.pit.advance(slip, wheel_m, abs(forward) * dt_s)
        self.slip = slip
        self.sinkage_m = self.soil.sinkage_m(slip) + self.pit.extra_m

    def _find_slip(self, forward: float, left: float, yaw: float, wheel_rad_s: Sequence[float], dragged: int) -> float:
        """Slip that carries slope, pit and dragged wheels; sets the torque that each wheel feels."""
        soil = self.soil
        up = self.footing.up
        slope = up[0] / up[2]
        drag = 0.0
        if dragged:
            count = dragged.bit_count()
            slope *= 6.0 / (6 - count)
            drag = count * min(soil.traction, DRAG_LIMIT) / (6 - count)
        pit = self.pit.resistance(soil) if self.pit.extra_m else 0.0
        if any(self.lost_drive):
            slope, drag, pit = self._carried_by_fewer(slope, drag, pit)
        pull = slope if forward >= 0.0 else -slope
        if yaw:  # in a turn on the spot one half of the wheels rolls downhill
            pull *= abs(forward) / (abs(forward) + abs(yaw) * TURN_LEVER_M)
        slip = soil.slip_for(pull + drag, pit)
        if self._obstructed(forward, left, yaw):
            slip = 1.0
        self._load_wheels(wheel_rad_s, slope, drag + pit, slip)
        if any(self.lost_drive):
            pairs = zip(self.wheel_load_n_m, self.lost_drive, strict=True)
            self.wheel_load_n_m = [load * (1.0 - lost) for load, lost in pairs]
        return slip

    def _carried_by_fewer(self, slope: float, drag: float, pit: float) -> Vector:
        """Pull, drag and resistance over the load of the wheels that still drive; they roll the others along."""
        share = 6.0 / max(6.0 - sum(self.lost_drive), 1e-3)
        return slope * share, drag * share, pit * share + self.soil.resistance * (share - 1.0)

    def _load_wheels(self, wheel_rad_s: Sequence[float], slope: float, added: float, slip: float) -> None:
        """What the soil makes each wheel carry, at most its grip, plus the seals."""
        soil = self.soil
        body = self._body
        n_m = body.mass_kg * self._gravity_m_s2 * self.footing.up[2] / 6.0 * body.wheel_radius_m
        grip = min(soil.traction, 1.0)
        level = soil.resistance + added
        if slip >= 1.0:  # spinning in place: all the grip there is
            self.wheel_load_n_m = (grip * n_m + self._seal_n_m,) * 6
            return
        ahead = max(-grip, min(grip, level + slope)) * n_m + self._seal_n_m
        if min(wheel_rad_s) >= 0.0:
            self.wheel_load_n_m = (ahead,) * 6
            return
        back = max(-grip, min(grip, level - slope)) * n_m + self._seal_n_m
        self.wheel_load_n_m = [ahead if rate >= 0.0 else back for rate in wheel_rad_s]

    def _obstructed(self, forward: float, left: float, yaw: float) -> bool:
        """Held, tipped, or against a rock; looks anew when the direction changes, for a rover may back off a rock."""
        sign = (math.copysign(1.0, forward) if forward else 0.0, math.copysign(1.0, yaw) if abs(yaw) > 0.02 else 0.0)
        if sign != self._sign:
            self._sign = sign
            if forward or left or yaw:
                self.footing.look_ahead(
                    (self.x_m, self.y_m, self.yaw_rad), forward * math.cos(self.pitch_rad), left, yaw
                )
        return self.held or self.footing.blocked or self.footing.tipped or sum(self.lost_drive) > 5.99

    def _move(self, dt_s: float, forward: float, left: float, yaw: float) -> None:
        """Integrate the pose and derive what an ideal inertial unit on the body feels."""
        footing = self.footing
        middle = self.yaw_rad + 0.5 * yaw * dt_s
        along = forward * math.cos(footing.pitch_rad)
        c, s = math.cos(middle), math.sin(middle)
        self.x_m += (along * c - left * s) * dt_s
        self.y_m += (along * s + left * c) * dt_s
        turned = self.yaw_rad + yaw * dt_s
        self.yaw_rad = turned if -math.pi <= turned <= math.pi else math.remainder(turned, math.tau)
        self.distance_m += math.sqrt(forward * forward + left * left) * dt_s
        pitch, roll, before = footing.pitch_rad, footing.roll_rad, self.speed_m_s
        travel_m = (abs(along) + abs(left) + abs(yaw) * TURN_LEVER_M) * dt_s
        if travel_m and footing.follow(travel_m):
            footing.look_ahead((self.x_m, self.y_m, self.yaw_rad), along, left, yaw)
            self.soil = self._soil_at(self.x_m, self.y_m)
        self.speed_m_s, self.yaw_rate_rad_s = forward, yaw
        self._still = False
        self._feel((forward - before) / dt_s, (footing.pitch_rad - pitch) / dt_s, (footing.roll_rad - roll) / dt_s)

    def _feel(self, accel_m_s2: float, pitch_rate: float, roll_rate: float) -> None:
        """Body rates from the rates of the three angles, and specific force."""
        x, y, z = self.footing.up
        yaw, roll, g = self.yaw_rate_rad_s, self.footing.roll_rad, self._gravity_m_s2
        sr = math.sin(roll)
        cr = math.sqrt(1.0 - sr * sr)
        self.gyro_rad_s = (yaw * x + roll_rate, yaw * y - pitch_rate * cr, yaw * z + pitch_rate * sr)
        self.specific_force_m_s2 = (accel_m_s2 + g * x, self.speed_m_s * yaw + g * y, g * z)

    def _stand(self) -> None:
        """Nothing turns, so nothing moves."""
        self.speed_m_s = self.yaw_rate_rad_s = 0.0
        self.slip = 0.0
        self._still = True
        self.wheel_load_n_m = (self._seal_n_m,) * 6
        g, up = self._gravity_m_s2, self.footing.up
        self.gyro_rad_s = (0.0, 0.0, 0.0)
        self.specific_force_m_s2 = (g * up[0], g * up[1], g * up[2])


def _standing(wheel_rad_s: Sequence[float], top_rad_s: float) -> int:
    """A bit for each wheel that stands while the fastest turns at `top_rad_s`."""
    return sum(1 << wheel for wheel, rate in enumerate(wheel_rad_s) if abs(rate) < STANDS * top_rad_s)
