"""What is asked of an actuator or transmitter at a time: by a hold time, or by a chip that holds it in its own way."""

from __future__ import annotations

from typing import Protocol, TypeVar

T_co = TypeVar("T_co", covariant=True)


class Demand(Protocol[T_co]):
    """`hal.api.hold.Held` is one; a motor controller is another."""

    def at(self, now_ns: int) -> T_co:
        """The value in force."""
        ...

    def release(self) -> None:
        """The computer is gone."""
        ...
