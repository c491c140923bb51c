"""The scenario's telecommands: sent at their time, or when the one they wait for was verified to its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ground.station import Station
from ground.verification import CommandRecord
from hal.api.clock import seconds
from sil.scenario import CommandSection
from sim_hal.clock import Rank, SimClock


class CommandPlan:
    """Keeps the record of each command by its place, its id and its name."""

    def __init__(self, station: Station, clock: SimClock, commands: Sequence[CommandSection]) -> None:
        self._station = station
        self._clock = clock
        self._commands = commands
        self._waiting: list[int] = []
        self.records: dict[int, CommandRecord] = {}
        self._by_id = {command.id: index for index, command in enumerate(commands) if command.id is not None}

    def schedule(self) -> None:
        """Put every command on the clock, those that wait for another on the list."""
        for index, command in enumerate(self._commands):
            if command.after is None:
                self._send_at(seconds(command.at_s + command.delay_s), index)
            else:
                self._waiting.append(index)

    def look(self) -> None:
        """Once a second: release those whose predecessor has completed."""
        for index in tuple(self._waiting):
            command = self._commands[index]
            before = self.records.get(self._by_id[command.after or ""])
            if before is not None and before.completed:
                self._waiting.remove(index)
                earliest_ns = self._clock.now_ns() + seconds(command.delay_s)
                self._send_at(max(earliest_ns, seconds(command.at_s)), index)

    def send(self, name: str, args: Mapping[str, object], radio: str) -> CommandRecord:
        """Send one telecommand now."""
        return self._station.send_command(name, args, self._clock.now_ns(), radio)

    def found(self, key: str) -> list[CommandRecord]:
        """Records of the command with this id, or of all with this name; commands never sent have none."""
        if key in self._by_id:
            record = self.records.get(self._by_id[key])
            return [] if record is None else [record]
        return [record for index, record in sorted(self.records.items()) if self._commands[index].name == key]

    def _send_at(self, t_ns: int, index: int) -> None:
        command = self._commands[index]

        def send() -> None:
            self.records[index] = self.send(command.name, command.args, command.radio)

        self._clock.at(t_ns, Rank.SCENARIO, send)
