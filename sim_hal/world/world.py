"""The rover in its surroundings: truth on three grids (motion 100 ms, electrical 1 s, thermal 10 s).

Devices and the power controller act on this and on nothing else.  Nothing here knows of flight or its belief.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from hal.api.clock import NS_PER_MS, NS_PER_S
from hal.api.hold import FOREVER_NS, Held
from sim_hal.clock import SimClock, Timer
from sim_hal.demand import Demand
from sim_hal.start import Start
from sim_hal.switches import Bank
from sim_hal.world.battery import Battery
from sim_hal.world.drive import Drive
from sim_hal.world.energy import Energy
from sim_hal.world.footing import Vector
from sim_hal.world.lander import LANDER_POWER_W, LanderGround
from sim_hal.world.loads import HEATER_SAFE, LOAD_SAFE
from sim_hal.world.motion import Motion
from sim_hal.world.site import Site, View
from sim_hal.world.soil import SOILS
from sim_hal.world.steering import SteeringMotors
from sim_hal.world.thermal import Surroundings, Thermal
from sim_hal.world.vehicle_file import VehicleFile

MOTION_NS: Final = 100 * NS_PER_MS
ELECTRICAL_NS: Final = NS_PER_S
THERMAL_NS: Final = 10 * NS_PER_S
COARSE_NS: Final = 10 * NS_PER_S
"""Both slow grids while no computer runs."""
SKY_NS: Final = 10 * NS_PER_S
"""The Sun moves by a hundredth of its disc in this time."""
MAX_WHEEL_HOLD_NS: Final = NS_PER_S
MAX_STEER_HOLD_NS: Final = 5 * NS_PER_S
MAX_HEATER_HOLD_NS: Final = 60 * NS_PER_S
MAX_LOAD_HOLD_NS: Final = 120 * NS_PER_S
STILL: Final = (0.0,) * 6
_DT_S: Final = 0.1


class World:
    """Everything that is true.  Plain attributes are for reading; devices change it through the methods."""

    hold_down_stuck = False
    """Set by a fault: the hold-down does not open."""
    drive_unit_lost = False
    """Set by a fault: no motor gets current, wheels and corners stand."""

    def __init__(
        self, clock: SimClock, vehicle: VehicleFile, site: Site, start: Start, *, latched: bool = False
    ) -> None:
        """`latched`: heaters and loads stay as they are set, for something else takes them back."""
        self._clock = clock
        self._start_gps_ns = start.gps_ns
        self.site = site
        self.view = View()
        self.loads = Bank("loads", LOAD_SAFE, FOREVER_NS if latched else MAX_LOAD_HOLD_NS)
        self.heaters = Bank("heaters", HEATER_SAFE, FOREVER_NS if latched else MAX_HEATER_HOLD_NS)
        self._held_wheels: Held[tuple[float, ...]] = Held(STILL, MAX_WHEEL_HOLD_NS)
        self._held_corners: Held[tuple[float, ...] | None] = Held(None, MAX_STEER_HOLD_NS)
        self.wheel_command: Demand[tuple[float, ...]] = self._held_wheels
        """What the wheel drives are told; `STILL` itself when they are to stand."""
        self.steer_command: Demand[tuple[float, ...] | None] = self._held_corners
        """What the corners are told, None to stay."""
        self.drive = Drive(vehicle.drive)
        self.steering = SteeringMotors(vehicle.steering)
        self.released = start.released
        self.ground = lander = LanderGround(site.ground, site.rock_height, site.soil_at, SOILS["none"])
        self.motion = Motion(
            vehicle.body, lander, lander.soil_at, site.gravity_m_s2, vehicle.drive.seal_torque_n_m, lander.rock_height
        )
        self.motion.place(start.x_m, start.y_m, start.yaw_rad)
        self.motion.held = not start.released
        thermal = start.apply_temperatures(Thermal(vehicle.thermal))
        battery = Battery(vehicle.battery, start.soc, thermal.battery_c)
        self.energy = Energy(vehicle, self.loads, self.heaters, battery, thermal)
        self.energy.offered_w = 0.0 if start.released else LANDER_POWER_W
        self.drive.set_temperatures(thermal.motor_c)
        self.bus_died: Callable[[], None] = lambda: None
        """Called in the electrical step that finds the bus dead; the simulation stops the computer then."""
        self.transmit_w: Callable[[int], float] = lambda now_ns: 0.0
        """Power of the transmitters on at a time; set by whoever owns the radios."""
        self.looked: Callable[[], None] = lambda: None
        """Called after each look around."""
        self._encoder_zero: list[float] | None = None
        self._motion_grid: Timer | None = None
        self._slow_grids: list[Timer] = []
        self._electrical_ns = clock.now_ns()
        self._sky_ns = -SKY_NS
        self.look_around()

    # Time.

    @property
    def gps_ns(self) -> int:
        """True time, ns since 1980-01-06 (GPS)."""
        return self._start_gps_ns + self._clock.now_ns()

    def run_grids(self, coarse: bool) -> None:
        """Electrical and thermal grids: fine while a computer may run, both `COARSE_NS` while none does."""
        for grid in self._slow_grids:
            grid.cancel()
        every = self._clock.every
        self._slow_grids = [
            every(COARSE_NS if coarse else ELECTRICAL_NS, self._electrical_step),
            every(THERMAL_NS, self._thermal_step),
        ]

    # What devices do.

    def load_on(self, name: str, now_ns: int) -> bool:
        """Whether a load is switched on and has a bus to live on."""
        return self.loads.held[name].at(now_ns) and not self.energy.bus.dead

    def command_wheels(self, speed_rad_s: tuple[float, ...], now_ns: int, hold_ns: int) -> None:
        """Ask six speeds of the motors."""
        self._held_wheels.set(speed_rad_s, now_ns, hold_ns)
        if any(speed_rad_s):
            self.run_motion()

    def command_steering(self, angle_rad: tuple[float, ...], now_ns: int, hold_ns: int) -> None:
        """Ask four angles of the corners."""
        self._held_corners.set(angle_rad, now_ns, hold_ns)
        if angle_rad != self.steering.angle_rad:
            self.run_motion()

    def run_motion(self) -> None:
        """Something may move from now on: motion steps run until nothing does."""
        if self._motion_grid is None:
            self._motion_grid = self._clock.every(MOTION_NS, self._motion_step)

    def encoder_zero_rad(self) -> list[float]:
        """Wheel angles at which the encoders were last powered up."""
        if self._encoder_zero is None:
            self._encoder_zero = list(self.drive.angle_rad)
        return self._encoder_zero

    def release(self) -> None:
        """Open the hold-down; the lander's plug goes with it."""
        if self.hold_down_stuck:
            return
        self.released = True
        self.motion.held = False
        self.energy.offered_w = 0.0

    def outputs_off(self) -> None:
        """The computer is gone: everything it held is gone."""
        self.wheel_command.release()
        self.steer_command.release()
        self.loads.release()
        self.heaters.release()

    # What devices see.

    @property
    def lit_fraction(self) -> float:
        """Share of the Sun's disc seen from the rover, 0..1."""
        return self.view.lit_fraction

    @property
    def bus_voltage_v(self) -> float:
        """At the battery monitor."""
        return self.energy.bus.voltage_v

    @property
    def battery_current_a(self) -> float:
        """Positive while charging."""
        return self.energy.battery.current_a

    @property
    def wheels_turning(self) -> bool:
        """Whether any wheel turns now."""
        return any(self.drive.speed_rad_s)

    def array_faces(self) -> Iterable[tuple[float, float]]:
        """Voltage and current of each face."""
        array = self.energy.array
        return zip(array.voltage_v, array.current_a, strict=True)

    def temperatures_c(self) -> tuple[float, ...]:
        """In the order of `hal.api.values.TEMPERATURES`."""
        thermal = self.energy.thermal
        web_c, battery_c = thermal.web_c, thermal.battery_c
        return (web_c, battery_c, battery_c, thermal.shell_c, thermal.radiator_c, web_c, *thermal.motor_c)

    def sun_in_body(self) -> Vector:
        """Unit vector to the Sun."""
        return self.motion.to_body(*self.view.sun_enu)

    def sees_ground(self, min_texture: float) -> bool:
        """Whether a camera looking down finds enough to hold on to."""
        return self.view.lit_fraction > 0.0 and self.site.texture >= min_texture

    def picture(self) -> tuple[int, int, bytes]:
        """What the camera sees now: width, height, 8-bit grey pixels."""
        motion = self.motion
        return self.site.picture(self.gps_ns, motion.x_m, motion.y_m, motion.yaw_rad, motion.pitch_rad)

    # The grids.

    def look_around(self) -> None:
        """Take sky, heat and links from the site, now."""
        self._sky_ns = self._clock.now_ns()
        gps_ns, motion = self.gps_ns, self.motion
        self.site.look(gps_ns, motion.x_m, motion.y_m, self.view)
        self.site.look_links(gps_ns, motion.x_m, motion.y_m, self.view)
        self.looked()

    def _motion_step(self) -> None:
        self._drive_on()
        if self.motion.footing.leaning:
            self.motion.lean(_DT_S)

    def _drive_on(self) -> None:
        before_ns = self._clock.now_ns() - 1
        drive, steering, motion = self.drive, self.steering, self.motion
        if self.drive_unit_lost or not self.load_on("motors", before_ns):
            drive.stop_dead()
            motion.step(_DT_S, STILL, steering.angle_rad)
            self._end_motion()
            return
        self.encoder_zero_rad()
        target = self.steer_command.at(before_ns)
        steering.step(_DT_S, steering.angle_rad if target is None else target)
        command = self.wheel_command.at(before_ns)
        drive.step(_DT_S, command, motion.wheel_load_n_m, self.energy.bus.voltage_v)
        motion.step(_DT_S, drive.speed_rad_s, steering.angle_rad)
        self.energy.add_drive(_DT_S, drive.power_w + steering.power_w, drive.heat_w)
        if not drive.moving and not steering.moving and command is STILL:
            self._end_motion()

    def _end_motion(self) -> None:
        """Nothing moves: no motion steps until the next command, unless a fault moves something."""
        if self._motion_grid is not None and not (self.drive.runs_away or self.motion.footing.leaning):
            self._motion_grid.cancel()
            self._motion_grid = None

    def _electrical_step(self) -> None:
        now_ns = self._clock.now_ns()
        dt_s = (now_ns - self._electrical_ns) / NS_PER_S
        self._electrical_ns = now_ns
        if dt_s <= 0.0:
            return
        if now_ns - self._sky_ns >= SKY_NS:
            self.look_around()
        energy = self.energy
        if not self.load_on("motors", now_ns - 1):
            self._encoder_zero = None
        energy.transmit_w = self.transmit_w(now_ns - 1)
        irradiance = self.view.irradiance_w_m2
        sun = self.sun_in_body() if irradiance > 0.0 else self.view.sun_enu
        energy.array.light(sun, irradiance, energy.thermal.shell_c)
        was_dead = energy.bus.dead
        energy.electrical_step(now_ns, dt_s)
        if energy.bus.dead and not was_dead:
            self.bus_died()

    def _thermal_step(self) -> None:
        view, energy = self.view, self.energy
        around = Surroundings(view.sink_k, view.irradiance_w_m2, max(0.0, view.sun_enu[2]), view.air_k)
        energy.thermal_step(around)
        self.drive.set_temperatures(energy.thermal.motor_c)
