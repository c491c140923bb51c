"""What must hold for a flying rover whatever happens to it, looked at after every cycle and for every packet."""

from __future__ import annotations

from typing import Final

from flight.app import Flight
from flight.blackboard import fresh
from flight.commanding.queue import SLOTS
from flight.context import Accepted, Refused
from flight.modes.table import MODES
from flight.telemetry.outbox import LIMITS
from hal.api.clock import NS_PER_S
from telemetry_defs.areas import system
from telemetry_defs.definitions import Mode
from telemetry_defs.formats import decode_tm
from telemetry_defs.packets import PacketError
from tests.sil.lone_rover import LoneRover, Sent

MOVING: Final = (Mode.DRIVE, Mode.EGRESS, Mode.SERVICE)
TEST_RAD_S: Final = 0.2
"""Fastest that the single wheel test of SERVICE may turn, and how long."""
TEST_S: Final = 2.0
LATE_CYCLES: Final = 2
"""Mobility acts on a new mode in its next tick."""
STILL_CYCLES: Final = 10
"""From a zero command to wheels that stand."""
BLIND_CYCLES: Final = 20
AWAKE_NS: Final = 5 * NS_PER_S
RECEIVING: Final = ("radio_relay", "radio_local", "loads")
"""Devices without which no promise about the receivers can be kept."""
LIVES_PER_ROUND: Final = 3
"""Counts are reserved in blocks of a quarter of their range: only after so many lives may one come again."""


class Watch:
    """Raises `AssertionError` as soon as something that must hold does not."""

    def __init__(self, rover: LoneRover) -> None:
        self._rover = rover
        self._commanded_outside = 0
        self._turning_outside = 0
        self._tested_cycles = 0
        self._blind = 0
        self._kinds: dict[tuple[int, int, int], None] = {}
        self._counts: dict[tuple[int, int], tuple[int, bytes]] = {}
        self._boot_count = 1
        self._broken: list[str] = []
        rover.on_boot.append(self._booted)
        rover.on_cycle.append(self._cycle)
        rover.on_sent.append(self._sent)

    def _booted(self, flight: Flight) -> None:
        assert not flight.boot.lost
        assert flight.boot.image.boot_count >= self._boot_count  # a boot cut off before its first save leaves no trace
        self._boot_count = flight.boot.image.boot_count
        assert flight.core.modes.mode is Mode.INIT
        machine, request = flight.core.modes, flight.core.modes.request

        def watched(mode: Mode) -> Accepted | Refused:
            old = machine.mode
            answer = request(mode)
            self._note(machine.mode is (mode if isinstance(answer, Accepted) else old), f"{mode.name}: {answer}")
            if machine.mode is not old:
                self._changed(flight, old, mode)
            return answer

        machine.request = watched  # type: ignore[method-assign]  # a witness between the machine and who asks it

    def _note(self, holds: bool, what: str) -> None:
        """What is found inside a call of flight, which would take the exception for its own, is raised after it."""
        if not holds:
            self._broken.append(what)

    def _changed(self, flight: Flight, old: Mode, new: Mode) -> None:
        self._note(new in MODES[old].next, f"{old.name} went to {new.name}")
        if new in (Mode.DRIVE, Mode.EGRESS):
            core, now_ns = flight.core, flight.core.clock.now_ns()
            power, mobility = fresh(core.board.power, now_ns), fresh(core.board.mobility, now_ns)
            soc = None if power is None else power.soc
            limit = core.parameters.get(system.DRIVE_SOC)
            self._note(soc is not None and soc > limit, f"{new.name} with state of charge {soc}, limit {limit}")
            self._note(mobility is not None and mobility.tilt_rad is not None, f"{new.name} without a tilt")

    def _cycle(self, flight: Flight) -> None:
        assert not self._broken
        mode = flight.core.modes.mode
        self._wheels(mode)
        self._sight(flight, mode)
        self._queues(flight)
        self._receivers(flight, mode)
        failed = [name for name, state in flight.executive.rows.items() if state.failures]
        assert not failed, f"rows raised: {failed}"

    def _wheels(self, mode: Mode) -> None:
        world, now_ns = self._rover.simulation.world, self._rover.clock.now_ns()
        speeds = world.drive.speed_rad_s
        commanded = any(world.wheel_command.at(now_ns))
        may = mode in MOVING
        self._commanded_outside = 0 if may or not commanded else self._commanded_outside + 1
        self._turning_outside = 0 if may or not any(speeds) else self._turning_outside + 1
        assert self._commanded_outside <= LATE_CYCLES, f"wheels are told to turn in {mode.name}"
        assert self._turning_outside <= STILL_CYCLES, f"wheels turn in {mode.name}"
        if mode is Mode.SERVICE and commanded:
            self._tested_cycles += 1
            assert sum(map(bool, world.wheel_command.at(now_ns))) == 1
            assert max(map(abs, world.wheel_command.at(now_ns))) <= TEST_RAD_S + 1e-9
            assert self._tested_cycles <= TEST_S * 10 + LATE_CYCLES
        else:
            self._tested_cycles = 0

    def _sight(self, flight: Flight, mode: Mode) -> None:
        """Nobody goes on driving without knowing the charge."""
        power = fresh(flight.core.board.power, flight.core.clock.now_ns())
        blind = mode is Mode.DRIVE and (power is None or power.soc is None)
        self._blind = self._blind + 1 if blind else 0
        assert self._blind <= BLIND_CYCLES

    def _queues(self, flight: Flight) -> None:
        assert len(flight.core.path.queue) <= SLOTS
        assert flight.core.outbox.waiting() <= sum(LIMITS)

    def _receivers(self, flight: Flight, mode: Mode) -> None:
        simulation = self._rover.simulation
        up_ns = self._rover.clock.now_ns() - flight.executive.started_ns
        if mode is Mode.HIBERNATE or up_ns < AWAKE_NS or any(name in self._rover.ever_dead for name in RECEIVING):
            return
        assert simulation.listening("local") or simulation.listening("relay"), f"deaf in {mode.name}"

    def _sent(self, item: Sent) -> None:
        tm = item.tm
        kind = (tm.apid, tm.service, tm.subtype << 8 | (tm.data[0] if tm.data else 0))
        if kind not in self._kinds:  # the readable decoder takes its time: once of each kind
            self._kinds[kind] = None
            try:
                decode_tm(item.raw)
            except PacketError as error:
                self._note(False, f"TM[{tm.service},{tm.subtype}]: {error}")
        key = (tm.apid, tm.sequence_count)
        life, raw = self._counts.get(key, (-LIVES_PER_ROUND, b""))
        self._note(raw == item.raw or item.life - life >= LIVES_PER_ROUND, f"count {key} came again")
        self._counts[key] = (item.life, item.raw)
