"""The on-board services of one boot: what each keeps outlives its row, and here they find each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flight.context import Handler
from flight.core import Core
from flight.executive import Executive
from flight.rover_file import RoverFile
from flight.state_keeper import StateKeeper
from flight.telemetry.housekeeping import Provider


class Services:
    """Built after the core, before any row; each service has its lines here and one factory for its row."""

    def __init__(
        self,
        core: Core,
        rover: RoverFile,
        *,
        executive: Callable[[], Executive],
        providers: Callable[[], Mapping[str, Provider]],
        keeper: Callable[[], StateKeeper],
    ) -> None:
        """`providers` gives every housekeeping structure by name, those of the subsystems too."""
        self._core = core
        self._rover = rover
        self._executive = executive
        self._providers = providers
        self._keeper = keeper

    def handlers(self) -> Mapping[str, Handler]:
        """Handlers of all services by command name."""
        return {}

    def providers(self) -> Mapping[str, Provider]:
        """Builders of the services' housekeeping by structure name."""
        return {}
