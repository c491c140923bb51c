"""A simulated rover stepped cycle by cycle, without a station: what goes up and comes down is plain packets.

It lives on a level, bright site in both radios' sight.  Every device can be made dead or alive at any time, and
what flight sent and acknowledged is kept in order.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import Any, NamedTuple

from flight import state_image
from flight.app import Flight, build_flight
from flight.executive import ExitReason
from flight.mobility.kept import KeptMotion
from flight.rover_file import RoverFile, load_rover
from flight.state_image import StateImage
from ground.commands import build_arguments, pack_command
from hal.api.board import Hal
from hal.api.clock import NS_PER_S
from hal.api.errors import ComputerStopped, DeviceTimeout
from hal.api.storage import Storage
from hal.api.values import ResetCause
from sim_hal.simulation import Simulation
from sim_hal.start import Start
from sim_hal.world.vehicle_file import VehicleFile, load_vehicle
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import Mode
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.framing import FrameDecoder, encode_frame
from telemetry_defs.packets import Tm, build_tc, parse_tm
from tests.fakes.site import LevelSite

GPS_NS = 1_568_937_618 * NS_PER_S
CYCLE_NS = NS_PER_S // 10
CODECS = Codecs()
WRITES = ("append", "replace", "remove", "request_sync")
"""Operations of a storage at which a power cut may come."""
_CAUSES = {
    ExitReason.RESTART: ResetCause.COMMANDED,
    ExitReason.CRASHED: ResetCause.CRASH,
    ExitReason.FAULT: ResetCause.CRASH,
}


@cache
def vehicle() -> VehicleFile:
    """The true south pole rover, read once."""
    return load_vehicle("south_pole")


@cache
def rover_file() -> RoverFile:
    """What it believes of itself, read once."""
    return load_rover("south_pole")


def packed(name: str, args: Mapping[str, object], count: int, source: int = 1) -> bytes:
    """A telecommand packet from names and plain values."""
    apid, service, subtype, data = pack_command(DICTIONARY, name, build_arguments(DICTIONARY, name, args), CODECS)
    return build_tc(apid, service, subtype, count, source, data)


def first_state(mode: Mode, soc: float = 0.8, gps_ns: int = GPS_NS) -> bytes:
    """The state image of a rover that was switched off in a mode."""
    return state_image.encode(StateImage(boot_count=1, mode=mode, gps_ns=gps_ns, soc=soc, motion=KeptMotion(x_m=10.0)))


class Sent(NamedTuple):
    """One telemetry packet on its way down, and in which life it left."""

    t_ns: int
    life: int
    tm: Tm
    raw: bytes


Call = Callable[[], Any]
Around = Callable[[str, str, tuple[Any, ...], Call], Any]
"""Given device, method, arguments and the call itself; makes the call or does not, and answers for it."""


def guarded(device: Any, name: str, around: Around) -> Any:
    """`device` with `around` in place of each of its methods, and no others than it has."""
    methods = {
        key: _guard(getattr(device, key), name, key, around)
        for key in dir(type(device))
        if not key.startswith("_") and callable(getattr(device, key))
    }
    return type(f"Guarded{type(device).__name__}", (), methods)()


def _guard(method: Callable[..., Any], name: str, key: str, around: Around) -> Any:
    def call(_: object, *args: Any) -> Any:
        return around(name, key, args, lambda: method(*args))

    return call


class LoneRover:
    """Simulation, flight and nothing else."""

    def __init__(
        self,
        *,
        mode: Mode = Mode.IDLE,
        soc: float = 0.8,
        seed: int = 1,
        released: bool = True,
        gps_ns: int = GPS_NS,
        storage: Storage | None = None,
    ) -> None:
        """`storage` takes the place of the simulated disk."""
        self.storage = storage
        self.site = LevelSite()
        self.simulation = Simulation(
            site=self.site,
            vehicle=vehicle(),
            start=Start(gps_ns=gps_ns, soc=soc, released=released, x_m=10.0),
            seed=seed,
            truth_s=None,
        )
        self.clock = self.simulation.clock
        self.simulation.disk.preload(state_image.FIRST_COPY, first_state(mode, soc, gps_ns))
        self.flight: Flight | None = None
        self.lives = 0
        self.sent: list[Sent] = []
        self.before_boot: Callable[[], object] = lambda: None
        self.on_boot: list[Callable[[Flight], None]] = []
        self.on_cycle: list[Callable[[Flight], None]] = []
        self.on_sent: list[Callable[[Sent], None]] = []
        self.around_storage: Around | None = None
        """Stands between flight and its storage, if set."""
        self.dead: dict[str, None] = {}
        """Devices that answer with a timeout."""
        self.ever_dead: dict[str, None] = {}
        self.ended: list[ExitReason] = []
        self._count = 0
        self._decoders: dict[str, FrameDecoder] = {}
        for radio, link in sorted(self.simulation.links.items()):
            link.on_sent(partial(self._tap, radio))

    # Time.

    def run_s(self, duration_s: float) -> None:
        """Let this much time pass, whether the computer is on or off."""
        self.run_until_ns(self.clock.now_ns() + round(duration_s * NS_PER_S))

    def run_until_ns(self, end_ns: int) -> None:
        """Boot after boot, up to a time."""
        while self.clock.now_ns() < end_ns:
            if self.flight is None:
                if not self.simulation.run_until_boot(end_ns):
                    return
                self.boot()
            else:
                self.cycle()

    def boot(self) -> None:
        """Begin the next life; a power cut may end it before it has begun."""
        self._decoders.clear()
        self.lives += 1
        self.before_boot()
        hal = self.simulation.boot()
        try:
            self.flight = build_flight(self._guarded(hal), rover_file())
        except ComputerStopped:
            return
        for listener in self.on_boot:
            listener(self.flight)

    def cycle(self) -> None:
        """One turn of flight's main loop."""
        flight = self.flight
        assert flight is not None
        try:
            goes_on = flight.cycle()
        except ComputerStopped:
            self.flight = None
            return
        for listener in self.on_cycle:
            listener(flight)
        if not goes_on:
            self._process_ended(flight.exit_reason)

    def _process_ended(self, reason: ExitReason) -> None:
        self.flight = None
        self.ended.append(reason)
        cause = _CAUSES.get(reason)
        if cause is None:
            self.simulation.halt_computer()
        else:
            self.simulation.process_ended(cause)

    def make_dead(self, *names: str) -> None:
        """From now on these devices answer with a timeout."""
        self.dead |= dict.fromkeys(names)
        self.ever_dead |= self.dead

    def stop_computer(self, cause: ResetCause) -> None:
        """A reset or power cut between two cycles."""
        try:
            self.simulation.stop(cause)
        except ComputerStopped:
            self.flight = None

    def _guarded(self, hal: Hal) -> Hal:
        fields: dict[str, Any] = {}
        for field in dataclasses.fields(hal):
            device = getattr(hal, field.name)
            if field.name == "instruments":
                fields[field.name] = {name: guarded(item, name, self._around) for name, item in device.items()}
            elif field.name == "storage":
                fields[field.name] = guarded(self.storage or device, field.name, self._around)
            elif field.name not in ("clock", "reset_cause") and device is not None:
                fields[field.name] = guarded(device, field.name, self._around)
        return dataclasses.replace(hal, **fields)

    def _around(self, name: str, method: str, args: tuple[Any, ...], call: Call) -> Any:
        if name in self.dead:
            raise DeviceTimeout(name, "made dead")
        if name == "storage" and self.around_storage is not None:
            return self.around_storage(name, method, args, call)
        return call()

    # Up.

    def send(self, name: str, args: Mapping[str, object] | None = None, source: int = 1) -> int:
        """Send a telecommand over the local link; returns its request id."""
        packet = packed(name, args or {}, self.take_count(), source)
        self.send_packet(packet)
        return int.from_bytes(packet[:4], "big")

    def take_count(self) -> int:
        """The next sequence count of ground."""
        self._count += 1
        return self._count & 0x3FFF

    def send_packet(self, packet: bytes) -> None:
        """Send a packet in its frame."""
        self.send_bytes(b"\x00" + encode_frame(packet))

    def send_bytes(self, data: bytes, radio: str = "local") -> None:
        """Send whatever it is."""
        self.simulation.links[radio].uplink(data)

    # Down.

    def answers(self, request_id: int) -> list[int]:
        """Subtypes of the verification reports on a request, in the order in which they left."""
        key = request_id.to_bytes(4, "big")
        return [item.tm.subtype for item in self.sent if item.tm.service == 1 and item.tm.data[:4] == key]

    def events(self, event_id: int) -> Iterator[Sent]:
        """Reports of one event."""
        key = event_id.to_bytes(2, "big")
        return (item for item in self.sent if item.tm.service == 5 and item.tm.data[:2] == key)

    def _tap(self, radio: str, data: bytes) -> None:
        decoder = self._decoders.setdefault(radio, FrameDecoder())
        for packet in decoder.feed(data):
            item = Sent(self.clock.now_ns(), self.lives, parse_tm(packet), packet)
            self.sent.append(item)
            for listener in self.on_sent:
                listener(item)
