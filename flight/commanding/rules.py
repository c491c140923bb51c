"""What single commands ask of their arguments beyond length and range, and what must be armed for them.

Most commands need no rule.  A service with commands that do brings a `Rule` for each and enters it into
`AcceptanceChecks.rules` by the command's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flight.commanding.refusal import Refusal
from flight.parameters import ParameterStore
from telemetry_defs.areas import system
from telemetry_defs.definitions import Command, FailureCode


class Rule:
    """The rule of an ordinary command: nothing to check, armed if it was declared hazardous."""

    def check(self, arguments: Any) -> None:
        """Look at decoded arguments of legal range.  Raises `Refusal`."""

    def hazard(self, command: Command, arguments: Any) -> int:
        """What must be armed before the command may run now, 0 for nothing."""
        del arguments
        return command.arm_code or 0 if command.hazardous else 0

    def later_hazard(self, command: Command, arguments: Any) -> int:
        """The same for one that will run at another time, when what depends on the moment may be otherwise."""
        return self.hazard(command, arguments)


class StageParameter(Rule):
    """A staged value must only fit its own range: its neighbours are looked at when all are activated."""

    def __init__(self, parameters: ParameterStore) -> None:
        self._parameters = parameters

    def check(self, arguments: system.SetParameter) -> None:
        parameter = self._parameters.find(arguments.parameter_id)
        if parameter is None:
            raise Refusal(FailureCode.UNKNOWN_ID, arguments.parameter_id)
        if parameter.problem(arguments.value) is not None:
            raise Refusal(FailureCode.RANGE, arguments.parameter_id)


class SetParameter(StageParameter):
    """A value that is set at once must fit its neighbours too; a protection limit is armed by its own code."""

    def check(self, arguments: system.SetParameter) -> None:
        super().check(arguments)
        parameter = self._parameters.find(arguments.parameter_id)
        if parameter is None or self._parameters.problem(parameter, arguments.value) is not None:
            raise Refusal(FailureCode.RANGE, arguments.parameter_id)

    def hazard(self, command: Command, arguments: system.SetParameter) -> int:
        parameter = self._parameters.find(arguments.parameter_id)
        return parameter.arm_code if parameter is not None and parameter.hazardous else 0


class ActivateParameters(Rule):
    """Armed if a protection limit is staged; who knows what will be staged later."""

    def __init__(self, parameters: ParameterStore) -> None:
        self._parameters = parameters

    def hazard(self, command: Command, arguments: Any) -> int:
        return system.PARAMETER_SET_ARM_CODE if self._parameters.staged_hazard() else 0

    def later_hazard(self, command: Command, arguments: Any) -> int:
        return system.PARAMETER_SET_ARM_CODE


class RollBackParameters(Rule):
    """Armed if going back to the set before moves a protection limit."""

    def __init__(self, parameters: ParameterStore) -> None:
        self._parameters = parameters

    def hazard(self, command: Command, arguments: system.RollBack) -> int:
        moves = self._goes_back(arguments) and self._parameters.roll_back_hazard()
        return system.PARAMETER_SET_ARM_CODE if moves else 0

    def later_hazard(self, command: Command, arguments: system.RollBack) -> int:
        return system.PARAMETER_SET_ARM_CODE if self._goes_back(arguments) else 0

    @staticmethod
    def _goes_back(arguments: system.RollBack) -> bool:
        return arguments.to is system.RollBackTo.PREVIOUS


def parameter_rules(parameters: ParameterStore) -> Mapping[str, Rule]:
    """Those of PUS service 20."""
    return {
        system.SET_PARAMETER.name: SetParameter(parameters),
        system.STAGE_PARAMETER.name: StageParameter(parameters),
        system.ACTIVATE_PARAMETERS.name: ActivateParameters(parameters),
        system.ROLL_BACK_PARAMETERS.name: RollBackParameters(parameters),
    }
