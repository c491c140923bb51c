"""Looks on while a mission flies and keeps what the properties judge.  It changes nothing in flight."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from flight.app import Flight
from flight.commanding.execution import TelecommandExecution
from flight.commanding.queue import Accepted
from flight.context import Accepted as Granted, Refused
from flight.mobility.kept import KeptMotion
from hal.api.clock import NS_PER_S
from sil.mission import Mission
from sil.properties.record import Boot, Entered, Heard, Look, Report, Run, Taken
from sil.scenario import Scenario
from sim_hal.world.loads import HEATER_W
from telemetry_defs.definitions import Event, Mode
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.framing import FrameDecoder
from telemetry_defs.packets import Tc

CALL_FROM_S: Final = 24.0
CALL_EVERY_S: Final = 4.0
"""Near the end of a judged run ground calls on both radios, to see whether it still commands the rover."""
CALLS_END_S: Final = 3.0
RADIOS: Final = ("local", "relay")
TRIED: Final = {4: "RELAY", 8: "LOCAL"}
"""After so many calls without an answer ground asks for another transmitter."""


Watch = Callable[[Mission], float]


def observe(scenario: Scenario, watch: Mapping[str, Watch] = MappingProxyType({})) -> Run:
    """Fly a scenario under a witness; properties judge what is returned.

    Args:
        watch: more to be noted at each look, by name: a device of your own, any number of the world's truth.
    """
    mission = Mission(scenario)
    witness = Witness(mission, watch)
    mission.run(witness.look)
    return witness.finish()


class Witness:
    """One for each mission; `look` is its pace."""

    def __init__(self, mission: Mission, watch: Mapping[str, Watch] = MappingProxyType({})) -> None:
        """`watch`: more to be noted at each look, as `Run.watched`."""
        self._watch = watch
        self._mission = mission
        self._simulation = mission.simulation
        world = mission.simulation.world
        self._world = world
        rover = mission.rover
        self.run = Run(
            scenario=mission.scenario,
            heater_names=world.heaters.names,
            load_names=world.loads.names,
            heater_w=tuple(HEATER_W[name] for name in world.heaters.names),
            shed_levels=tuple(
                rover.power.loads[name].shed_level if name in rover.power.loads else 0 for name in world.loads.names
            ),
        )
        self._heaters = tuple(world.heaters.held.values())
        self._loads = tuple(world.loads.held.values())
        self._calls: list[Any] = []
        self._next_call_ns = mission.end_ns - round(CALL_FROM_S * NS_PER_S)
        self._failures: dict[str, int] = {}
        mission.on_boot.append(self._booted)

    def look(self, now_ns: int) -> None:
        """After each cycle, and ten times a second while the computer is off."""
        self._call(now_ns)
        flight = self._mission.flight
        self.run.looks.append(self._off(now_ns) if flight is None else self._on(now_ns, flight))
        for name, watch in self._watch.items():
            self.run.watched.setdefault(name, []).append(watch(self._mission))

    def finish(self) -> Run:
        """The whole record, once the mission has ended."""
        run, mission = self.run, self._mission
        run.faults = mission.injector.log
        run.sent = mission.recorder.sent
        run.uplinked = _packets(mission.uplinked)
        run.pings = [(record.sent_ns, record.completed is True) for record in self._calls]
        run.end_ns = mission.clock.now_ns()
        return run

    # Between cycles.

    def _call(self, now_ns: int) -> None:
        last_ns = self._mission.end_ns - round(CALLS_END_S * NS_PER_S)
        if self._next_call_ns <= now_ns <= last_ns:
            self._next_call_ns += round(CALL_EVERY_S * NS_PER_S)
            if not any(record.completed for record in self._calls):
                self._ask_for(TRIED.get(len(self._calls)))
            self._calls += [self._mission.plan.send("system.ping", {}, radio) for radio in RADIOS]

    def _ask_for(self, choice: str | None) -> None:
        """What an operator does whom nobody answers: the rover may hear, and talk into a broken transmitter."""
        for radio in RADIOS if choice else ():
            self._mission.plan.send("comms.select_radio", {"radio": choice}, radio)

    def _off(self, now_ns: int) -> Look:
        return self._truth(now_ns, 0, None, None, 0, None)

    def _on(self, now_ns: int, flight: Flight) -> Look:
        core = flight.core
        power = core.board.power
        for name, state in flight.executive.rows.items():
            if state.failures > self._failures.get(name, 0):
                self.run.failures.append(f"{now_ns / NS_PER_S:.1f} s: row {name}")
                self._failures[name] = state.failures
        return self._truth(
            now_ns,
            len(self.run.boots),
            core.modes.mode,
            None if power is None else power.soc,
            core.path.received.stops,
            core.time.gps_ns(),
        )

    def _truth(
        self, now_ns: int, life: int, mode: Mode | None, soc: float | None, stops: int, gps_ns: int | None
    ) -> Look:
        world, simulation = self._world, self._simulation
        energy, motion = world.energy, world.motion
        battery, thermal = energy.battery, energy.thermal
        return Look(
            now_ns,
            life,
            mode,
            world.wheel_command.at(now_ns),
            tuple(world.drive.speed_rad_s),
            world.load_on("motors", now_ns),
            motion.tilt_rad,
            motion.slip,
            battery.soc,
            battery.current_a,
            thermal.battery_c,
            thermal.web_c,
            min(thermal.motor_c),
            energy.bus.dead,
            (simulation.listening("relay"), simulation.listening("local")),
            any(link.locked() for link in simulation.links.values()),
            tuple([held.at(now_ns) for held in self._heaters]),
            tuple([held.at(now_ns) for held in self._loads]),
            soc,
            stops,
            gps_ns,
        )

    # Taps in one life of flight.

    def _booted(self, flight: Flight) -> None:
        self._failures = {}
        core = flight.core
        self.run.boots.append(
            Boot(
                self._now_ns(),
                core.boot.cause,
                {item.parameter_id: core.parameters.get(item) for item in DICTIONARY.parameters},
                _masked(core.boot.image.motion),
                core.boot.minimal,
            )
        )
        core.events.listeners.append(self._event)
        self._tap_queue(flight)
        self._tap_checks(flight)
        self._tap_reports(flight)
        self._tap_modes(flight)

    def _tap_queue(self, flight: Flight) -> None:
        queue, life, run = flight.core.path.queue, len(self.run.boots), self.run
        put, take = queue.put, queue.take

        def tapped_put(accepted: Accepted) -> None:
            run.accepted.append(self._entry(life, accepted))
            put(accepted)

        def tapped_take() -> Accepted | None:
            accepted = take()
            if accepted is not None:
                run.taken.append(self._entry(life, accepted))
            return accepted

        _replace(queue, put=tapped_put, take=tapped_take)

    def _entry(self, life: int, accepted: Accepted) -> Taken:
        checked, execution = accepted
        tc = execution._tc if isinstance(execution, TelecommandExecution) else None
        request, ack = (None, 0) if tc is None else (_request(tc), tc.ack)
        return Taken(self._now_ns(), life, checked.command.name, checked.arguments, request, ack)

    def _tap_checks(self, flight: Flight) -> None:
        duplicates, checks = flight.core.path.duplicates, flight.core.path.checks
        life, run = len(self.run.boots), self.run
        check, add = checks.check, duplicates.add
        checked: dict[tuple[int, int, int], tuple[int, int, bytes]] = {}

        def tapped_check(tc: Tc, now_ns: int) -> Any:
            answer = check(tc, now_ns)
            checked[_request(tc)] = (tc.service, tc.subtype, tc.data)
            return answer

        def tapped_add(source_id: int, apid: int, count: int) -> None:
            request = (source_id, apid, count)
            body = checked.pop(request, None)
            if body is not None:  # a STOP passes no check and may come as often as it likes
                run.heard.append(Heard(self._now_ns(), life, request, body))
            add(source_id, apid, count)

        _replace(checks, check=tapped_check)
        _replace(duplicates, add=tapped_add)

    def _tap_reports(self, flight: Flight) -> None:
        verification, life, run = flight.core.path.verification, len(self.run.boots), self.run
        succeeded, failed = verification.succeeded, verification.failed

        def tapped_succeeded(tc: Tc, subtype: int) -> None:
            run.reports.append(Report(self._now_ns(), life, _request(tc), subtype))
            succeeded(tc, subtype)

        def tapped_failed(tc: Tc, subtype: int, *rest: Any) -> None:
            run.reports.append(Report(self._now_ns(), life, _request(tc), subtype))
            failed(tc, subtype, *rest)

        _replace(verification, succeeded=tapped_succeeded, failed=tapped_failed)

    def _tap_modes(self, flight: Flight) -> None:
        machine, board, life = flight.core.modes, flight.core.board, len(self.run.boots)
        request = machine.request

        def tapped_request(mode: Mode) -> Granted | Refused:
            old = machine.mode
            answer = request(mode)
            if machine.mode is not old:
                power, mobility = board.power, board.mobility
                soc = None if power is None else power.soc
                known = mobility is not None and mobility.tilt_rad is not None
                self.run.modes.append(Entered(self._now_ns(), life, old, machine.mode, soc, known))
            return answer

        _replace(machine, request=tapped_request)

    def _event(self, event: Event) -> None:
        self.run.events.append((self._now_ns(), event.name))

    def _now_ns(self) -> int:
        return self._mission.clock.time_ns


def _replace(target: object, **taps: Callable[..., Any]) -> None:
    for name, tap in taps.items():
        setattr(target, name, tap)


def _request(tc: Tc) -> tuple[int, int, int]:
    return tc.source_id, tc.apid, tc.sequence_count


def _masked(kept: KeptMotion | None) -> tuple[bool, ...]:
    return () if kept is None else tuple(kept.masked_wheels)


def _packets(uplinked: list[tuple[int, str, bytes]]) -> list[tuple[int, bytes]]:
    """Whole packets in what ground sent, radio by radio."""
    found: list[tuple[int, bytes]] = []
    decoders: dict[str, FrameDecoder] = {}
    for t_ns, radio, data in uplinked:
        decoder = decoders.setdefault(radio, FrameDecoder())
        found += [(t_ns, packet) for packet in decoder.feed(data)]
    return found
