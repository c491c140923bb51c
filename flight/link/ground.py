"""What ground has fixed about the links, and the telecommands that fix it."""

from __future__ import annotations

from collections.abc import Mapping

from flight.context import Execution, Handler
from flight.link.windows import WindowTable
from hal.api.clock import NS_PER_S
from telemetry_defs.areas import comms as area
from telemetry_defs.areas.comms import RadioChoice, RadioName, RateChoice
from telemetry_defs.definitions import FailureCode


class GroundChoices:
    """Radio, rates, windows and beacon as ground wants them; everything AUTO after a boot."""

    def __init__(self) -> None:
        self.radio = RadioChoice.AUTO
        self.rates: dict[RadioName, RateChoice] = dict.fromkeys(RadioName, RateChoice.AUTO)
        self.windows = WindowTable()
        self.beacon_always = False

    def undo(self) -> None:
        """Give radio and rates back to the rover: what ground fixed may be why it is not heard."""
        self.radio = RadioChoice.AUTO
        self.rates = dict.fromkeys(RadioName, RateChoice.AUTO)

    def handlers(self) -> Mapping[str, Handler]:
        """Telecommands of the comms area."""
        return {
            area.SET_RATE.name: self._set_rate,
            area.SELECT_RADIO.name: self._select_radio,
            area.SET_WINDOW.name: self._set_window,
            area.CLEAR_WINDOWS.name: self._clear_windows,
            area.BEACON.name: self._set_beacon,
        }

    def _set_rate(self, arguments: area.SetRate, execution: Execution) -> None:
        del execution
        self.rates[arguments.radio] = arguments.rate

    def _select_radio(self, arguments: area.SelectRadio, execution: Execution) -> None:
        del execution
        self.radio = arguments.radio

    def _set_window(self, arguments: area.SetWindow, execution: Execution) -> None:
        if self.windows.full:
            execution.fail(FailureCode.LIMIT, len(self.windows))
        elif arguments.stop_gps_s <= arguments.start_gps_s:
            execution.fail(FailureCode.REFUSED, arguments.stop_gps_s)
        else:
            self.windows.add(arguments.start_gps_s * NS_PER_S, arguments.stop_gps_s * NS_PER_S)

    def _clear_windows(self, arguments: object, execution: Execution) -> None:
        del arguments, execution
        self.windows.clear()

    def _set_beacon(self, arguments: area.SetBeacon, execution: Execution) -> None:
        del execution
        self.beacon_always = arguments.on
