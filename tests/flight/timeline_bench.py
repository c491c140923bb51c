"""A timeline on a disk that loses power, with real checks, queue, arming and verification around it."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from flight.commanding.arming import Arming
from flight.commanding.checks import AcceptanceChecks
from flight.commanding.commands import Commands
from flight.commanding.duplicates import DuplicateWindows
from flight.commanding.execution import Verification
from flight.commanding.onboard import OnboardCommands
from flight.commanding.queue import CommandQueue
from flight.commanding.refusal import Refusal
from flight.context import Execution, Handler
from flight.durable import Durable
from flight.onboard_time import OnboardTime
from flight.parameters import ParameterStore
from flight.telemetry.counters import SequenceCounters
from flight.telemetry.outbox import Outbox
from flight.timeline.kept import timeline_file
from flight.timeline.services import TimelineServices
from flight.timeline.timeline import Timeline
from hal.api.clock import NS_PER_S
from hal.api.errors import BadReading, DeviceTimeout
from sim_hal.clock import SimClock
from sim_hal.disk import Disk, DiskStorage
from sim_hal.noise import Noise
from sim_hal.plug import Plug
from telemetry_defs.areas import system, timeline as area
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import Command, FailureCode, Mode
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.packets import build_tc, parse_tm
from tests.fakes.context import CapturedEvents, FakeExecution, FakeModes

CYCLE_NS = NS_PER_S // 10
START_GPS_NS = 1_568_937_618 * NS_PER_S
SOURCE = 7


class WorldRtc:
    """A clock that goes on through every outage, unless its battery is taken out."""

    def __init__(self, clock: SimClock) -> None:
        self._clock = clock
        self.offset_ns: int | None = START_GPS_NS

    def read_gps_ns(self) -> int:
        if self.offset_ns is None:
            raise BadReading("rtc", "lost power")
        return self._clock.now_ns() + self.offset_ns

    def set_gps_ns(self, gps_ns: int) -> None:
        self.offset_ns = gps_ns - self._clock.now_ns()


class BrokenStorage(DiskStorage):
    """A disk that can stop answering."""

    broken = False

    def replace(self, name: str, data: bytes) -> int:
        if self.broken:
            raise DeviceTimeout("storage", "no answer")
        return super().replace(name, data)


class Ran(NamedTuple):
    """One inner telecommand that reached its handler."""

    gps_ns: int
    tag: int


class TimelineBench:
    """`boot` builds flight's part; clock, disk and real-time clock stay."""

    def __init__(self, seed: int = 1) -> None:
        self.clock = SimClock()
        self.rtc = WorldRtc(self.clock)
        self.disk = Disk(self.clock, Noise(seed, "disk"))
        self.events = CapturedEvents()
        self.modes = FakeModes(Mode.IDLE)
        self.ran: list[Ran] = []
        self.boot()

    def boot(self) -> None:
        clock, codecs = self.clock, Codecs()
        self.storage = BrokenStorage(Plug(clock), self.disk)
        self.time = OnboardTime(clock, self.rtc, START_GPS_NS)
        self.parameters = ParameterStore(DICTIONARY, {})
        self.arming = Arming(self.parameters, self.events)
        counters = SequenceCounters((item.apid for item in DICTIONARY.areas), {})
        self.outbox = Outbox(self.time, counters)
        self.checks = AcceptanceChecks(
            dictionary=DICTIONARY,
            codecs=codecs,
            modes=self.modes,
            arming=self.arming,
            duplicates=DuplicateWindows(),
            parameters=self.parameters,
        )
        self.queue = CommandQueue()
        verification = Verification(self.outbox, codecs)
        durable = Durable(self.storage, clock)
        self.timeline = Timeline(
            file=timeline_file(self.storage),
            durable=durable,
            onboard=OnboardCommands(self.queue, self.modes, self.checks, verification),
            queue=self.queue,
            verification=verification,
            time=self.time,
            events=self.events,
            parameters=self.parameters,
        )
        self.handlers = TimelineServices(self.timeline, self.outbox, codecs).handlers()
        self.commands = Commands(queue=self.queue, handlers=self, run_in_row=self._run, durable=durable, save=lambda: 0)
        self.codecs = codecs

    def find(self, command_name: str) -> tuple[str, Handler]:
        """Inner telecommands carry their tag as a housekeeping structure."""

        def handler(arguments: msgspec.Struct, execution: Execution) -> None:
            self.ran.append(Ran(self.time.gps_ns(), getattr(arguments, "structure_id", -1)))

        return "commands", handler

    def _run(self, row: str, action: object) -> bool:
        action()  # type: ignore[operator]  # always a function here
        return True

    def cycles(self, count: int = 1) -> None:
        for _ in range(count):
            now_ns = self.clock.now_ns()
            self.commands.tick(now_ns)
            self.timeline.tick(now_ns)
            self.clock.sleep_until_ns(now_ns + CYCLE_NS)

    def run_s(self, duration_s: float) -> None:
        self.cycles(round(duration_s * 10))

    def restart(self, off_s: float = 0.0, *, cut: bool = True) -> None:
        """Power goes (`cut`) or flight restarts after a sync, and comes back."""
        if not cut:
            self.storage.request_sync()
            self.clock.sleep_until_ns(self.clock.now_ns() + CYCLE_NS)
        self.disk.cut()
        self.clock.sleep_until_ns(self.clock.now_ns() + round(off_s * NS_PER_S))
        self.boot()

    # What ground does.

    def inner(self, tag: int, command: Command = system.ENABLE_HK, arguments: msgspec.Struct | None = None) -> bytes:
        if command is system.ENABLE_HK:
            arguments = system.StructureId(structure_id=tag)
        data = b"" if arguments is None else self.codecs.pack(arguments)
        if command.function_id is not None:
            data = command.function_id.to_bytes(2, "big") + data
        apid = DICTIONARY.apid(command.name)
        return build_tc(apid, command.service, command.subtype, tag, SOURCE, data)

    def give(self, command: Command, arguments: msgspec.Struct | None = None) -> FakeExecution:
        """As after acceptance; static checks and arming included, and what they refuse is the failure."""
        execution = FakeExecution()
        data = b"" if arguments is None else self.codecs.pack(arguments)
        if command.function_id is not None:
            data = command.function_id.to_bytes(2, "big") + data
        try:
            found, decoded = self.checks.decode(area.AREA.apid, command.service, command.subtype, data)
            self.checks.admit(found, decoded, self.clock.now_ns())
        except Refusal as refusal:
            execution.fail(refusal.code, refusal.detail)
            return execution
        self.handlers[command.name](decoded, execution)
        return execution

    def insert(self, tag: int, in_s: float, packet: bytes | None = None) -> FakeExecution:
        release_s = self.time.gps_ns() / NS_PER_S + in_s
        return self.give(
            area.INSERT, area.Insert(release_gps_s=release_s, telecommand=self.inner(tag) if packet is None else packet)
        )

    def key(self, tag: int) -> area.RequestKey:
        return area.RequestKey(source_id=SOURCE, apid=system.AREA.apid, sequence_count=tag)

    def shift(self, tag: int, offset_s: float) -> FakeExecution:
        key = self.key(tag)
        return self.give(
            area.SHIFT,
            area.Shift(offset_s=offset_s, source_id=key.source_id, apid=key.apid, sequence_count=key.sequence_count),
        )

    # What comes down.

    def tags_ran(self) -> list[int]:
        return [item.tag for item in self.ran]

    def reports(self, service: int, subtype: int) -> list[bytes]:
        """The data of all reports of a kind; the others are dropped."""
        packets = iter(self.outbox.take, None)
        tms = [parse_tm(packet) for packet in packets]
        return [tm.data for tm in tms if (tm.service, tm.subtype) == (service, subtype)]

    def refusals(self) -> list[FailureCode]:
        return [FailureCode(int.from_bytes(data[4:6], "big")) for data in self.reports(1, 2)]


def waiting(timeline: Timeline) -> dict[int, int]:
    """Release time of each inner telecommand that waits, by its tag, in the order of release."""
    return {int.from_bytes(entry.packet[2:4], "big") & 0x3FFF: entry.release_ns for entry in timeline.entries}
