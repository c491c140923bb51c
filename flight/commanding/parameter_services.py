"""Handlers of PUS service 20: parameters one by one, and as a table that is staged, checked and activated whole.

A change completes once it survives a power cut (`commanding/completion.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from flight.context import EventSink, Execution, Handler
from flight.parameters import Change, ParameterStore
from flight.telemetry.outbox import Outbox, Priority
from telemetry_defs.areas import system
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import FailureCode, NoArguments
from telemetry_defs.parameter_set import split_set
from telemetry_defs.reports import (
    PARAMETER_DUMP_SUBTYPE,
    PARAMETER_REPORT_SUBTYPE,
    PARAMETER_SERVICE,
    ParameterPart,
    pack_parameter_report,
)


class ParameterServices:
    """What ground can ask of the parameters."""

    def __init__(
        self,
        parameters: ParameterStore,
        outbox: Outbox,
        codecs: Codecs,
        events: EventSink,
    ) -> None:
        self._parameters = parameters
        self._outbox = outbox
        self._codecs = codecs
        self._events = events

    def handlers(self) -> Mapping[str, Handler]:
        """By command name."""
        return {
            system.REPORT_PARAMETER.name: self._report,
            system.SET_PARAMETER.name: self._set,
            system.STAGE_PARAMETER.name: self._stage,
            system.VALIDATE_PARAMETERS.name: self._validate,
            system.ACTIVATE_PARAMETERS.name: self._activate,
            system.ROLL_BACK_PARAMETERS.name: self._roll_back,
            system.DUMP_PARAMETERS.name: self._dump,
        }

    def _report(self, arguments: system.ParameterId, execution: Execution) -> None:
        parameter = self._parameters.find(arguments.parameter_id)
        if parameter is None:
            execution.fail(FailureCode.UNKNOWN_ID, arguments.parameter_id)
            return
        body = pack_parameter_report([(parameter.parameter_id, self._parameters.get(parameter))])
        self._put(PARAMETER_REPORT_SUBTYPE, body)

    def _set(self, arguments: system.SetParameter, execution: Execution) -> None:
        parameter = self._parameters.find(arguments.parameter_id)
        if parameter is None or self._parameters.problem(parameter, arguments.value):
            execution.fail(FailureCode.UNKNOWN_ID if parameter is None else FailureCode.RANGE, arguments.parameter_id)
            return
        old = self._parameters.set(parameter, arguments.value)
        self._announce([Change(parameter.parameter_id, old, arguments.value)])

    def _stage(self, arguments: system.SetParameter, execution: Execution) -> None:
        parameter = self._parameters.find(arguments.parameter_id)
        if parameter is None or parameter.problem(arguments.value):
            execution.fail(FailureCode.UNKNOWN_ID if parameter is None else FailureCode.RANGE, arguments.parameter_id)
            return
        self._parameters.stage(parameter, arguments.value)

    def _validate(self, arguments: NoArguments, execution: Execution) -> None:
        self._staged_is_good(execution)

    def _activate(self, arguments: NoArguments, execution: Execution) -> None:
        if self._staged_is_good(execution):
            self._changed(self._parameters.activate())

    def _roll_back(self, arguments: system.RollBack, execution: Execution) -> None:
        if arguments.to is system.RollBackTo.ACTIVE:
            self._parameters.staged.clear()
        elif not self._parameters.has_previous:
            execution.fail(FailureCode.PRECONDITION)
        else:
            self._parameters.staged.clear()
            self._changed(self._parameters.roll_back())

    def _dump(self, arguments: NoArguments, execution: Execution) -> None:
        parts = split_set(self._parameters.packed())
        for index, data in enumerate(parts):
            part = ParameterPart(index=index, total=len(parts), crc32=self._parameters.crc, data=data)
            self._put(PARAMETER_DUMP_SUBTYPE, self._codecs.pack(part))

    def _staged_is_good(self, execution: Execution) -> bool:
        if not self._parameters.staged:
            execution.fail(FailureCode.PRECONDITION)
            return False
        at_fault = self._parameters.staged_problem()
        if at_fault is not None:
            execution.fail(FailureCode.RANGE, at_fault)
        return at_fault is None

    def _changed(self, changes: list[Change]) -> None:
        self._announce(changes)
        activated = system.ParametersActivated(changed=len(changes), crc32=self._parameters.crc)
        self._events.emit(system.PARAMETERS_ACTIVATED, activated)

    def _announce(self, changes: list[Change]) -> None:
        for number, old, new in changes:
            self._events.emit(system.PARAMETER_CHANGED, system.ParameterChanged(parameter_id=number, old=old, new=new))

    def _put(self, subtype: int, data: bytes) -> None:
        self._outbox.put(Priority.REPORT, system.AREA.apid, PARAMETER_SERVICE, subtype, data)
