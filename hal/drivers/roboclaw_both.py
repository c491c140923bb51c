"""Reading both channels of a unit: with one request, or for good with two where the unit is silent to the one.

Whether a RoboClaw 2x7A of some firmware knows the common requests (78, 79) is not documented.
"""

from __future__ import annotations

from collections.abc import Callable

from hal.api.errors import DeviceTimeout


class Habit:
    """What was found out at any unit; the others of a rover are likely of the same kind."""

    __slots__ = ("apart",)

    def __init__(self) -> None:
        self.apart = False
        """Some unit answers only to two requests."""


class Both:
    """One pair of values of one unit: `together` asks for both, `alone` for that of a channel."""

    __slots__ = ("_alone", "_habit", "_known", "_together")

    def __init__(self, together: Callable[[], tuple[int, int]], alone: Callable[[int], int], habit: Habit) -> None:
        self._together = together
        self._alone = alone
        self._habit = habit
        self._known: bool | None = None
        """Whether the unit gives both at once; None until it has shown."""

    @property
    def known(self) -> bool:
        """Whether it has been found out."""
        return self._known is not None

    def forget(self) -> None:
        """Find out again, at all units."""
        self._known = None
        self._habit.apart = False

    def read(self) -> tuple[int, int]:
        """Both values; silence to the common request counts only if the single ones are answered."""
        if self._known is None and self._habit.apart:
            self._known = False
        if self._known is not False:
            try:
                both = self._together()
            except DeviceTimeout:
                if self._known:
                    raise
            else:
                self._known = True
                return both
        both = self._alone(0), self._alone(1)
        self._known = False
        self._habit.apart = True
        return both
