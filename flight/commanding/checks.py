"""Acceptance: every check a telecommand must pass, in order, each with the code that says which one failed."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from flight.commanding.arming import Arming
from flight.commanding.duplicates import DuplicateWindows
from flight.commanding.refusal import Refusal
from flight.commanding.rules import Rule, parameter_rules
from flight.context import Modes
from flight.parameters import ParameterStore
from telemetry_defs.areas import system, timeline
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import COMMAND_SERVICE, COMMAND_SUBTYPE, Command, FailureCode
from telemetry_defs.dictionary import Dictionary
from telemetry_defs.packets import PacketError, PacketErrorCode, Tc, parse_tc
from telemetry_defs.ranges import check_ranges
from telemetry_defs.wire import RangeError

NOT_LATER: Final = (system.ARM, timeline.INSERT)
"""Arming works on reception; an insertion inside an insertion has no end."""
_ORDINARY: Final = Rule()


class Checked(msgspec.Struct, frozen=True):
    """A telecommand that passed: its definition and decoded arguments."""

    command: Command
    arguments: Any
    arm_code: int
    """What must have been armed, 0 for an ordinary command."""


class LastingChecks:
    """What does not depend on the moment: APID, service, length, range, rules; the ground makes these too.

    Attributes:
        rules: what single commands need besides, by command name.
    """

    def __init__(self, dictionary: Dictionary, codecs: Codecs, parameters: ParameterStore) -> None:
        self._codecs = codecs
        self._apids = frozenset(area.apid for area in dictionary.areas)
        self._services = {
            (command.service, command.subtype, command.function_id): (command, area.apid)
            for area in dictionary.areas
            for command in area.commands
        }
        self.rules: dict[str, Rule] = {**parameter_rules(parameters), timeline.INSERT.name: _Insertion(self)}

    def decode(self, apid: int, service: int, subtype: int, data: bytes) -> tuple[Command, Any]:
        """The command and its decoded arguments.  Raises `Refusal`."""
        command, data = self._find(apid, service, subtype, data)
        return command, self._arguments(command, data)

    def decode_packet(self, packet: bytes) -> tuple[Command, Any]:
        """The same of a whole telecommand packet that is to run later.  Raises `Refusal`."""
        try:
            tc = parse_tc(packet)
        except PacketError as error:
            code = FailureCode.BAD_LENGTH if error.code is PacketErrorCode.LENGTH else FailureCode.RANGE
            raise Refusal(code, len(packet)) from None
        command, data = self._find(tc.apid, tc.service, tc.subtype, tc.data)
        if command in NOT_LATER:
            raise Refusal(FailureCode.BAD_SERVICE, tc.service << 8 | tc.subtype)
        return command, self._arguments(command, data)

    def hazard(self, command: Command, arguments: Any) -> int:
        """What must be armed before this command may run, 0 for nothing."""
        return self.rules.get(command.name, _ORDINARY).hazard(command, arguments)

    def later_hazard(self, command: Command, arguments: Any) -> int:
        """The same for a command that will run at another time."""
        return self.rules.get(command.name, _ORDINARY).later_hazard(command, arguments)

    def _find(self, apid: int, service: int, subtype: int, data: bytes) -> tuple[Command, bytes]:
        if apid not in self._apids:
            raise Refusal(FailureCode.BAD_APID, apid)
        function_id = None
        if service == COMMAND_SERVICE and subtype == COMMAND_SUBTYPE:
            if len(data) < 2:
                raise Refusal(FailureCode.BAD_LENGTH, len(data))
            function_id, data = int.from_bytes(data[:2], "big"), data[2:]
        found = self._services.get((service, subtype, function_id))
        if found is None:
            code = FailureCode.BAD_SERVICE if function_id is None else FailureCode.UNKNOWN_FUNCTION
            raise Refusal(code, service << 8 | subtype if function_id is None else function_id)
        command, command_apid = found
        if command_apid != apid:
            raise Refusal(FailureCode.BAD_APID, apid)
        return command, data

    def _arguments(self, command: Command, data: bytes) -> Any:
        try:
            arguments = self._codecs.of(command.cls).unpack(data)
        except PacketError:
            raise Refusal(FailureCode.BAD_LENGTH, len(data)) from None
        except RangeError:
            raise Refusal(FailureCode.RANGE) from None
        if check_ranges(arguments) is not None:
            raise Refusal(FailureCode.RANGE)
        rule = self.rules.get(command.name)
        if rule is not None:
            rule.check(arguments)
        return arguments


class AcceptanceChecks(LastingChecks):
    """Those and duplicate, mode, arming; the queue slot is the receive row's last check."""

    def __init__(
        self,
        *,
        dictionary: Dictionary,
        codecs: Codecs,
        modes: Modes,
        arming: Arming,
        duplicates: DuplicateWindows,
        parameters: ParameterStore,
    ) -> None:
        super().__init__(dictionary, codecs, parameters)
        self._modes = modes
        self._arming = arming
        self._duplicates = duplicates

    def check(self, tc: Tc, now_ns: int) -> Checked:
        """The decoded telecommand.  Raises `Refusal`."""
        command, data = self._find(tc.apid, tc.service, tc.subtype, tc.data)
        if self._duplicates.seen(tc.source_id, tc.apid, tc.sequence_count):
            raise Refusal(FailureCode.DUPLICATE, tc.sequence_count)
        arguments = self._arguments(command, data)
        return Checked(command, arguments, self.admit(command, arguments, now_ns))

    def admit(self, command: Command, arguments: Any, now_ns: int) -> int:
        """What does: mode and arming.  Returns the arm code that was needed, 0 for none.  Raises `Refusal`."""
        if not command.allowed_in(self._modes.mode):
            raise Refusal(FailureCode.MODE, self._modes.mode)
        arm_code = self.hazard(command, arguments)
        if arm_code and not self._arming.is_armed(arm_code, now_ns):
            raise Refusal(FailureCode.NOT_ARMED, arm_code)
        return arm_code


class _Insertion(Rule):
    """The telecommand inside must pass what does not depend on the moment, and is armed now if it is hazardous."""

    def __init__(self, checks: LastingChecks) -> None:
        self._checks = checks

    def check(self, arguments: timeline.Insert) -> None:
        self._checks.decode_packet(arguments.telecommand)

    def hazard(self, command: Command, arguments: timeline.Insert) -> int:
        return self._checks.later_hazard(*self._checks.decode_packet(arguments.telecommand))
