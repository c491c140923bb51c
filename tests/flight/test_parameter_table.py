"""Parameters as a table: what is staged becomes active as a whole or not at all, and the active set is always legal."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, strategies as st

from flight.commanding.arming import Arming
from flight.commanding.checks import AcceptanceChecks
from flight.commanding.completion import complete
from flight.commanding.duplicates import DuplicateWindows
from flight.commanding.parameter_services import ParameterServices
from flight.commanding.refusal import Refusal
from flight.durable import Durable
from flight.parameter_rules import ORDERS, broken_orders
from flight.parameters import ParameterStore
from ground.parameters import ParameterDump
from telemetry_defs.areas import system, thermal
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import Command, FailureCode, Mode, Parameter
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.formats.decode import decode_tm
from tests.fakes.context import CapturedEvents, FakeClock, FakeExecution, FakeModes, make_outbox
from tests.fakes.storage import FakeStorage

LADDER = ORDERS[0].rungs
DEFAULTS = {item.parameter_id: item.default for item in DICTIONARY.parameters}


class TableBench:
    """The services with real checks before them and a state image that may or may not be written."""

    def __init__(self, store: ParameterStore | None = None) -> None:
        self.clock, self.storage, self.events = FakeClock(), FakeStorage(), CapturedEvents()
        self.store = store or ParameterStore(DICTIONARY, {})
        self.durable = Durable(self.storage, self.clock)
        self.outbox = make_outbox(self.clock)
        self.codecs = Codecs()
        self.storage_full = False
        self.arming = Arming(self.store, self.events)
        self.checks = AcceptanceChecks(
            dictionary=DICTIONARY,
            codecs=self.codecs,
            modes=FakeModes(Mode.IDLE),
            arming=self.arming,
            duplicates=DuplicateWindows(),
            parameters=self.store,
        )
        self.handlers = ParameterServices(self.store, self.outbox, self.codecs, self.events).handlers()

    def _save(self) -> int | None:
        return None if self.storage_full else self.storage.replace("state", b"x")

    def give(self, command: Command, arguments: msgspec.Struct | None = None, *, arm: bool = True) -> FakeExecution:
        """Check, arm what needs it, run, and let storage sync."""
        execution = FakeExecution()
        data = b"" if arguments is None else self.codecs.pack(arguments)
        try:
            _, decoded = self.checks.decode(system.AREA.apid, command.service, command.subtype, data)
            if arm and (code := self.checks.hazard(command, decoded)):
                self.arming.arm(code, self.clock.now_ns())
            self.checks.admit(command, decoded, self.clock.now_ns())
        except Refusal as refusal:
            execution.fail(refusal.code, refusal.detail)
            return execution
        self.arming.disarm()
        self.handlers[command.name](decoded, execution)
        if not execution.ended:
            complete(command, execution, self.durable, self._save)
        self.durable.tick(self.clock.advance_s(0.1))
        return execution

    def stage(self, parameter: Parameter, value: float) -> FakeExecution:
        arguments = system.SetParameter(parameter_id=parameter.parameter_id, value=value)
        return self.give(system.STAGE_PARAMETER, arguments)

    def values(self) -> dict[int, float]:
        return {item.parameter_id: self.store.get(item) for item in DICTIONARY.parameters}


def assert_legal(values: dict[int, float]) -> None:
    assert broken_orders(values) == []
    for item in DICTIONARY.parameters:
        assert item.problem(values[item.parameter_id]) is None


def _drawn_value(parameter: Parameter) -> st.SearchStrategy[tuple[Parameter, float]]:
    low, high = parameter.low, parameter.high
    values = st.integers(int(low), int(high)).map(float) if parameter.integer else st.floats(low, high)
    return values.map(lambda value: (parameter, value))


ORDERED = [rung for order in ORDERS for rung in order.rungs]
CHANGES = st.lists(st.sampled_from([*ORDERED, *DICTIONARY.parameters]).flatmap(_drawn_value), min_size=1, max_size=12)


def test_the_defaults_keep_every_order_and_no_parameter_stands_in_two() -> None:
    """So that falling back to defaults, order by order, ends in a legal set."""
    assert_legal(DEFAULTS)
    assert len({rung.parameter_id for rung in ORDERED}) == len(ORDERED)


@given(CHANGES, st.booleans())
def test_activation_is_all_or_nothing(changes: list[tuple[Parameter, float]], validate: bool) -> None:
    """Legal as a whole: every staged value is active.  Else: none is, and the stage is as it was."""
    bench = TableBench()
    for parameter, value in changes:
        bench.stage(parameter, value)
    before = bench.values()
    wanted = before | {parameter.parameter_id: value for parameter, value in changes}
    staged = dict(bench.store.staged)
    legal = not broken_orders(wanted)
    if validate:
        assert (bench.give(system.VALIDATE_PARAMETERS).failure is None) == legal
        assert bench.values() == before
    execution = bench.give(system.ACTIVATE_PARAMETERS)
    assert execution.completed == legal
    if legal:
        assert bench.values() == wanted
        assert bench.store.staged == {}
    else:
        assert execution.failure is FailureCode.RANGE
        assert execution.detail in staged
        assert bench.values() == before
        assert bench.store.staged == staged
    assert_legal(bench.values())


@given(st.lists(st.tuples(CHANGES, st.sampled_from(("activate", "set", "back", "forget"))), max_size=6))
def test_the_active_set_is_always_legal_and_one_step_back_is_exact(
    steps: list[tuple[list[tuple[Parameter, float]], str]],
) -> None:
    """Whatever ground does, in whatever order; undoing twice is doing again."""
    bench = TableBench()
    last = None
    for changes, what in steps:
        before = bench.values()
        for parameter, value in changes:
            if what == "set":
                at_once = bench.values()
                arguments = system.SetParameter(parameter_id=parameter.parameter_id, value=value)
                bench.give(system.SET_PARAMETER, arguments)
                last = at_once if bench.values() != at_once else last
            else:
                bench.stage(parameter, value)
        if what == "activate":
            bench.give(system.ACTIVATE_PARAMETERS)
        elif what == "forget":
            bench.give(system.ROLL_BACK_PARAMETERS, system.RollBack(to=system.RollBackTo.ACTIVE))
            assert bench.store.staged == {}
            assert bench.values() == before
        elif what == "back":
            execution = bench.give(system.ROLL_BACK_PARAMETERS, system.RollBack(to=system.RollBackTo.PREVIOUS))
            assert (execution.failure is FailureCode.PRECONDITION) == (last is None)
            assert bench.values() == (before if last is None else last)
        if what != "set" and bench.values() != before:
            last = before
        assert_legal(bench.values())


def test_two_rungs_of_the_ladder_move_past_each_other_only_together() -> None:
    """One by one each would break the order; staged, both change at once."""
    bench = TableBench()
    drive_end, drive = system.DRIVE_END_SOC, system.DRIVE_SOC
    alone = system.SetParameter(parameter_id=drive_end.parameter_id, value=0.70)
    assert bench.give(system.SET_PARAMETER, alone).failure is FailureCode.RANGE
    bench.stage(drive_end, 0.70)
    failed = bench.give(system.VALIDATE_PARAMETERS)
    assert (failed.failure, failed.detail) == (FailureCode.RANGE, drive_end.parameter_id)
    bench.stage(drive, 0.80)
    assert bench.give(system.VALIDATE_PARAMETERS).failure is None
    assert bench.give(system.ACTIVATE_PARAMETERS).completed
    assert (bench.store.get(drive_end), bench.store.get(drive)) == (0.70, 0.80)
    assert bench.events.of(system.PARAMETERS_ACTIVATED) == [
        system.ParametersActivated(changed=2, crc32=bench.store.crc)
    ]
    assert bench.events.count(system.PARAMETER_CHANGED) == 2


def test_activation_is_armed_only_when_a_protection_limit_moves() -> None:
    """By the code of the whole set; the same for going back."""
    bench = TableBench()
    bench.stage(system.MOTION_IDLE_S, 30.0)
    assert bench.give(system.ACTIVATE_PARAMETERS, arm=False).completed
    bench.stage(system.SAFE_SOC, 0.35)
    assert bench.give(system.ACTIVATE_PARAMETERS, arm=False).failure is FailureCode.NOT_ARMED
    assert bench.give(system.ACTIVATE_PARAMETERS).completed
    back = system.RollBack(to=system.RollBackTo.PREVIOUS)
    assert bench.give(system.ROLL_BACK_PARAMETERS, back, arm=False).failure is FailureCode.NOT_ARMED
    assert bench.give(system.ROLL_BACK_PARAMETERS, back).completed
    assert bench.store.get(system.SAFE_SOC) == system.SAFE_SOC.default
    assert bench.store.get(system.MOTION_IDLE_S) == 30.0


@pytest.mark.parametrize(
    ("give", "code"),
    [
        (lambda b: b.stage(system.SAFE_SOC, 0.99), FailureCode.RANGE),
        (lambda b: b.stage(system.ROW_STRIKES, 2.5), FailureCode.RANGE),
        (
            lambda b: b.give(system.STAGE_PARAMETER, system.SetParameter(parameter_id=0x7FFE, value=1.0)),
            FailureCode.UNKNOWN_ID,
        ),
        (lambda b: b.give(system.VALIDATE_PARAMETERS), FailureCode.PRECONDITION),
        (lambda b: b.give(system.ACTIVATE_PARAMETERS), FailureCode.PRECONDITION),
    ],
)
def test_what_cannot_be_is_refused(give: Callable[[TableBench], FakeExecution], code: FailureCode) -> None:
    """A value that no set can hold, an unknown parameter, an empty stage."""
    assert give(TableBench()).failure is code


def test_a_change_completes_when_it_is_durable_and_fails_when_it_cannot_be() -> None:
    """It is in force at once; STORAGE says that a restart will undo it."""
    bench = TableBench()
    bench.storage.never_syncs = True
    arguments = system.SetParameter(parameter_id=system.MOTION_IDLE_S.parameter_id, value=30.0)
    waits = bench.give(system.SET_PARAMETER, arguments)
    assert waits.started
    assert not waits.ended
    bench.durable.tick(bench.clock.advance_s(11.0))
    assert waits.failure is FailureCode.STORAGE
    bench.storage_full = True
    bench.stage(system.MOTION_IDLE_S, 40.0)
    assert bench.give(system.ACTIVATE_PARAMETERS).failure is FailureCode.STORAGE
    assert bench.store.get(system.MOTION_IDLE_S) == 40.0


@given(CHANGES)
def test_the_dump_is_what_is_active_under_its_checksum(changes: list[tuple[Parameter, float]]) -> None:
    """Ground puts it together again; equal sets have equal checksums."""
    bench = TableBench()
    for parameter, value in changes:
        bench.stage(parameter, value)
    bench.give(system.ACTIVATE_PARAMETERS)
    while bench.outbox.take():
        pass
    bench.give(system.DUMP_PARAMETERS)
    dump = ParameterDump()
    done = [dump.add(decode_tm(packet)) for packet in iter(bench.outbox.take, None)]
    assert done[-1]
    assert dump.values() == bench.values()
    assert dump.crc32 == bench.store.crc
    assert ParameterStore(DICTIONARY, bench.store.changed()).crc == bench.store.crc


@given(st.dictionaries(st.sampled_from(sorted(DEFAULTS)), st.floats(), max_size=12))
def test_what_was_kept_is_taken_over_only_as_far_as_it_is_legal(kept: dict[int, float]) -> None:
    """A damaged or older image makes no illegal set, neither the active one nor the one before."""
    bench = TableBench(ParameterStore(DICTIONARY, kept, kept))
    assert_legal(bench.values())
    bench.give(system.ROLL_BACK_PARAMETERS, system.RollBack(to=system.RollBackTo.PREVIOUS))
    assert_legal(bench.values())


def test_active_and_previous_sets_survive_a_restart() -> None:
    """By what differs from the defaults; what was staged does not."""
    bench = TableBench()
    bench.stage(thermal.KEEP_OFF_C, 4.0)
    bench.give(system.ACTIVATE_PARAMETERS)
    bench.stage(thermal.KEEP_OFF_C, 6.0)
    bench.give(system.ACTIVATE_PARAMETERS)
    bench.stage(thermal.KEEP_OFF_C, 8.0)
    again = TableBench(ParameterStore(DICTIONARY, bench.store.changed(), bench.store.previous()))
    assert again.store.get(thermal.KEEP_OFF_C) == 6.0
    assert again.store.staged == {}
    again.give(system.ROLL_BACK_PARAMETERS, system.RollBack(to=system.RollBackTo.PREVIOUS))
    assert again.store.get(thermal.KEEP_OFF_C) == 4.0
