"""What survives a restart, gathered from its owners; an owner that is down keeps the value it had."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

import msgspec

from flight.boot import SETTLED_S
from flight.core import Core
from flight.executive import Executive
from flight.state_image import StateImage
from flight.subsystem import Subsystem
from flight.subsystems.comms import Comms
from flight.subsystems.mobility import Mobility
from flight.subsystems.power import Power
from hal.api.clock import seconds
from telemetry_defs.definitions import Mode

S = TypeVar("S", bound=Subsystem)
NOT_KEPT: Final = (Mode.INIT,)
"""A reset during INIT must come back to the mode before it."""


class KeptState:
    """Builds the next state image from the one before."""

    def __init__(
        self, core: Core, executive: Callable[[], Executive], subsystem: Callable[[str], Subsystem | None]
    ) -> None:
        self._core = core
        self._executive = executive
        self._subsystem = subsystem
        self._image = core.boot.image

    @property
    def image(self) -> StateImage:
        """The last image built; a rebuilt subsystem takes its state from here."""
        return self._image

    def chain_broken(self, now_ns: int) -> bool:
        """Whether this boot has lasted while the image still counts short ones: time to write that down."""
        return self._settled(now_ns) and bool(self._image.short_boots or self._image.crashes)

    def _settled(self, now_ns: int) -> bool:
        return now_ns - self._executive().started_ns >= seconds(SETTLED_S)

    def build(self, now_ns: int) -> StateImage:
        """The state as it is now."""
        core = self._core
        left_loop = self._image.boot_loop and not core.flags.boot_loop
        settled = self._settled(now_ns)
        image = msgspec.structs.replace(
            self._image,
            mode=self._image.mode if core.modes.mode in NOT_KEPT else core.modes.mode,
            gps_ns=core.time.gps_ns(),
            boot_loop=core.flags.boot_loop,
            short_boots=0 if settled or left_loop else self._image.short_boots,
            crashes=0 if settled else self._image.crashes,
            parameters=core.parameters.changed(),
            previous_parameters=core.parameters.previous(),
            duplicates=core.path.duplicates.kept(),
            counters=core.counters.reserved(),
            safe_held=core.flags.safe_held,
            dead_devices=core.devices.kept_dead(),
            power_cycles=core.devices.kept_power_cycles(),
        )
        self._image = self._with_subsystems(image)
        return self._image

    def _with_subsystems(self, image: StateImage) -> StateImage:
        power = self._find("power", Power)
        if power is not None:
            image = msgspec.structs.replace(image, soc=power.soc)
        comms = self._find("comms", Comms)
        if comms is not None:
            image = msgspec.structs.replace(
                image, command_loss_age_s=comms.command_loss_age_s, relay_windows=comms.relay_windows
            )
        mobility = self._find("mobility", Mobility)
        if mobility is not None:
            image = msgspec.structs.replace(image, motion=mobility.kept())
        return image

    def _find(self, name: str, kind: type[S]) -> S | None:
        subsystem = self._subsystem(name)
        return subsystem if isinstance(subsystem, kind) else None
