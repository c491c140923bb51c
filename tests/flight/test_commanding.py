"""The command path: every check with its code, arming, duplicates, STOP, hostile bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import pytest
from hypothesis import given, strategies as st

from flight.commanding.arming import Arming
from flight.commanding.checks import AcceptanceChecks
from flight.commanding.commands import Commands
from flight.commanding.duplicates import MAX_SOURCES, WINDOW, DuplicateWindows
from flight.commanding.execution import Verification
from flight.commanding.onboard import OnboardCommands
from flight.commanding.path import CommandPath
from flight.commanding.queue import SLOTS
from flight.commanding.receive import MAX_BYTES, MAX_COMMANDS, Receive
from flight.commanding.refusal import Refusal
from flight.context import Execution, Handler
from flight.durable import Durable
from flight.parameters import ParameterStore
from hal.api.errors import DeviceError
from telemetry_defs.areas import system
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import FailureCode, Mode, NoArguments
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.framing import encode_frame
from telemetry_defs.packets import build_tc, parse_tc, parse_tm
from tests.fakes.context import Bench, make_outbox
from tests.fakes.storage import FakeStorage


class Pipe:
    """The receiving half of a radio."""

    def __init__(self) -> None:
        self.waiting = b""

    def receive(self, max_bytes: int) -> bytes:
        taken, self.waiting = self.waiting[:max_bytes], self.waiting[max_bytes:]
        return taken


class CommandBench:
    """The whole path from radio bytes to handlers, with real parts all through."""

    def __init__(self, mode: Mode = Mode.IDLE) -> None:
        self.bench = Bench(mode)
        self.codecs = Codecs()
        self.outbox = make_outbox(self.bench.clock)
        self.parameters = ParameterStore(DICTIONARY, {})
        self.arming = Arming(self.parameters, self.bench.events)
        self.duplicates = DuplicateWindows()
        self.pipe = Pipe()
        self.stops: list[int] = []
        self.ran: list[str] = []
        self.sequence = iter(range(1_000_000))
        checks = AcceptanceChecks(
            dictionary=DICTIONARY,
            codecs=self.codecs,
            modes=self.bench.modes,
            arming=self.arming,
            duplicates=self.duplicates,
            parameters=self.parameters,
        )
        path = CommandPath(
            checks=checks,
            duplicates=self.duplicates,
            arming=self.arming,
            verification=Verification(self.outbox, self.codecs),
            events=self.bench.events,
        )
        self.queue, self.counters = path.queue, path.received
        self.receive = Receive(
            radios={"local": self.pipe},  # type: ignore[dict-item]  # the receiving half is all that is used
            path=path,
            stop_now=self.stops.append,
            heard=lambda now_ns, radio: None,
        )
        self.onboard = OnboardCommands(self.queue, self.bench.modes, checks, path.verification)
        self.storage = FakeStorage()
        self.commands = Commands(
            queue=self.queue,
            handlers=self,
            run_in_row=self._run,
            durable=Durable(self.storage, self.bench.clock),
            save=self._save,
        )

    def _save(self) -> int | None:
        try:
            ticket = self.storage.replace("state", b"")
            self.storage.request_sync()
        except DeviceError:
            return None
        return ticket

    def find(self, command_name: str) -> tuple[str, Handler] | None:
        def handler(arguments: msgspec.Struct, execution: Execution) -> None:
            self.ran.append(command_name)

        return "commands", handler

    def _run(self, row: str, action: object) -> bool:
        action()  # type: ignore[operator]  # always a function here
        return True

    def packet(self, name: str, arguments: msgspec.Struct | None = None, **changes: int) -> bytes:
        area, command = next((a, c) for a in DICTIONARY.areas for c in a.commands if c.name == name)
        data = b"" if arguments is None else self.codecs.pack(arguments)
        if command.function_id is not None:
            data = command.function_id.to_bytes(2, "big") + data
        return build_tc(
            apid=changes.get("apid", area.apid),
            service=changes.get("service", command.service),
            subtype=changes.get("subtype", command.subtype),
            sequence_count=changes.get("sequence", next(self.sequence)),
            source_id=changes.get("source", 1),
            data=data,
        )

    def send(self, *packets: bytes) -> None:
        self.pipe.waiting += b"".join(map(encode_frame, packets))

    def cycle(self) -> None:
        now_ns = self.bench.clock.advance_s(0.1)
        self.receive.tick(now_ns)
        self.commands.tick(now_ns)

    def reports(self) -> Iterator[tuple[int, int, bytes]]:
        while packet := self.outbox.take():
            tm = parse_tm(packet)
            yield tm.service, tm.subtype, tm.data

    def refusals(self) -> list[FailureCode]:
        return [
            FailureCode(int.from_bytes(data[4:6], "big"))
            for service, sub, data in self.reports()
            if (service, sub) == (1, 2)
        ]


def refused(stand: CommandBench, make: Callable[[CommandBench], bytes]) -> FailureCode:
    """Send the packet that `make` gives and return the single refusal it earns."""
    stand.send(make(stand))
    stand.cycle()
    codes = stand.refusals()
    assert len(codes) == 1
    assert stand.ran == []
    return codes[0]


def test_an_ordinary_command_is_accepted_started_and_completed() -> None:
    """Acceptance, start and completion carry the first four bytes of the telecommand."""
    stand = CommandBench()
    packet = stand.packet("system.set_mode", system.SetMode(mode=Mode.CHARGE))

    stand.send(packet)
    stand.cycle()

    assert list(stand.reports()) == [(1, 1, packet[:4]), (1, 3, packet[:4]), (1, 7, packet[:4])]
    assert stand.ran == ["system.set_mode"]


def kept_command(stand: CommandBench, cycles: int) -> list[tuple[int, int]]:
    stand.send(stand.packet("system.hold_safe", system.HoldSafe(hold=True)))
    for _ in range(cycles):
        stand.cycle()
    return [(service, subtype) for service, subtype, _ in stand.reports()]


def test_a_kept_command_completes_once_it_survives_a_power_cut() -> None:
    stand = CommandBench()
    stand.storage.never_syncs = True
    assert kept_command(stand, 5) == [(1, 1), (1, 3)]

    stand.storage.never_syncs = False
    stand.storage.request_sync()
    stand.cycle()
    assert [(service, subtype) for service, subtype, _ in stand.reports()] == [(1, 7)]


@pytest.mark.parametrize("how", ["broken", "full", "never_syncs"])
def test_a_kept_command_that_is_not_kept_has_failed(how: str) -> None:
    """At once, or when the sync has not come for too long."""
    stand = CommandBench()
    setattr(stand.storage, how, True)
    assert kept_command(stand, 400) == [(1, 1), (1, 3), (1, 8)]


def test_each_failing_check_has_its_code() -> None:
    """One packet per check; none of them runs."""
    assert refused(CommandBench(), lambda s: s.packet("system.ping", apid=0x1FF)) is FailureCode.BAD_APID
    assert refused(CommandBench(), lambda s: s.packet("system.ping", apid=0x101)) is FailureCode.BAD_APID
    assert refused(CommandBench(), lambda s: s.packet("system.ping", subtype=99)) is FailureCode.BAD_SERVICE
    unknown = build_tc(0x100, 8, 1, 5, 1, b"\x7f\x7f")
    assert refused(CommandBench(), lambda s: unknown) is FailureCode.UNKNOWN_FUNCTION
    assert refused(CommandBench(), lambda s: build_tc(0x100, 8, 1, 5, 1, b"\x01")) is FailureCode.BAD_LENGTH
    assert refused(CommandBench(), lambda s: build_tc(0x100, 8, 1, 5, 1, b"\x01\x02")) is FailureCode.BAD_LENGTH
    assert refused(CommandBench(), lambda s: build_tc(0x100, 8, 1, 5, 1, b"\x01\x02\xee")) is FailureCode.RANGE
    assert refused(CommandBench(Mode.SAFE), drive) is FailureCode.MODE
    assert refused(CommandBench(), lambda s: s.packet("system.restart")) is FailureCode.NOT_ARMED


def drive(stand: CommandBench) -> bytes:
    """A harmless motion command."""
    from telemetry_defs.areas import mobility

    arguments = mobility.DriveToArguments(x_m=1.0, y_m=0.0, speed_m_s=0.03, timeout_s=60.0)
    return stand.packet("mobility.drive_to", arguments)


def test_a_repeated_command_is_refused_as_duplicate_and_runs_once() -> None:
    """The same source, APID and count a second time is a replay."""
    stand = CommandBench()
    packet = stand.packet("system.ping")

    stand.send(packet, packet)
    stand.cycle()

    assert stand.refusals() == [FailureCode.DUPLICATE]
    assert stand.ran == ["system.ping"]


def test_a_hazardous_command_runs_once_after_its_arm_command() -> None:
    """Arming names the command, lasts for the window and is used up by it."""
    stand = CommandBench()
    arm = system.Arm(target=system.RESTART.function_id or 0)

    stand.send(stand.packet("system.arm", arm), stand.packet("system.restart"), stand.packet("system.restart"))
    stand.cycle()

    assert stand.refusals() == [FailureCode.NOT_ARMED]
    assert stand.ran == ["system.arm", "system.restart"]


def test_before_a_restart_nothing_more_is_accepted() -> None:
    """The next boot would not know it as a duplicate; ground is told to send it again."""
    stand = CommandBench()
    stand.queue.closed = True

    assert refused(stand, lambda s: s.packet("system.ping")) is FailureCode.QUEUE_FULL


def test_arming_expires_and_names_one_command_only() -> None:
    """After the window, and for another command, the refusal is NOT_ARMED."""
    late = CommandBench()
    late.send(late.packet("system.arm", system.Arm(target=system.RESTART.function_id or 0)))
    late.cycle()
    late.bench.clock.advance_s(31.0)
    late.ran.clear()
    assert refused(late, lambda s: s.packet("system.restart")) is FailureCode.NOT_ARMED
    assert late.bench.events.count(system.ARM_EXPIRED) == 1

    other = CommandBench()
    other.send(other.packet("system.arm", system.Arm(target=0x0401)))
    other.cycle()
    other.ran.clear()
    assert refused(other, lambda s: s.packet("system.restart")) is FailureCode.NOT_ARMED


def test_a_protection_limit_needs_arming_by_its_own_code() -> None:
    """SET_PARAMETER is ordinary, except for parameters that are marked hazardous; ranges and order are checked."""
    limit = system.SetParameter(parameter_id=system.SAFE_SOC.parameter_id, value=0.35)
    assert refused(CommandBench(), lambda s: s.packet("system.set_parameter", limit)) is FailureCode.NOT_ARMED

    stand = CommandBench()
    stand.send(
        stand.packet("system.arm", system.Arm(target=system.SAFE_SOC.arm_code)),
        stand.packet("system.set_parameter", limit),
    )
    stand.cycle()
    assert stand.ran == ["system.arm", "system.set_parameter"]

    wild = system.SetParameter(parameter_id=system.SAFE_SOC.parameter_id, value=0.99)
    assert refused(CommandBench(), lambda s: s.packet("system.set_parameter", wild)) is FailureCode.RANGE
    disorder = system.SetParameter(parameter_id=system.SAFE_SOC.parameter_id, value=0.55)
    assert refused(CommandBench(), lambda s: s.packet("system.set_parameter", disorder)) is FailureCode.RANGE
    unknown = system.SetParameter(parameter_id=0x7FFE, value=1.0)
    assert refused(CommandBench(), lambda s: s.packet("system.set_parameter", unknown)) is FailureCode.UNKNOWN_ID


def test_a_full_queue_refuses_and_loses_nothing_accepted() -> None:
    """With the commands row down the queue fills; the surplus gets QUEUE_FULL, the accepted ones run later."""
    stand = CommandBench()
    stand.send(*(stand.packet("system.ping") for _ in range(SLOTS + 5)))
    for _ in range(4):
        stand.receive.tick(stand.bench.clock.advance_s(0.1))
    assert stand.refusals() == [FailureCode.QUEUE_FULL] * 5

    for _ in range(3):
        stand.commands.tick(stand.bench.clock.advance_s(0.1))
    assert len(stand.ran) == SLOTS


def test_stop_overtakes_the_queue_in_every_mode() -> None:
    """Behind more packets than a cycle takes, STOP still acts in the cycle that receives it, even repeated."""
    for mode in Mode:
        stand = CommandBench(mode)
        stop = stand.packet("system.stop")
        stand.send(*(stand.packet("system.ping") for _ in range(3 * MAX_COMMANDS)), stop, stop)
        stand.cycle()
        assert len(stand.stops) == 2
        assert len(stand.ran) == MAX_COMMANDS


def test_bad_frames_and_packets_are_counted_without_a_report() -> None:
    """There is no request to name, so there is no PUS report; a throttled event and a counter tell."""
    stand = CommandBench()
    good = stand.packet("system.ping")
    broken = good[:-1] + bytes((good[-1] ^ 1,))

    stand.send(broken, good[:9], good)
    stand.pipe.waiting += b"\x05garbage\x00" + bytes(range(1, 256)) * 9 + b"\x00"
    for _ in range(3):
        stand.cycle()

    assert stand.ran == ["system.ping"]
    assert stand.counters.bad_packets == 4
    assert stand.refusals() == []
    assert stand.bench.events.count(system.BAD_PACKETS) >= 1


@given(st.lists(st.binary(max_size=400), max_size=20))
def test_no_bytes_whatever_make_the_receive_row_raise_or_run(chunks: list[bytes]) -> None:
    """Hostile bytes are counted; afterwards an ordinary command works."""
    stand = CommandBench()
    for chunk in chunks:
        stand.pipe.waiting += chunk
        stand.cycle()
    assert stand.ran == []

    stand.pipe.waiting += b"\x00"
    stand.send(stand.packet("system.ping"))
    stand.cycle()
    assert stand.ran == ["system.ping"]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 200)), max_size=400))
def test_duplicate_windows_remember_the_last_64_of_each_source_and_stay_bounded(keys: list[tuple[int, int]]) -> None:
    """Against the plain definition of the window; kept windows restore to the same answers."""
    windows = DuplicateWindows()
    model: dict[int, list[int]] = {}
    for source, count in keys:
        windows.add(source, 0x100, count)
        model[source] = [*model.pop(source, []), count][-WINDOW:]
        while len(model) > MAX_SOURCES:
            del model[next(iter(model))]

    restored = DuplicateWindows(windows.kept())
    for source, count in keys:
        expected = count in model.get(source, [])
        assert windows.seen(source, 0x100, count) is restored.seen(source, 0x100, count) is expected
    assert len(windows.kept()) <= MAX_SOURCES


def test_a_refusal_names_what_was_wrong() -> None:
    """`detail` helps the operator: here the mode that forbade the command."""
    stand = CommandBench(Mode.SAFE)
    with pytest.raises(Refusal) as caught:
        AcceptanceChecks(
            dictionary=DICTIONARY,
            codecs=stand.codecs,
            modes=stand.bench.modes,
            arming=stand.arming,
            duplicates=stand.duplicates,
            parameters=stand.parameters,
        ).check(parse_tc(drive(stand)), 0)
    assert (caught.value.code, caught.value.detail) == (FailureCode.MODE, Mode.SAFE)


def test_stop_acts_in_its_cycle_behind_any_backlog() -> None:
    """Bytes are taken on whatever waits: behind 4 kB of pings, the next cycle finds STOP; the surplus is refused."""
    stand = CommandBench()
    stand.send(*(stand.packet("system.ping") for _ in range(600)), stand.packet("system.stop"))
    cycles = -(-len(stand.pipe.waiting) // MAX_BYTES)

    for _ in range(cycles):
        assert stand.stops == []
        stand.cycle()

    assert len(stand.stops) == 1
    assert stand.bench.events.count(system.QUEUE_FULL) >= 1
    for _ in range(10):
        stand.cycle()
    accepted, rejected = stand.counters.accepted, stand.counters.rejected
    assert accepted + rejected == 601
    assert len(stand.ran) == accepted - 1
    assert 0 < stand.refusals().count(FailureCode.QUEUE_FULL) <= cycles * MAX_COMMANDS


def test_a_command_of_flight_itself_takes_the_same_queue_and_answers_its_giver() -> None:
    """Completion and failure go to whoever gave it, not to ground."""
    rover = CommandBench()
    answers: list[FailureCode | None] = []
    assert rover.onboard.submit(system.PING, NoArguments(), answers.append) is None
    assert len(rover.queue) == 1
    rover.commands.tick(0)
    assert rover.ran == ["system.ping"]
    assert answers == [None]
    assert rover.outbox.waiting() == 0


def test_a_command_of_flight_itself_is_refused_in_the_wrong_mode_and_when_the_queue_is_full() -> None:
    """A refusal comes at once, and nobody is called later."""
    rover = CommandBench(Mode.SAFE)
    illegal = next(c for c in DICTIONARY.commands if c.modes is not None and Mode.SAFE not in c.modes)
    answers: list[FailureCode | None] = []
    assert rover.onboard.submit(illegal, None, answers.append) is FailureCode.MODE
    for _ in range(SLOTS):
        assert rover.onboard.submit(system.PING, NoArguments(), answers.append) is None
    assert rover.onboard.submit(system.PING, NoArguments(), answers.append) is FailureCode.QUEUE_FULL
    assert answers == []


def test_a_stored_telecommand_is_verified_under_its_own_request() -> None:
    """Released later, it reports acceptance, start and completion like one that has just come."""
    rover = CommandBench()
    tc = parse_tc(rover.packet("system.ping"))
    assert rover.onboard.submit_tc(tc) is None
    rover.commands.tick(0)
    kinds = []
    while packet := rover.outbox.take():
        kinds.append((parse_tm(packet).service, parse_tm(packet).subtype))
    assert kinds == [(1, 1), (1, 3), (1, 7)]
