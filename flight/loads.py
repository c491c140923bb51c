"""Who wants which load: subsystems ask, ground has the last word, recovery may cut it for a moment, power grants.

Subsystems call `request` and look at `is_on`; nobody but the power subsystem touches the switches.  The object
outlives a rebuilt row, so a restarted subsystem finds the requests of the others as they were.
"""

from __future__ import annotations

from typing import Protocol


class LoadRequests(Protocol):
    """What a subsystem may ask of power."""

    def request(self, name: str, on: bool) -> None:
        """Ask for a load or give it back."""
        ...

    def is_on(self, name: str) -> bool:
        """Whether it has power, as the switch was last read back."""
        ...


class Loads:
    """Requests and states of the named load switches.

    `held_on` names the loads that are wanted without anybody asking (receivers, the charge switch), if there are such.
    """

    def __init__(self, names: tuple[str, ...], held_on: tuple[str, ...] = ()) -> None:
        self.names = names
        self._requested = {name: name in held_on for name in names}
        self._ground: dict[str, bool | None] = dict.fromkeys(names)
        self._cut = dict.fromkeys(names, False)
        self._on = dict.fromkeys(names, False)

    def request(self, name: str, on: bool) -> None:
        """Ask for a load or give it back.  Granted within a second, unless it is shed or ground keeps it off.

        Raises:
            KeyError: there is no such load on this rover.
        """
        if name not in self._requested:
            raise KeyError(f"no load named {name}")
        self._requested[name] = on

    def is_on(self, name: str) -> bool:
        """The switch as power last read it back; False when it could not be read."""
        return self._on[name]

    def wanted(self, name: str) -> bool:
        """Whether the load should be on if power can afford it."""
        ground = self._ground[name]
        return not self._cut[name] and (self._requested[name] if ground is None else ground)

    def forbidden(self, name: str) -> bool:
        """Whether ground keeps the load off."""
        return self._ground[name] is False

    def order(self, name: str, on: bool | None) -> None:
        """Ground's word: True asks for it, False keeps it off, None leaves it to its subsystem."""
        self._ground[name] = on

    def cut(self, name: str, off: bool) -> None:
        """Recovery holds the load off for a moment, whoever wants it; False gives it back."""
        self._cut[name] = off

    def note(self, name: str, on: bool) -> None:
        """Power reports the state read back."""
        self._on[name] = on
