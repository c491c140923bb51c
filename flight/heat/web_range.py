"""Are the electronics in their working range?  Not knowing counts as both too hot and too cold."""

from __future__ import annotations

from typing import Final

from flight.context import Parameters
from flight.heat.sensors import SensorPanel
from telemetry_defs.areas import thermal as area
from telemetry_defs.areas.thermal import Sensor

EASE_K: Final = 5.0
"""A limit is over this far inside it."""


class WebRange:
    """Temperature of the electronics web, judged with hysteresis."""

    def __init__(self, panel: SensorPanel, parameters: Parameters) -> None:
        self._panel = panel
        self._parameters = parameters
        self.web_c: float | None = None
        self.too_hot = False
        self.too_cold = False

    def update(self) -> None:
        """Read the panel and judge.  The instruments sit on the web, so their sensor stands in for a masked one."""
        masked = self._panel.sensors[Sensor.WEB].masked
        self.web_c = self._panel.value_c(Sensor.INSTRUMENTS if masked else Sensor.WEB)
        if self.web_c is None:
            self.too_hot = self.too_cold = True
            return
        hot_c, cold_c = self._parameters.get(area.HOT_C), self._parameters.get(area.COLD_C)
        self.too_hot = self.web_c > hot_c - (EASE_K if self.too_hot else 0.0)
        self.too_cold = self.web_c < cold_c + (EASE_K if self.too_cold else 0.0)
