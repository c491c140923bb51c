"""Several faults at a time on one line, bus or chip, each switched by itself; a healthy one is not slowed down."""

from __future__ import annotations

from typing import Protocol, TypeVar

from sim_hal.buses.i2c import I2cWires, ReadFault
from sim_hal.buses.serial import ReplyFault

T = TypeVar("T")


class Replies(Protocol):
    """A line, or a chip that answers on one.

    Attributes:
        fault: what befalls its replies.
    """

    fault: ReplyFault | None


class ReplyChain:
    """Faults of replies, in the order in which they began."""

    def __init__(self, faults: tuple[ReplyFault, ...]) -> None:
        self.faults = faults

    def __call__(self, data: bytes, delay_ns: int) -> list[tuple[bytes, int]]:
        pieces = [(data, delay_ns)]
        for fault in self.faults:
            pieces = [after for piece in pieces for after in fault(*piece)]
        return pieces


class ReadChain:
    """Faults of what is read on a bus, in the order in which they began."""

    def __init__(self, faults: tuple[ReadFault, ...]) -> None:
        self.faults = faults

    def __call__(self, address: int, read: bytes) -> bytes | None:
        seen: bytes | None = read
        for fault in self.faults:
            if seen is not None:
                seen = fault(address, seen)
        return seen


def switch_reply(owner: Replies, fault: ReplyFault, on: bool) -> None:
    """Put `fault` behind those in force, or take it out."""
    now = owner.fault
    rest = now.faults if isinstance(now, ReplyChain) else () if now is None else (now,)
    rest = switch_part(rest, fault, on)
    owner.fault = ReplyChain(rest) if rest else None


def switch_read(wires: I2cWires, fault: ReadFault, on: bool) -> None:
    """Put `fault` behind those in force, or take it out."""
    now = wires.fault
    rest = now.faults if isinstance(now, ReadChain) else () if now is None else (now,)
    rest = switch_part(rest, fault, on)
    wires.fault = ReadChain(rest) if rest else None


def switch_part(parts: tuple[T, ...], part: T, on: bool) -> tuple[T, ...]:
    """`parts` with `part` at the end, or without it."""
    rest = tuple(item for item in parts if item is not part)
    return (*rest, part) if on else rest
