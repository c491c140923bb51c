"""Each row of the wire layer in flight: believed by nobody, told by its event, over when it is over."""

from __future__ import annotations

from typing import Any, Final

import pytest

from sil.faults.families import families
from sil.faults.registry import REGISTRY
from tests.sil.faults.wire_bench import BEGIN_S, CYCLE_MS, END_S, STOP_S, end_of, flown, twin_events, worn

Case = tuple[str, str, str, float, dict[str, Any]]
"""Device, kind, why the motion ends (empty: it goes on), within how long, s, and parameters."""
MOTORS: Final = ("silent", "late", "stale_bytes", "truncated", "corrupt_crc", "noise", "baud_mismatch", "babble",
                 "unplugged")  # fmt: skip
BODY: Final = ("nak", "nak_sometimes", "stuck", "shorted", "truncated")
LEFT: Final = ("nak", "shorted")
UNIT: Final = ("silent", "corrupt_crc", "wrong_device", "driver_fault", "emergency_stop", "hot", "low_voltage")
CASES: Final[tuple[Case, ...]] = (
    *(("bus.motors", kind, "OUTPUT", 1.0, {}) for kind in MOTORS),
    *(("bus.imu", kind, "IMU", 3.0 if kind == "noise" else 1.5, {}) for kind in MOTORS),
    *(("bus.modem", kind, "", 0.0, {}) for kind in ("silent", "truncated", "baud_mismatch", "babble", "unplugged")),
    ("bus.modem", "corrupt_crc", "", 0.0, {"byte": 3}),
    ("bus.modem", "noise", "", 0.0, {"bit_error_rate": 0.003}),
    *(("bus.body", kind, "STEERING", 2.5, {}) for kind in BODY),
    ("bus.body", "late", "STEERING", 11.0, {"extra_ms": 20.0}),
    *(("bus.left", kind, "COLD", 11.0, {}) for kind in LEFT),
    ("bus.lines", "unplugged", "OUTPUT", 1.0, {}),
    ("gpio.load_motors", "stuck", "POWER", 3.0, {}),
    ("gpio.heater_battery", "stuck", "", 0.0, {"level": "high"}),
    *(("roboclaw.80", kind, "OUTPUT", 1.0, {}) for kind in UNIT),
    ("roboclaw.81", "wrong_device", "OUTPUT", 1.0, {"address": 0x80}),
    ("roboclaw.82", "brown_out", "", 0.0, {}),
    ("roboclaw.82", "brown_out", "OUTPUT", 1.0, {"off_s": 3.0}),
    ("roboclaw.80", "stuck_encoder", "STALL", 3.0, {}),
    ("chip.imu", "brown_out", "IMU", 1.5, {}),
    ("chip.imu", "config_mode", "", 0.0, {}),
    ("chip.imu", "stuck", "IMU", 4.0, {}),
    ("chip.imu", "system_error", "IMU", 2.5, {}),
    ("chip.imu", "wrong_device", "", 0.0, {}),
    *(("chip.steering", kind, "STEERING", 3.0, {}) for kind in ("silent", "brown_out")),
    ("chip.steering", "stuck", "STEERING", 32.0, {}),
    ("chip.modem", "brown_out", "", 0.0, {}),
    ("chip.modem", "command_mode", "", 0.0, {}),
    *(("chip.power_monitor", kind, "MODE", 12.0, {}) for kind in ("silent", "saturated", "stuck")),
    ("chip.power_monitor", "brown_out", "", 0.0, {}),
    *(("chip.array_left", kind, "", 0.0, {}) for kind in ("silent", "saturated", "stuck", "brown_out")),
    ("tmp117.motor_front_left", "silent", "COLD", 11.0, {}),
    ("tmp117.motor_front_left", "saturated", "COLD", 12.0, {"temperature_c": -55.0}),
    *(("tmp117.motor_front_left", kind, "", 0.0, {}) for kind in ("stuck", "brown_out")),
    ("bus.body", "clock_stretch_flaw", "", 0.0, {}),
    ("bus.body", "noise", "", 0.0, {}),
    ("bus.right", "late", "", 0.0, {}),
)
BELIEVED: Final = {
    ("chip.power_monitor", "stuck"),
    ("roboclaw.80", "stuck_encoder"),
    ("tmp117.motor_front_left", "saturated"),
    ("bus.body", "clock_stretch_flaw"),
    ("bus.body", "noise"),
    ("bus.imu", "noise"),
}
"""What these make a chip say cannot be told from a measurement, or only after a while."""
QUIET: Final = {("bus.right", "late"), *(("bus.modem", kind) for kind in ("truncated", "baud_mismatch", "noise"))}
"""Too little of it to be seen in this flight; or nothing that comes ends a frame; or the report is spoilt itself."""


SOAK: Final = {
    *(("bus.imu", kind) for kind in ("truncated", "baud_mismatch", "stale_bytes", "late")),
    *(("bus.motors", kind) for kind in ("baud_mismatch", "truncated")),
    *(("bus.modem", kind) for kind in ("noise", "baud_mismatch", "truncated")),
    *(("roboclaw.80", kind) for kind in ("hot", "low_voltage")), ("bus.left", "shorted"), ("chip.array_left", "stuck"),
}  # fmt: skip
"""Much like others of the list."""


def _param(case: Case) -> Any:
    name = f"{case[0]}/{case[1]}"
    return pytest.param(*case, id=name, marks=pytest.mark.soak if case[:2] in SOAK else ())


@pytest.mark.parametrize(("device", "kind", "reason", "within_s", "args"), map(_param, CASES))
def test_a_fault_at_the_wires_is_safe_and_told(
    device: str, kind: str, reason: str, within_s: float, args: dict[str, Any]
) -> None:
    """No made-up value, no late cycle, the motion ends where it must, and afterwards all is well."""
    flight = flown(device, kind, **args)
    events = REGISTRY[device, kind].events
    raised = {
        name for name in set(flight.names()) if any(BEGIN_S <= t_s <= end_of(device) for t_s in flight.events(name))
    }

    assert flight.witness.lies == [] or (device, kind) in BELIEVED
    assert flight.mission.overruns == 0
    assert flight.worst_cycle_ms < CYCLE_MS
    assert flight.mission.flights == 1
    assert flight.events("system.row_failed") == []
    assert not events or (device, kind) in QUIET or raised & set(events) - twin_events_but(events)
    ended_s = [t_s for t_s in flight.events("mobility.motion_ended") if t_s >= BEGIN_S]
    reasons = [details["reason"].name for details in flight.details("mobility.motion_ended")]
    assert reasons[:1] == ([reason] if reason else [])
    if reason:
        assert ended_s[0] <= BEGIN_S + within_s
        assert not flight.turned_between(ended_s[0] + STOP_S, END_S)
    assert worn(flight) == []
    assert flight.completed("after")


def twin_events_but(events: tuple[str, ...]) -> set[str]:
    """What the healthy twin raises too says nothing, but for the move of the downlink at each start."""
    return {event for event in events if event in twin_events() and event != "comms.downlink_moved"}


def test_every_kind_of_the_layer_is_flown() -> None:
    """One member of each family, or of one that is the same on another bus or chip."""
    flown_kinds = {(device.partition(".")[0], kind) for device, kind, *_ in CASES}
    kinds = {(item.devices[0].partition(".")[0], item.kind) for item in families() if item.fault.depth == "wire"}
    assert kinds - flown_kinds == set()
