"""Devices that fail: counted, power-cycled, given up, asked now and then, and brought back."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from flight.health.devices import FACTS
from flight.health.registry import MOST_DEFECTS
from flight.health.watched import NO_DEVICES, OLDEST_NS, watch
from hal.api.board import Hal
from hal.api.errors import BadReading, ComputerStopped, DeviceError, DeviceTimeout, DriverDefect, NotReady
from hal.api.values import ResetCause, Value
from telemetry_defs.areas import health as area
from telemetry_defs.areas.health import DEFECT_BYTES, DeviceFault, DeviceId, DeviceState
from telemetry_defs.areas.instruments import InstrumentId
from telemetry_defs.codec import Codecs
from telemetry_defs.definitions import FailureCode
from tests.flight.health_bench import INSTRUMENTS, HealthBench

CRITICAL = [device.name.lower() for device, facts in FACTS.items() if facts.critical]
GIVEN_UP_S = 900
"""Long enough for three power cycles and the patience after them."""


def broken(*names: str, fault: type[DeviceError] = DeviceTimeout) -> HealthBench:
    """These devices have been asked once a second for a minute in good health, and have just broken."""
    bench = HealthBench()
    bench.in_use = dict.fromkeys(names)
    bench.run_s(70)
    for name in names:
        bench.devices[name].fault = fault
    return bench


def dead(name: str) -> HealthBench:
    bench = broken(name)
    bench.run_s(GIVEN_UP_S)
    assert bench.state(name) is DeviceState.DEAD
    return bench


def test_whatever_a_driver_raises_costs_its_device_and_is_told_once() -> None:
    """Its author learns what, and where; the row that asks sees a device that fails, as any other."""
    bench = broken("sun_sensor")
    bench.devices["sun_sensor"].fault = ZeroDivisionError
    with pytest.raises(
        DriverDefect, match=r"sun_sensor: ZeroDivisionError in health_bench.py:\d+: .*broken by the test"
    ):
        bench.device("sun_sensor").read()

    bench.run_s(20)

    assert bench.state("sun_sensor") is DeviceState.FAILING
    (failing,) = bench.events.of(area.DEVICE_FAILING)
    assert isinstance(failing, area.DeviceTrouble)
    assert failing.fault is DeviceFault.DEFECT
    (told,) = bench.events.of(area.DRIVER_DEFECT)
    assert isinstance(told, area.DriverDefect)
    assert told.device is DeviceId.SUN_SENSOR
    assert told.error.startswith(b"ZeroDivisionError in health_bench.py:")
    assert len(told.error) <= DEFECT_BYTES


def test_a_dead_device_whose_driver_has_a_defect_stays_dead() -> None:
    """A probe goes to the driver itself."""
    bench = dead("sun_sensor")
    bench.devices["sun_sensor"].fault = ZeroDivisionError
    bench.run_s(600)
    assert bench.state("sun_sensor") is DeviceState.DEAD
    assert bench.record("sun_sensor").answers == 0


def test_each_place_of_a_defect_is_told_once_whatever_its_text() -> None:
    """Texts carry data, and a link of 0.7 kbit/s carries little of it."""
    bench = HealthBench()
    record = bench.record("imu")
    for number in range(40):
        for line in range(20):
            bench.registry.failed(record, DriverDefect("imu", f"ValueError in imu.py:{line}: {number}"))
        bench.run_s(1)
    assert len(bench.events.of(area.DRIVER_DEFECT)) == MOST_DEFECTS
    assert bench.registry.has_defects()


@pytest.mark.parametrize("watched", [True, False])
def test_one_driver_with_a_defect_leaves_no_other_output_on(watched: bool) -> None:
    """Whether flight ends by itself or the board makes safe what a killed flight has left."""
    bench = HealthBench()
    devices: dict[str, Any] = {name: device for name, device in bench.devices.items() if name not in INSTRUMENTS}
    hal = Hal(clock=bench.clock, reset_cause=ResetCause.POWER_ON, instruments={}, **devices)
    for device in devices.values():
        device.fault = KeyError
    failed = (watch(hal)[0] if watched else hal).make_safe()

    assert len(failed) == len(devices)
    assert all(device.made_safe == 1 for device in devices.values())


def test_a_device_fails_after_three_errors_in_a_row_and_recovers_with_one_answer() -> None:
    bench = broken("sun_sensor", fault=BadReading)

    bench.run_s(2)
    assert bench.state("sun_sensor") is DeviceState.GOOD
    bench.run_s(1)
    assert bench.state("sun_sensor") is DeviceState.FAILING
    assert bench.events.of(area.DEVICE_FAILING) == [
        area.DeviceTrouble(device=DeviceId.SUN_SENSOR, fault=DeviceFault.BAD_READING, errors=3)
    ]
    bench.devices["sun_sensor"].fault = None
    bench.run_s(1)
    assert bench.state("sun_sensor") is DeviceState.GOOD
    assert bench.events.names() == ["health.device_failing", "health.device_recovered"]
    assert bench.record("sun_sensor").errors == 3


@pytest.mark.parametrize(("device", "oldest_ns"), OLDEST_NS.items(), ids=lambda value: getattr(value, "name", ""))
def test_an_old_reading_is_a_failure(device: DeviceId, oldest_ns: int) -> None:
    """As good as silence: a frozen sensor answers, and always the same."""
    bench = HealthBench()
    name = device.name.lower()
    bench.run_s(10)

    bench.devices[name].reading = Value(time_ns=bench.clock.now_ns() - oldest_ns)
    assert bench.use(name)
    bench.devices[name].reading = Value(time_ns=bench.clock.now_ns() - oldest_ns - 1)
    assert not bench.use(name)
    assert bench.record(name).errors == 1


def test_noise_on_the_bus_is_counted_and_nothing_more() -> None:
    """Two errors, an answer, two errors: for an hour."""
    bench = HealthBench()
    for second in range(3600):
        bench.devices["imu"].fault = DeviceTimeout if second % 3 else None
        bench.use("imu")
        bench.run_s(1)

    assert bench.events.all == []
    assert bench.record("imu").errors == 2400


def test_a_failing_device_has_its_own_line_switched_off_for_five_seconds() -> None:
    bench = broken("camera")
    bench.loads.request("camera", True)

    off = []
    for _ in range(30):
        bench.run_s(1)
        off.append(not bench.loads.wanted("camera"))

    assert sum(off) == 5
    assert off.index(True) == 10
    assert bench.events.of(area.POWER_CYCLED) == [area.Cycled(device=DeviceId.CAMERA, used=1)]


def test_a_device_that_answers_right_after_its_power_cycle_has_recovered() -> None:
    """Its first call is a good one: no new error is needed to forgive the old ones."""
    bench = broken("imu")
    bench.run_s(11)
    assert bench.state("imu") is DeviceState.CYCLING
    bench.devices["imu"].fault = None
    bench.run_s(10)

    assert bench.use("imu")
    bench.run_s(1)
    assert bench.state("imu") is DeviceState.GOOD
    assert bench.events.of(area.DEVICE_RECOVERED) == [area.DeviceEvent(device=DeviceId.IMU)]


def test_nobody_reaches_what_hangs_on_a_line_that_is_off() -> None:
    """Wheels and steering share theirs."""
    bench = broken("wheels")
    bench.run_s(11)
    assert bench.state("steering") is DeviceState.CYCLING
    reached = bench.devices["steering"].reached

    with pytest.raises(NotReady, match="being power-cycled"):
        bench.device("steering").read()
    assert bench.devices["steering"].reached == reached
    bench.run_s(8)
    assert bench.use("steering")
    assert bench.record("steering").errors == 0


def test_power_cycles_end_with_the_budget_and_then_the_device_is_dead() -> None:
    bench = broken("imu")

    bench.run_s(250)
    assert bench.record("imu").cycles_used == 3
    assert bench.state("imu") is DeviceState.FAILING
    bench.run_s(60)
    assert bench.state("imu") is DeviceState.DEAD
    bench.run_s(3600)
    assert bench.events.count(area.POWER_CYCLED) == 3
    assert bench.events.count(area.DEVICE_DEAD) == 1


def test_the_budget_is_whole_again_after_a_day() -> None:
    bench = broken("imu")
    bench.run_s(100)
    bench.devices["imu"].fault = None
    assert bench.record("imu").cycles_used == 2

    bench.in_use.clear()
    bench.run_s(86_400)

    assert bench.record("imu").cycles_used == 0


@pytest.mark.parametrize("line", ["motors", "imu", "nav"])
@pytest.mark.parametrize("moving", [True, None])
def test_what_the_rover_moves_by_is_not_switched_off_under_it(line: str, moving: bool | None) -> None:
    """Nor while nobody knows whether it moves."""
    name = next(device.name.lower() for device, facts in FACTS.items() if facts.line == line)
    bench = broken(name)
    bench.moving = moving
    bench.blackboard.mobility = None

    bench.run_s(GIVEN_UP_S)
    assert bench.loads.wanted(line)
    assert bench.events.count(area.POWER_CYCLED) == 0
    assert bench.give(area.POWER_CYCLE, name).failure is FailureCode.PRECONDITION

    bench.moving = False
    bench.run_s(2)
    assert not bench.loads.wanted(line)


def test_nothing_is_power_cycled_by_switches_that_do_not_answer() -> None:
    """It would be on account of the switches that the device is without power."""
    bench = broken("loads", "camera")

    bench.run_s(GIVEN_UP_S)

    assert bench.events.count(area.POWER_CYCLED) == 0
    assert bench.state("camera") is DeviceState.FAILING


def test_both_radios_are_never_off_nor_dead_at_once() -> None:
    bench = broken("radio_relay", "radio_local")

    for _ in range(2 * GIVEN_UP_S):
        bench.run_s(1)
        assert bench.loads.wanted("radio_relay") or bench.loads.wanted("radio_local")
    assert bench.registry.kept_dead() == []
    assert bench.events.count(area.POWER_CYCLED) == 6


def test_a_dead_radio_is_used_again_when_the_other_one_fails() -> None:
    """One that may be broken is better than none."""
    bench = dead("radio_relay")
    bench.devices["radio_local"].fault = DeviceTimeout
    bench.in_use = {"radio_local": None}

    bench.run_s(4)

    assert bench.state("radio_relay") is DeviceState.GOOD
    assert bench.saved[0] == []


@pytest.mark.parametrize("name", CRITICAL)
def test_a_critical_device_is_tried_for_ever(name: str) -> None:
    bench = broken(name)
    bench.run_s(GIVEN_UP_S)
    reached = bench.devices[name].reached

    bench.run_s(3600)

    assert bench.state(name) is DeviceState.FAILING
    assert bench.devices[name].reached == reached + 3600
    assert bench.give(area.DECLARE_DEAD, name).failure is FailureCode.REFUSED


def test_a_dead_device_costs_no_bus_time_but_a_probe_every_ten_minutes() -> None:
    bench = dead("imu")
    reached = bench.devices["imu"].reached

    bench.run_s(6000)

    assert bench.devices["imu"].reached == reached + 10
    with pytest.raises(NotReady, match="declared dead"):
        bench.device("imu").read()


def test_a_dead_output_can_still_be_made_safe() -> None:
    """What is given up must not go on turning; that it answers then does not bring it back."""
    bench = dead("wheels")
    bench.devices["wheels"].fault = None

    bench.device("wheels").make_safe()

    assert bench.devices["wheels"].made_safe == 1
    assert bench.state("wheels") is DeviceState.DEAD


def test_three_answers_to_probes_bring_it_back_and_a_failed_one_starts_the_count_anew() -> None:
    bench = dead("imu")
    bench.devices["imu"].fault = None
    bench.run_s(1200)
    assert bench.record("imu").answers in (1, 2)
    bench.devices["imu"].fault = DeviceTimeout
    bench.run_s(600)
    assert bench.record("imu").answers == 0
    bench.devices["imu"].fault = None

    bench.run_s(1800)

    assert bench.state("imu") is DeviceState.GOOD
    assert bench.events.names()[-1] == "health.device_revived"
    assert bench.saved[0] == []


def test_a_dead_device_without_power_is_not_probed() -> None:
    """Its silence would say nothing."""
    bench = dead("camera")
    reached = bench.devices["camera"].reached

    bench.run_s(3600)

    assert not bench.loads.wanted("camera")
    assert bench.devices["camera"].reached == reached


def test_not_ready_is_a_fault_only_of_what_has_had_power_for_a_minute() -> None:
    bench = HealthBench()
    bench.in_use = {"spectrometer": None, "storage": None, "ground_motion": None, "array": None}
    for name in bench.in_use:
        bench.devices[name].fault = NotReady

    bench.run_s(100)
    assert bench.record("spectrometer").errors == 0
    assert bench.record("storage").errors == bench.record("ground_motion").errors == 0
    assert bench.record("array").errors == 100
    bench.loads.request("spectrometer", True)
    bench.run_s(60)
    assert bench.record("spectrometer").errors == 0
    bench.run_s(3)
    assert bench.record("spectrometer").fault is DeviceFault.NOT_READY


def test_death_and_power_cycles_outlive_a_restart() -> None:
    """Saved at once, not with the next image."""
    bench = dead("imu")
    assert bench.saved == ([DeviceId.IMU], {DeviceId.IMU: 3})

    bench.boot()

    assert bench.state("imu") is DeviceState.DEAD
    assert not bench.use("imu")
    assert bench.record("imu").cycles_used == 3


def test_kept_nonsense_kills_nothing_that_must_live() -> None:
    bench = HealthBench()
    bench.registry.restore([DeviceId.LOADS, 0xFF, DeviceId.CAMERA], {0xFF: 9})

    assert bench.registry.kept_dead() == [DeviceId.CAMERA]
    assert bench.registry.kept_power_cycles() == {}


def test_ground_gives_up_and_revives() -> None:
    bench = HealthBench()
    assert bench.give(area.DECLARE_DEAD, "camera").completed
    assert bench.saved[0] == [DeviceId.CAMERA]
    assert not bench.use("camera")

    assert bench.give(area.REVIVE, "camera").completed
    assert bench.saved[0] == []
    assert bench.use("camera")
    assert bench.events.names() == ["health.device_dead", "health.device_revived"]


def test_ground_cannot_give_up_the_second_radio() -> None:
    bench = HealthBench()
    assert bench.give(area.DECLARE_DEAD, "radio_local").completed
    assert bench.give(area.DECLARE_DEAD, "radio_relay").failure is FailureCode.PRECONDITION


def test_what_storage_refuses_has_not_completed() -> None:
    bench = HealthBench()
    bench.storage_works = False
    for command in (area.DECLARE_DEAD, area.REVIVE):
        assert bench.give(command, "camera").failure is FailureCode.STORAGE
    assert bench.give(area.RESET_COUNTS).failure is FailureCode.STORAGE


def test_ground_power_cycles_beyond_the_budget_and_hears_when_it_is_over() -> None:
    bench = HealthBench()
    bench.run_s(5)
    execution = bench.give(area.POWER_CYCLE, "imu")
    assert bench.give(area.POWER_CYCLE, "radio_local").failure is FailureCode.BUSY
    bench.run_s(4)
    assert not bench.loads.wanted("imu")
    bench.run_s(1)
    assert bench.loads.wanted("imu")
    assert not execution.completed
    bench.run_s(3)
    assert execution.completed
    assert bench.record("imu").cycles_used == 0


def test_a_row_that_fails_gives_the_line_back() -> None:
    bench = HealthBench()
    execution = bench.give(area.POWER_CYCLE, "radio_local")

    bench.recovery.make_safe()

    assert bench.loads.wanted("radio_local")
    assert bench.state("radio_local") is DeviceState.GOOD
    assert execution.failure is FailureCode.ABORTED


def test_a_device_without_a_line_cannot_be_power_cycled() -> None:
    bench = HealthBench(absent=("egress",))
    assert bench.give(area.POWER_CYCLE, "array").failure is FailureCode.REFUSED
    assert bench.give(area.POWER_CYCLE, "egress").failure is FailureCode.NOT_AVAILABLE
    assert bench.state("egress") is DeviceState.ABSENT


def test_reset_counts_gives_errors_and_budget_back() -> None:
    bench = broken("imu")
    bench.run_s(40)
    assert bench.give(area.RESET_COUNTS).completed
    assert bench.record("imu").errors == bench.record("imu").cycles_used == 0


def test_a_count_stops_where_its_field_ends() -> None:
    bench = HealthBench()
    bench.devices["array"].fault = DeviceTimeout
    for _ in range(0x10010):
        bench.use("array")

    assert Codecs().pack(bench.registry.housekeeping())
    assert bench.record("array").errors == 0xFFFE


def test_every_device_and_instrument_of_the_dictionary_is_watched() -> None:
    """A new one needs its code and its facts."""
    devices = [field.name for field in fields(Hal) if field.name not in (*NO_DEVICES, "instruments")]
    instruments = [item.name.lower() for item in InstrumentId]

    assert {*devices, *instruments} == {device.name.lower() for device in DeviceId}
    assert list(FACTS) == list(DeviceId)


def test_an_instrument_that_only_the_board_knows_is_left_as_it_is() -> None:
    bench = HealthBench()
    unknown: Any = object()

    watched, _ = watch(replace(bench.hal, instruments={"magnetometer": unknown}))

    assert watched.instruments["magnetometer"] is unknown


def test_a_computer_that_stops_is_no_error_of_the_device() -> None:
    bench = HealthBench()

    def stop() -> None:
        raise ComputerStopped("power cut")

    bench.devices["imu"].read = stop  # type: ignore[method-assign]  # that is the fault
    bench.boot()
    with pytest.raises(ComputerStopped):
        bench.device("imu").read()
    assert bench.record("imu").errors == 0
