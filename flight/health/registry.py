"""One record for each device: its errors, its power cycles, whether it is given up.  Counts; decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from flight.health.devices import FACTS, PAYLOADS, DeviceFacts
from hal.api.clock import NS_PER_S, Clock
from hal.api.errors import DeviceError, DeviceTimeout, DriverDefect, NotReady
from telemetry_defs.areas import health as area
from telemetry_defs.areas.health import DeviceFault, DeviceId, DeviceState

MOST_ERRORS: Final = 0xFFFE
"""Where the count stops: the largest number its field carries."""
MOST_DEFECTS: Final = 8
"""Places in one driver that are told of."""
WARM_NS: Final = 60 * NS_PER_S
"""`NotReady` is no fault of a device that has had power for less than this."""

Probe = Callable[[], object]


class DeviceRecord:
    """One device as flight has come to know it."""

    __slots__ = (
        "answers",
        "cycles_used",
        "cycling",
        "dead",
        "defects",
        "device",
        "errors",
        "errors_in_row",
        "facts",
        "failing",
        "failing_since_ns",
        "fault",
        "next_cycle_ns",
        "next_probe_ns",
        "probe",
    )

    def __init__(self, device: DeviceId) -> None:
        self.device = device
        self.facts: DeviceFacts = FACTS[device]
        self.probe: Probe | None = None
        """Asks the hardware itself; None: this rover does not carry the device."""
        self.errors = 0
        self.errors_in_row = 0
        """Since the last good answer or power cycle."""
        self.failing_since_ns: int | None = None
        """First error since the last good answer."""
        self.fault: DeviceFault | None = None
        """Kind of the newest error."""
        self.failing = False
        """It has been reported as failing."""
        self.defects: dict[str, str] = {}
        """What its driver raised that no driver may raise: type and place, and the first text; told ones are empty."""
        self.cycling = False
        self.cycles_used = 0
        self.next_cycle_ns = 0
        self.dead = False
        self.next_probe_ns = 0
        self.answers = 0
        """Good answers to probes in a row."""

    @property
    def state(self) -> DeviceState:
        """As telemetry has it."""
        if self.probe is None:
            return DeviceState.ABSENT
        if self.dead:
            return DeviceState.DEAD
        if self.cycling:
            return DeviceState.CYCLING
        return DeviceState.FAILING if self.failing else DeviceState.GOOD

    def answered(self) -> None:
        """It works: what came before is forgiven, but not forgotten in the count."""
        self.errors_in_row = 0
        self.failing_since_ns = None


class DeviceRegistry:
    """All devices.  It is there before the first row and outlives every row."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.records = {device: DeviceRecord(device) for device in DeviceId}
        self.powered_since_ns: dict[str, int] = {}
        """Lines that have power, and since when."""

    def failed(self, record: DeviceRecord, error: DeviceError) -> None:
        """One call ended in `error`."""
        now_ns = self.clock.now_ns()
        if isinstance(error, NotReady) and not self._must_be_ready(record.facts, now_ns):
            return
        record.errors = min(record.errors + 1, MOST_ERRORS)
        record.errors_in_row += 1
        record.fault = kind_of(error)
        if isinstance(error, DriverDefect) and len(record.defects) < MOST_DEFECTS:
            record.defects.setdefault(error.detail.partition(": ")[0], error.detail)
        if record.failing_since_ns is None:
            record.failing_since_ns = now_ns

    def _must_be_ready(self, facts: DeviceFacts, now_ns: int) -> bool:
        if facts.not_ready_is_ordinary:
            return False
        if facts.line is None:
            return True
        since_ns = self.powered_since_ns.get(facts.line)
        return since_ns is not None and now_ns - since_ns >= WARM_NS

    def has_defects(self) -> bool:
        """Whether a driver, but for those of payloads, has raised in this boot what no driver may raise."""
        return any(record.defects and record.facts.line not in PAYLOADS for record in self.records.values())

    def is_dead(self, name: str) -> bool:
        """Whether the device of this name is given up."""
        return self.records[DeviceId[name.upper()]].dead

    def restore(self, dead: list[int], power_cycles: Mapping[int, int]) -> None:
        """Take what an earlier boot kept; codes that stand for no device, or for one that may not die, are passed over.

        Args:
            dead: codes of the devices that are given up.
            power_cycles: used power cycles by code.
        """
        for record in self.records.values():
            record.dead = record.device in dead and not record.facts.critical
            record.cycles_used = power_cycles.get(record.device, 0)

    def kept_dead(self) -> list[int]:
        """For `restore` in the next boot."""
        return [int(record.device) for record in self.records.values() if record.dead]

    def kept_power_cycles(self) -> dict[int, int]:
        """For `restore` in the next boot."""
        return {int(record.device): record.cycles_used for record in self.records.values() if record.cycles_used}

    def housekeeping(self) -> area.HealthHk:
        """The packet `health.hk`."""
        records = self.records.values()
        return area.HealthHk(
            state=tuple(record.state for record in records),
            errors=tuple(record.errors for record in records),
            power_cycles=tuple(record.cycles_used for record in records),
        )


def kind_of(error: DeviceError) -> DeviceFault:
    """As telemetry has it."""
    if isinstance(error, DeviceTimeout):
        return DeviceFault.TIMEOUT
    if isinstance(error, DriverDefect):
        return DeviceFault.DEFECT
    return DeviceFault.NOT_READY if isinstance(error, NotReady) else DeviceFault.BAD_READING
