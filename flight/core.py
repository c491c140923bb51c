"""What all rows share for one boot: time, queues, parameters, modes.  Nothing here can fail by itself."""

from __future__ import annotations

from typing import Final

from flight.blackboard import Blackboard
from flight.boot import BootRecord
from flight.commanding.arming import Arming
from flight.commanding.checks import AcceptanceChecks
from flight.commanding.duplicates import DuplicateWindows
from flight.commanding.execution import Verification
from flight.commanding.onboard import OnboardCommands
from flight.commanding.path import CommandPath
from flight.context import Context
from flight.durable import Durable
from flight.health.registry import DeviceRegistry
from flight.loads import Loads
from flight.modes.guards import ModeFlags
from flight.modes.machine import ModeMachine
from flight.onboard_time import OnboardTime
from flight.parameters import ParameterStore
from flight.rover_file import RoverFile
from flight.telemetry.counters import SequenceCounters
from flight.telemetry.events import EventReporter
from flight.telemetry.outbox import Outbox
from hal.api.board import Hal
from telemetry_defs.codec import Codecs
from telemetry_defs.dictionary import Dictionary

HELD_ON: Final = ("radio_relay", "radio_local", "charge", "imu")
"""Loads that are wanted without anybody asking."""


class Core:
    """Built once a boot, before any row."""

    def __init__(
        self,
        hal: Hal,
        devices: DeviceRegistry,
        dictionary: Dictionary,
        boot: BootRecord,
        rover: RoverFile,
    ) -> None:
        """`devices` watches those of `hal`."""
        self.hal = hal
        self.devices = devices
        devices.restore(boot.image.dead_devices, boot.image.power_cycles)
        self.clock = hal.clock
        self.dictionary = dictionary
        self.boot = boot
        self.codecs = Codecs()
        self.time = OnboardTime(hal.clock, hal.rtc, boot.image.gps_ns)
        self.counters = SequenceCounters((area.apid for area in dictionary.areas), boot.image.counters)
        self.outbox = Outbox(self.time, self.counters)
        self.events = EventReporter(hal.clock, self.outbox, dictionary, self.codecs)
        if hal.process is not None:
            self.events.journal = hal.process.journal
        kept = boot.image
        self.parameters = ParameterStore(
            dictionary, kept.parameters, kept.previous_parameters, defaults=rover.parameter_defaults()
        )
        self.board = Blackboard()
        self.flags = ModeFlags(can_hibernate=hal.power_controller is not None, boot_loop=boot.image.boot_loop)
        self.flags.safe_held = boot.image.safe_held
        self.modes = ModeMachine(
            board=self.board, parameters=self.parameters, clock=hal.clock, events=self.events, flags=self.flags
        )
        self.context = Context(
            clock=hal.clock, events=self.events, parameters=self.parameters, modes=self.modes, board=self.board
        )
        self.loads = Loads(tuple(rover.power.loads), HELD_ON)
        self.durable = Durable(hal.storage, hal.clock)
        arming = Arming(self.parameters, self.events)
        duplicates = DuplicateWindows(boot.image.duplicates)
        self.path = CommandPath(
            checks=AcceptanceChecks(
                dictionary=dictionary,
                codecs=self.codecs,
                modes=self.modes,
                arming=arming,
                duplicates=duplicates,
                parameters=self.parameters,
            ),
            duplicates=duplicates,
            arming=arming,
            verification=Verification(self.outbox, self.codecs),
            events=self.events,
        )
        self.onboard = OnboardCommands(self.path.queue, self.modes, self.path.checks, self.path.verification)
