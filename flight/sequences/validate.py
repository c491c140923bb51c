"""The one judgement of a sequence, as a whole and before it runs: on the ground, when it is loaded, when it starts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final, NamedTuple, Protocol

import msgspec

from flight.commanding.refusal import Refusal
from flight.sequences.mode_walk import MOTIONS, ModeWalk, Order
from flight.sequences.record import CommandStep, Sequence, WaitStep, encode
from telemetry_defs.areas import mobility, sequences, system, timeline
from telemetry_defs.areas.sequences import MAX_BYTES
from telemetry_defs.checks import DictionaryError
from telemetry_defs.definitions import Command, FailureCode, Mode
from telemetry_defs.dictionary import Dictionary
from telemetry_defs.points import find_field
from telemetry_defs.ranges import number_text, wire_range
from telemetry_defs.wire import Field, enum_members

FORBIDDEN: Final = (system.ARM, timeline.INSERT, sequences.LOAD, sequences.START)
"""Arming vouches for a whole load; and a sequence that brings others up or starts them cannot be judged whole."""
STOPS: Final = (mobility.HALT, system.STOP)


class Problem(NamedTuple):
    """Why a sequence is refused; `step` counts from 1, 0 is the sequence as a whole."""

    step: int
    text: str

    def __str__(self) -> str:
        return f"step {self.step}: {self.text}" if self.step else self.text


class Checks(Protocol):
    """What a command must pass that does not depend on the moment."""

    def decode(self, apid: int, service: int, subtype: int, data: bytes) -> tuple[Command, Any]:
        """The command and its arguments.  Raises `Refusal`."""
        ...

    def later_hazard(self, command: Command, arguments: Any) -> int:
        """What must be armed for it, 0 for nothing."""
        ...


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it; the orders are whole only if there is no problem."""

    problems: tuple[Problem, ...]
    orders: tuple[Order | None, ...]
    """One for each step, None for a wait."""
    abort_orders: tuple[Order | None, ...]
    modes: tuple[tuple[Mode, ...], ...]
    """Those that the rover can be in when each step is due."""
    hazardous: bool
    """Whether a load must be armed."""

    @property
    def moves(self) -> bool:
        """Whether it turns wheels."""
        return _moves(self.orders)


def review(sequence: Sequence, checks: Checks, dictionary: Dictionary, *, armed: bool) -> Review:
    """Judge a sequence; `armed` says that somebody has vouched for its hazardous commands."""
    problems = list(_of_the_whole(sequence))
    orders = [_order(step, number, checks, problems) for number, step in enumerate(sequence.steps, 1)]
    abort_orders = [_abort_order(step, number, checks, problems) for number, step in enumerate(sequence.abort_steps, 1)]
    for number, step in enumerate(sequence.steps, 1):
        if isinstance(step, WaitStep):
            problems.extend(Problem(number, text) for text in _of_a_wait(step, dictionary))
    problems.extend(_of_times(sequence))
    hazards = [(number, order) for number, order in enumerate(orders, 1) if order and checks.later_hazard(*order)]
    hazards += [(0, order) for order in abort_orders if order and checks.later_hazard(*order)]
    if not armed:
        problems.extend(
            Problem(n, f"{order.command.name} is hazardous: the load must be armed") for n, order in hazards
        )
    if _moves(orders) and not any(order is not None and order.command in STOPS for order in abort_orders):
        problems.append(Problem(0, "it moves the rover, so an abort step must be mobility.stop"))
    modes = _walked(sequence, orders, problems)
    return Review(
        problems=tuple(sorted(problems)),
        orders=tuple(orders),
        abort_orders=tuple(abort_orders),
        modes=modes,
        hazardous=bool(hazards),
    )


def _moves(orders: list[Order | None] | tuple[Order | None, ...]) -> bool:
    return any(order is not None and order.command in MOTIONS for order in orders)


def _of_the_whole(sequence: Sequence) -> Iterator[Problem]:
    size = len(encode(sequence))
    if size > MAX_BYTES:
        yield Problem(0, f"{size} bytes compiled, at most {MAX_BYTES}")
    if not sequence.modes:
        yield Problem(0, "there is no mode that it may start in")
    start_s, stop_s = sequence.valid_from_gps_s, sequence.valid_until_gps_s
    if start_s is not None and stop_s is not None and start_s >= stop_s:
        yield Problem(0, "its validity ends before it begins")


def _of_times(sequence: Sequence) -> Iterator[Problem]:
    """Times must not fall, save behind a wait, and their sum must fit the longest run."""
    last_ms = total_ms = 0
    for number, step in enumerate(sequence.steps, 1):
        if isinstance(step, WaitStep):
            total_ms += last_ms
            last_ms = 0
        elif step.at_ms < last_ms:
            yield Problem(number, f"at {step.at_ms / 1000:g} s comes after a step at {last_ms / 1000:g} s")
        else:
            last_ms = step.at_ms
    total_ms += last_ms
    if total_ms >= sequence.max_run_ms:
        least, most = total_ms / 1000, sequence.max_run_ms / 1000
        yield Problem(0, f"it takes {least:g} s at least, which its longest run of {most:g} s does not leave room for")


def _order(step: CommandStep | WaitStep, number: int, checks: Checks, problems: list[Problem]) -> Order | None:
    if isinstance(step, WaitStep):
        return None
    order = _decoded(step, checks)
    if isinstance(order, str):
        problems.append(Problem(number, order))
        return None
    return order


def _abort_order(step: CommandStep, number: int, checks: Checks, problems: list[Problem]) -> Order | None:
    order = _decoded(step, checks)
    if isinstance(order, str):
        problems.append(Problem(0, f"abort step {number}: {order}"))
        return None
    command, arguments = order
    if command is system.SET_MODE and arguments.mode is not Mode.SAFE:
        problems.append(Problem(0, f"abort step {number}: may ask for SAFE and no other mode"))
    if command in MOTIONS:
        problems.append(Problem(0, f"abort step {number}: {command.name} moves the rover"))
    return order


def _decoded(step: CommandStep, checks: Checks) -> Order | str:
    """The order, or what is wrong with it."""
    try:
        order = Order(*checks.decode(step.apid, step.service, step.subtype, step.data))
    except Refusal as refusal:
        what = f"TC[{step.service},{step.subtype}] to APID {step.apid:#x}"
        if refusal.code is FailureCode.UNKNOWN_FUNCTION and refusal.detail is not None:
            what = f"function {round(refusal.detail):#06x}"
        return f"{what} is no legal command here: {refusal.code.name}"
    if order.command in FORBIDDEN:
        return f"{order.command.name} may not stand in a sequence"
    return order


def _of_a_wait(step: WaitStep, dictionary: Dictionary) -> Iterator[str]:
    try:
        field = find_field(step.point, dictionary)
    except DictionaryError as error:
        yield f"there is no such value: {error}"
        return
    limits = [limit for limit in (step.low, step.high) if limit is not None]
    if not limits:
        yield f"{field.name} has neither least nor greatest value to wait for"
    elif not all(map(math.isfinite, limits)):
        yield f"{field.name} is compared with a number that is not finite"
    elif not _can_be_met(step, field):
        low, high = ("" if limit is None else number_text(limit) for limit in (step.low, step.high))
        yield f"{field.name} can never be within {low}..{high}"
    if step.timeout_ms == 0:
        yield "a wait needs a timeout"


def _can_be_met(step: WaitStep, field: Field) -> bool:
    """Whether the field can carry a value that ends the wait."""
    if step.low is not None and step.high is not None and step.low > step.high:
        return False
    if field.base is bool or field.is_enum:
        return any(step.is_met_by(value) for value in ((0, 1) if field.base is bool else enum_members(field)))
    least, most = wire_range(field)
    return (step.low is None or step.low <= most) and (step.high is None or step.high >= least)


def _walked(sequence: Sequence, orders: list[Order | None], problems: list[Problem]) -> tuple[tuple[Mode, ...], ...]:
    walk = ModeWalk(sequence.modes)
    modes = []
    for number, order in enumerate(orders, 1):
        modes.append(walk.modes)
        problem = walk.take(order)
        if problem is not None:
            problems.append(Problem(number, problem))
    return tuple(modes)
