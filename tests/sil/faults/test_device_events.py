"""Faults of devices in flight: what flight must see it tells, and it is well again when the fault is over."""

from __future__ import annotations

from typing import Any

import pytest

from sil.faults.registry import REGISTRY
from sil.scenario import FaultSection
from telemetry_defs.areas.health import DeviceState
from telemetry_defs.definitions import Mode
from tests.sil.faults.device_bench import fly, told, twin

AT_S, FOR_S, LAST_S = 20.0, 20.0, 90.0
SEEN: tuple[tuple[str, str, dict[str, Any]], ...] = (
    *((f"imu/{kind}", "drive", {}) for kind in ("silent", "bad", "stale", "nan", "reset")),
    *((f"ground_motion/{kind}", "drive", {}) for kind in ("silent", "bad", "stuck", "stale", "nan", "lost", "scale")),
    *((f"wheels/{kind}", "drive", {}) for kind in ("silent", "bad", "stuck", "stale", "nan", "reset")),
    *(
        (f"wheels.rear_left/{kind}", "drive", {})
        for kind in ("encoder_lost", "reading_none", "encoder_stuck", "wrong_direction")
    ),
    ("wheels.rear_left/current_bias", "drive", {"bias_a": 1.5}),
    *((f"steering/{kind}", "drive", {}) for kind in ("silent", "bad", "nan", "reset")),
    *((f"steering/{kind}", "turn", {}) for kind in ("stuck", "stale")),
    ("steering.front_left/feedback_stuck", "turn", {}),
    ("steering.front_left/feedback_none", "drive", {}),
    ("steering.front_left/feedback_bias", "drive", {"bias_rad": 0.9}),
    *((f"power_monitor/{kind}", "idle", {}) for kind in ("silent", "bad", "nan", "stale")),
    ("power_monitor/bias_voltage", "idle", {"bias_v": -9.0}),
    ("power_monitor/bias_current", "idle", {"bias_a": 19.0}),
    *((f"array/{kind}", "idle", {}) for kind in ("silent", "bad", "stale")),
    *((f"temperatures/{kind}", "idle", {}) for kind in ("silent", "bad", "nan", "stale")),
    ("temperatures.web/open", "idle", {"reads": "none"}),
    ("temperatures.shell/open", "idle", {"reads": "cold"}),
    ("temperatures.battery_a/bias", "idle", {}),
    ("temperatures.battery_b/drift", "idle", {"rate_k_min": 60.0}),
    *((f"heaters/{kind}", "idle", {}) for kind in ("silent", "bad")),
    ("heaters/ignore", "warm", {}),
    ("heaters.motor_rear_left/ignore", "warm", {}),
    ("heaters.battery/readback_wrong", "idle", {}),
    *((f"loads/{kind}", "idle", {}) for kind in ("silent", "bad")),
    ("loads/ignore", "nav", {}),
    ("loads.nav/ignore", "nav", {}),
    ("loads.camera/readback_wrong", "idle", {}),
    *((f"radio_{name}/{kind}", "idle", {}) for name in ("local", "relay") for kind in ("silent", "bad", "reset")),
    ("radio_local/no_lock", "idle", {}),
    ("storage/silent", "idle", {}),
)


def section(pair: str, at_s: float, for_s: float, args: dict[str, Any]) -> FaultSection:
    device, _, kind = pair.partition("/")
    lasting = REGISTRY[device, kind].lasting
    return FaultSection(at_s=at_s, for_s=for_s if lasting else None, device=device, kind=kind, args=args)


@pytest.mark.parametrize(("pair", "task", "args"), SEEN, ids=[pair for pair, *_ in SEEN])
def test_flight_tells_of_it_and_is_well_again(pair: str, task: str, args: dict[str, Any]) -> None:
    """One of the row's events while it lasts, which the twin does not raise; at the end every device is good."""
    flown = fly(task, section(pair, AT_S, FOR_S, args), duration_s=LAST_S)

    assert told(pair, flown, task, AT_S, AT_S + FOR_S + 1.0, LAST_S)
    assert flown.mission.injector.active == ()
    assert flown.mission.flights == 1
    assert not any(row.failures for row in rows(flown))
    assert {record.device.name for record in devices(flown) if record.state is DeviceState.FAILING} <= ASKED_IN_USE


ASKED_IN_USE = {"WHEELS", "STEERING", "GROUND_MOTION"}
"""Nobody asks them once the motion has ended, so they are not known to be well again before the next."""


def rows(flown: Any) -> list[Any]:
    return list(flown.mission.flight.executive.rows.values())


def devices(flown: Any) -> list[Any]:
    return list(flown.mission.flight.core.devices.records.values())


PAYLOAD = ("silent", "bad", "hang", "hot")


@pytest.mark.parametrize(
    "pair", [f"{name}/{kind}" for name in ("camera", "dosimeter") for kind in PAYLOAD] + ["dosimeter/never_ready"]
)
def test_an_instrument_that_fails_is_switched_off(pair: str) -> None:
    """Its fault is told, its load is off, and the rover is in IDLE with no row failed."""
    task, _, kind = pair.partition("/")
    last_s = 150.0 if kind in ("hot", "never_ready") else 80.0  # two minutes are what it has to become ready
    flown = fly(task, section(pair, 5.0, last_s, {}), duration_s=last_s)

    assert "instruments.fault" in told(pair, flown, task, 5.0, last_s, last_s)
    assert not flown.mission.simulation.world.load_on(task, flown.mission.clock.now_ns())
    assert not any(row.failures for row in rows(flown))


UNSEEN = (
    ("imu/stuck", "drive"),
    ("imu/noise", "drive"),
    ("ground_motion/dropout", "drive"),
    ("sun_sensor/nan", "drive"),
    ("power_monitor/stuck", "idle"),
    ("power_monitor/noise", "idle"),
    ("array/nan", "idle"),
    ("temperatures/dropout", "idle"),
    ("temperatures.instruments/noise", "idle"),
    ("radio_local/stuck", "calls"),
    ("radio_relay/stuck_lock", "calls"),
    ("radio_local/nan", "calls"),
    ("radio_relay/choked", "calls"),
    ("rtc/jump", "idle"),
    ("egress/silent", "idle"),
    ("power_controller/silent", "idle"),
)


@pytest.mark.parametrize(("pair", "task"), UNSEEN, ids=[pair for pair, _ in UNSEEN])
def test_what_flight_cannot_see_harms_no_row(pair: str, task: str) -> None:
    """No row fails, the mode is that of the twin, and the row claims no event."""
    flown = fly(task, section(pair, AT_S, FOR_S, {}), duration_s=50.0)

    device, _, kind = pair.partition("/")
    assert REGISTRY[device, kind].events == ()
    assert not any(row.failures for row in rows(flown))
    assert flown.mission.mode_name == twin(task, 50.0).mission.mode_name


def test_a_watchdog_that_takes_no_stroke_for_a_moment_is_told_and_does_not_bite() -> None:
    """Eight seconds are less than its patience."""
    flown = fly("idle", section("watchdog/silent", AT_S, 8.0, {}))

    assert told("watchdog/silent", flown, "idle", AT_S, AT_S + 8.0)
    assert flown.mission.flights == 1


def test_a_deaf_watchdog_bites() -> None:
    """The computer boots again, and is well once the watchdog is."""
    flown = fly("idle", section("watchdog/deaf", AT_S, 25.0, {}))

    assert flown.mission.flights == 2
    assert flown.mission.flight is not None
    assert flown.mission.flight.core.modes.mode is Mode.IDLE
    assert twin("idle").mission.flights == 1


def test_a_wheel_that_turns_the_other_way_slows_the_rover() -> None:
    """In truth it is dragged along by five; the sign of its turning is its own.  Later flight stops for it."""
    flown = fly("drive", section("wheels.middle_left/wrong_direction", AT_S, 60.0, {}), duration_s=AT_S + 1.5)

    turning = flown.mission.simulation.world.drive.speed_rad_s
    assert turning[2] < 0.0 < turning[0]
    assert flown.mission.simulation.world.motion.x_m < twin("drive", AT_S + 1.5).mission.simulation.world.motion.x_m


def test_a_controller_that_does_not_cut_the_power_leads_back_to_safe() -> None:
    """Ten seconds after it was told to; awake in HIBERNATE nobody would heat the battery."""
    flown = fly("sleep", FaultSection(at_s=2.0, device="power_controller", kind="stays_on"), duration_s=60.0)

    assert flown.mission.flights == 1
    assert flown.mission.mode_name == "SAFE"
    assert twin("sleep", 60.0).mission.mode_name == "OFF"
