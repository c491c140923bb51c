"""A rover on emulated chips that is wired otherwise than its file says, an operator who looks at it, and a desk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import msgspec

from flight.app import Flight, build_flight
from flight.rover_file import RoverFile, load_rover
from ground.errors import GroundError
from ground.station import Station
from hal.api.clock import NS_PER_S
from hal.api.values import CORNERS, WHEELS
from hal.api.wiring import Hardware
from sil.checkout.record import Record
from sil.checkout.run import run_checkout
from sim_hal.simulation import Simulation
from sim_hal.start import Start
from sim_hal.world.place import Place
from sim_hal.world.vehicle_file import load_vehicle
from sim_hal.world.world_file import load_world

GPS_NS = 1_568_937_618 * NS_PER_S
TOLERANCE_RAD = 0.008
"""As well as a person sees it; a step of the servo driver is 0.013 rad."""


def believed() -> RoverFile:
    """What the rover file says."""
    return load_rover("desk")


def miswired(
    hardware: Hardware, *, off_us: Mapping[str, float], swapped: tuple[str, ...], mirrored: tuple[str, ...] = ()
) -> Hardware:
    """As a rover was really built: servo horns off, motors and servos the other way round."""
    wheels, steering = hardware.wheels, hardware.steering
    assert wheels is not None
    assert steering is not None
    corners = {
        name: msgspec.structs.replace(
            servo,
            centre_us=servo.centre_us + off_us.get(name, 0.0),
            sign=-servo.sign if name in mirrored else servo.sign,
        )
        for name, servo in steering.corners.items()
    }
    units = tuple(
        msgspec.structs.replace(
            unit,
            m1_sign=-unit.m1_sign if unit.m1 in swapped else unit.m1_sign,
            m2_sign=-unit.m2_sign if unit.m2 in swapped else unit.m2_sign,
        )
        for unit in wheels.units
    )
    return msgspec.structs.replace(
        hardware,
        wheels=msgspec.structs.replace(wheels, units=units),
        steering=msgspec.structs.replace(steering, corners=corners),
    )


class CheckoutRover:
    """Implements `sil.checkout.line.Desk`: polling it is what makes time pass."""

    ending = ""
    broken = ""
    """Why nothing can be sent."""

    def __init__(self, truth: Hardware, rover: RoverFile) -> None:
        """`truth` is what the chips are wired as, `rover` what flight has read."""
        self.simulation = Simulation(
            site=Place(load_world("flat")),
            vehicle=load_vehicle("open_source_rover"),
            start=Start(gps_ns=GPS_NS, soc=0.9),
            seed=1,
            truth_s=None,
            wiring=truth,
        )
        bay = self.simulation.bay
        assert bay is not None
        bay.wiring = rover.hardware  # the chips are made: from here on it is only what drivers are made from
        self.muted = False
        """Nobody reads: what comes down waits."""
        self._waiting = {radio: bytearray() for radio in self.simulation.links}
        self.station = Station(send=self._send)
        for radio, link in self.simulation.links.items():
            link.on_downlink(partial(self._hear, radio))
        self.before_cycle: Callable[[], object] = lambda: None
        self.simulation.run_until_boot(NS_PER_S)
        self.flight: Flight = build_flight(self.simulation.boot(), rover)
        self.run_s(8.0)

    @property
    def mode(self) -> str:
        """Of flight."""
        return self.flight.core.modes.mode.name

    def now_ns(self) -> int:
        return self.simulation.clock.now_ns()

    def poll(self, timeout_s: float) -> None:
        self._read()
        self.before_cycle()
        assert self.flight.cycle()
        self._read()
        self.station.tick(self.now_ns())

    def _send(self, radio: str, data: bytes) -> None:
        if self.broken:
            raise GroundError(self.broken)
        self.simulation.links[radio].uplink(data)

    def _hear(self, radio: str, t_ns: int, data: bytes) -> None:
        self._waiting[radio] += data

    def _read(self) -> None:
        for radio, waiting in self._waiting.items():
            if waiting and not self.muted:
                self.station.receive(radio, bytes(waiting), self.now_ns())
                waiting.clear()

    def run_s(self, duration_s: float) -> None:
        """Let time pass."""
        end_ns = self.now_ns() + round(duration_s * NS_PER_S)
        while self.now_ns() < end_ns:
            self.poll(0.0)

    def command(self, name: str, **arguments: object) -> bool:
        """Send a telecommand that needs no arming and wait for its end; whether it completed."""
        record = self.station.send_command(name, arguments, self.now_ns())
        while not record.finished:
            self.poll(0.0)
        return record.completed is True


class Onlooker:
    """Implements `sil.checkout.operator.Operator`: says yes, save to `refused`, and tells what is true."""

    sees = True

    def __init__(self, rover: CheckoutRover, refused: tuple[str, ...] = ()) -> None:
        self._rover = rover
        self._refused = refused
        self._angles: tuple[float, ...] = ()
        self._name, self._last_rad, self._plus_is_left = "", 0.0, True
        self.asked: list[str] = []
        self.told: list[str] = []

    def tell(self, text: str) -> None:
        self.told.append(text)

    def confirm(self, question: str) -> bool:
        self.asked.append(question)
        self._angles = tuple(self._rover.simulation.world.drive.angle_rad)
        return not any(word in question for word in self._refused)

    def choose(self, question: str, answers: Mapping[str, str]) -> str:
        ways = {"Which way": self._way, "Is": self._straight, "Where": self._side}
        choice = next(way for start, way in ways.items() if question.startswith(start))(question)
        assert choice in answers
        return choice

    def _way(self, question: str) -> str:
        wheel = next(number for number, name in enumerate(WHEELS) if f" {name} " in question)
        turned = self._rover.simulation.world.drive.angle_rad[wheel] - self._angles[wheel]
        return "n" if abs(turned) < 0.05 else "f" if turned > 0.0 else "b"

    def _side(self, question: str) -> str:
        angle_rad = self._corner_rad(question)
        return "n" if abs(angle_rad) < 0.05 else "l" if angle_rad > 0.0 else "r"

    def _straight(self, question: str) -> str:
        """A nudge that made it worse is the wrong way: then the other one."""
        angle_rad = self._corner_rad(question)
        if abs(angle_rad) <= TOLERANCE_RAD:
            return "y"
        if question.split()[1] != self._name or abs(angle_rad) > abs(self._last_rad) + 0.005:
            self._plus_is_left = question.split()[1] != self._name or not self._plus_is_left
        self._name, self._last_rad = question.split()[1], angle_rad
        return ("-" if (angle_rad > 0.0) is self._plus_is_left else "+") * (2 if abs(angle_rad) > 0.04 else 1)

    def _corner_rad(self, question: str) -> float:
        corner = next(number for number, name in enumerate(CORNERS) if f" {name} " in question)
        return self._rover.simulation.world.steering.angle_rad[corner]


def check_out(rover: CheckoutRover, operator: Onlooker, *steps: str) -> Record:
    """Run these steps."""
    record = Record(rover="desk", steps=steps, began_utc="2029-09-24T00:00:00Z")
    run_checkout(rover, operator, believed(), record)
    return record
