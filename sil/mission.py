"""One mission: simulation, flight and ground station bound together on one clock."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from flight import state_image
from flight.app import Flight, build_flight
from flight.executive import ExitReason
from flight.mobility.kept import KeptMotion
from flight.rover_file import load_rover
from flight.state_image import StateImage
from ground.archive import Archive
from ground.products import Products
from ground.recovery import Recovery
from ground.station import Received, Station
from hal.api.clock import NS_PER_S, seconds
from hal.api.errors import ComputerStopped
from hal.api.values import ResetCause
from sil.dispersion import dispersed, drawn
from sil.faults.injector import Injector
from sil.plan import CommandPlan
from sil.recorder import DownlinkRecorder
from sil.scenario import CommandSection, FaultSection, Scenario
from sim_hal.clock import Rank
from sim_hal.faults.shim import DeviceFaults
from sim_hal.simulation import Simulation
from sim_hal.start import Start
from sim_hal.world.place import Place
from sim_hal.world.vehicle_file import load_vehicle
from sim_hal.world.world_file import load_world
from telemetry_defs.cuc import utc_iso_to_gps_ns
from telemetry_defs.definitions import Mode

Pace = Callable[[int], None]
"""Called between cycles with the simulated time; may block, may use the mission's uplink."""
RESUMED_AS: Final = {"HIBERNATE": Mode.HIBERNATE, "WAKE": Mode.HIBERNATE, "INIT": Mode.SAFE, "EGRESS": Mode.SERVICE}
_REACHED: Final = ("DRIVE", "SCIENCE", "COMM", "THERMAL_HOLD", "EGRESS")
PREFIX_AT_S: Final = 6.0
"""When the modes that no boot resumes are asked for: INIT is over by then."""
_CAUSES: Final = {
    ExitReason.RESTART: ResetCause.COMMANDED,
    ExitReason.CRASHED: ResetCause.CRASH,
    ExitReason.FAULT: ResetCause.CRASH,
}
TICK_NS: Final = NS_PER_S
TRUTH_S: Final = 1.0
LONG_TRUTH_S: Final = 10.0
LONG_RUN_S: Final = 86_400.0
"""Runs longer than this record their truth on the coarser grid: a row a second is 6 MB a day."""


class Mission:
    """Everything of one run; `run` is the only thing that moves it."""

    def __init__(self, scenario: Scenario, seed: int | None = None, archive: Archive | None = None) -> None:
        seed = scenario.seed if seed is None else seed
        self.scenario = scenario = dispersed(scenario, seed)
        self.seed = seed
        self.start_gps_ns = start_gps_ns(scenario)
        self.rover = load_rover(scenario.rover)
        self.site = Place(drawn(load_world(scenario.world), "world", scenario, seed))
        self.simulation = Simulation(
            site=self.site,
            vehicle=drawn(load_vehicle(scenario.vehicle or self.rover.name), "vehicle", scenario, seed),
            start=_start(scenario, self.start_gps_ns),
            seed=seed,
            truth_s=TRUTH_S if scenario.duration_s <= LONG_RUN_S else LONG_TRUTH_S,
            wiring=self.rover.hardware if scenario.depth == "wire" else None,
        )
        self.clock = self.simulation.clock
        self.devices = DeviceFaults()
        self.injector = Injector(self)
        self.end_ns = seconds(scenario.duration_s)
        self.recorder = DownlinkRecorder()
        self.archive = archive if archive is not None else Archive(start_gps_ns=self.start_gps_ns)
        self.station = Station(send=self.uplink, archive=self.archive)
        self.recovery = Recovery(self.station)
        self.products = Products()
        self.station.on_packet(self._product_part)
        self.prefix: tuple[CommandSection, ...] = ()
        """Commands that the loader adds to reach a mode that no boot resumes."""
        self.uplinked: list[tuple[int, str, bytes]] = []
        self.flight: Flight | None = None
        self.flights = 0
        self.cycles = 0
        self.overruns = 0
        self.ended = False
        self.on_second: Callable[[Mission], None] | None = None
        self.on_boot: list[Callable[[Flight], None]] = []
        """Told of each life of flight before its first cycle."""
        self.on_end: Callable[[], None] = self.end
        """What happens when the scenario's time is over."""
        self._wire_links()
        self._write_state()
        self._schedule()

    @property
    def elapsed_s(self) -> float:
        """Simulated seconds since the start."""
        return self.clock.now_ns() / NS_PER_S

    @property
    def mode_name(self) -> str:
        """Mode of flight, OFF while its computer is off."""
        return "OFF" if self.flight is None else self.flight.core.modes.mode.name

    def uplink(self, radio: str, data: bytes) -> None:
        """Bytes from the ground to a radio, now; logged, so that a session can be repeated."""
        self.uplinked.append((self.clock.now_ns(), radio, data))
        self.simulation.links[radio].uplink(data)

    def end(self) -> None:
        """End the run after this cycle."""
        self.ended = True
        if self.flight is not None:
            self.flight.executive.end(ExitReason.STOPPED)

    def _time_over(self) -> None:
        self.on_end()

    def run(self, pace: Pace | None = None) -> None:
        """Run to the end: one boot of flight after another, and the world alone between them."""
        while not self.ended:
            boots = self.simulation.run_until_boot(self._off_limit(pace))
            if boots and not self.ended:  # a boot may fall on the end
                self._live(pace)
            elif pace is not None:
                pace(self.clock.now_ns())
        self.archive.flush()

    def _off_limit(self, pace: Pace | None) -> int:
        """How far the world may run alone at once; a paced run must come up for air."""
        return self.end_ns if pace is None else min(self.end_ns, self.clock.now_ns() + NS_PER_S // 10)

    def _live(self, pace: Pace | None) -> None:
        """One life of flight."""
        self.recorder.new_boot()
        hal = self.devices.around(self.simulation.boot())
        self.flights += 1
        try:
            self.flight = flight = build_flight(hal, self.rover)
        except ComputerStopped:  # a cut may come while flight is being built
            return
        if self.ended:  # while flight was being built
            return
        for listener in self.on_boot:
            listener(flight)
        try:
            while flight.cycle():
                if pace is not None:
                    pace(self.clock.now_ns())
        except ComputerStopped:
            self._lived(flight)
            return
        self._lived(flight, keep=self.ended)
        if not self.ended:
            self._process_ended(flight.exit_reason)

    def _lived(self, flight: Flight, keep: bool = False) -> None:
        self.cycles += flight.executive.cycles
        self.overruns += flight.executive.slots_missed
        self.flight = flight if keep else None

    def _process_ended(self, reason: ExitReason) -> None:
        """What the supervisor does with an ended process."""
        cause = _CAUSES.get(reason)
        if cause is None:
            self.simulation.halt_computer()
        else:
            self.simulation.process_ended(cause)

    # Setting up.

    def _wire_links(self) -> None:
        for radio, link in sorted(self.simulation.links.items()):
            link.on_sent(partial(self._flight_sent, radio))
            link.on_downlink(partial(self._ground_received, radio))

    def _product_part(self, received: Received) -> None:
        if received.decoded is not None:
            self.products.take(received.decoded)

    def _flight_sent(self, radio: str, data: bytes) -> None:
        self.recorder.tap(radio, self.clock.now_ns(), data)

    def _ground_received(self, radio: str, t_ns: int, data: bytes) -> None:
        self.station.receive(radio, data, t_ns)

    def _write_state(self) -> None:
        """The persisted state that flight boots into by its ordinary path."""
        start = self.scenario.start
        mode = RESUMED_AS.get(start.mode) or (Mode.IDLE if start.mode in _REACHED else Mode[start.mode])
        image = StateImage(
            boot_count=1,
            mode=mode,
            gps_ns=self.start_gps_ns,
            soc=start.soc,
            motion=KeptMotion(x_m=start.pose.x_m, y_m=start.pose.y_m, yaw_rad=start.pose.yaw_rad),
        )
        self.simulation.disk.preload(state_image.FIRST_COPY, state_image.encode(image))

    def _schedule(self) -> None:
        scenario, at = self.scenario, self.clock.at
        at(self.end_ns, Rank.SCENARIO, self._time_over)
        if scenario.start.mode in _REACHED:
            self.prefix = (
                CommandSection(at_s=PREFIX_AT_S, name="system.set_mode", args={"mode": scenario.start.mode}),
            )
        self.plan = CommandPlan(self.station, self.clock, (*scenario.command, *self.prefix))
        self.plan.schedule()
        for item in scenario.uplink:
            at(seconds(item.at_s), Rank.SCENARIO, partial(self.uplink, item.radio, bytes.fromhex(item.hex)))
        for gap in scenario.link_gap:
            self.simulation.add_gap(gap.radio, seconds(gap.from_s), seconds(gap.to_s))
        self._schedule_faults()
        self.clock.every(TICK_NS, self._second, Rank.SCENARIO)

    def _schedule_faults(self) -> None:
        for fault in self.scenario.fault:
            self.injector.schedule(fault)
        for event in self.scenario.computer:
            self.injector.schedule(
                FaultSection(at_s=event.at_s, device="computer", kind=event.kind, args={"off_s": event.for_s})
            )

    def _second(self) -> None:
        self.plan.look()
        self.station.tick(self.clock.now_ns())
        if self.scenario.ask_again:
            self.recovery.tick(self.clock.now_ns())
        if self.on_second is not None:
            self.on_second(self)


def start_gps_ns(scenario: Scenario) -> int:
    """On-board time at time zero of the run."""
    return utc_iso_to_gps_ns(f"{scenario.start.time_utc:%Y-%m-%dT%H:%M:%S}Z")


def _start(scenario: Scenario, gps_ns: int) -> Start:
    """The true state at time zero."""
    start = scenario.start
    return Start(
        gps_ns=gps_ns,
        soc=start.soc,
        x_m=start.pose.x_m,
        y_m=start.pose.y_m,
        yaw_rad=start.pose.yaw_rad,
        released=start.is_released,
        temperatures_c=dict(start.temperatures_c),
        rhu_w=start.rhu_w,
        computer_on=start.mode != "HIBERNATE",
    )
