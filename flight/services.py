"""The on-board services of one boot: what each keeps outlives its row, and here they find each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flight.context import Handler
from flight.core import Core
from flight.executive import Executive
from flight.rover_file import RoverFile
from flight.schedule import Row
from flight.state_keeper import StateKeeper
from flight.store.packet_store import PacketStore
from flight.store.services import StoreServices
from flight.telemetry.housekeeping import Provider
from telemetry_defs.areas import store as store_area


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
        self.store = PacketStore(
            core.hal.storage, core.events, rover.store.capacity_bytes, lambda: keeper().counts_reserved()
        )
        core.outbox.recorder = self.store

    def handlers(self) -> Mapping[str, Handler]:
        """Handlers of all services by command name."""
        core = self._core
        return {**StoreServices(self.store, core.outbox, core.codecs).handlers()}

    def providers(self) -> Mapping[str, Provider]:
        """Builders of the services' housekeeping by structure name."""
        return {store_area.HK.name: self.store.housekeeping}

    # Rows: what they keep lies in the services, so a rebuilt row is the same object again.

    def store_row(self) -> Row:
        """The packet store."""
        return self.store
