"""Contracts of the readers: IMU, power, array, temperatures, Sun, ground motion."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from hal.api.clock import NS_PER_S
from hal.api.devices import ArrayMonitor, Imu, PowerMonitor, TemperatureSensors
from hal.api.errors import NotReady
from hal.api.values import FACES, TEMPERATURES, ImuReading
from tests.contract.rigs import Rig, SimBench, fake_clock, refreshed, sim_bench
from tests.fakes.array import FakeArray
from tests.fakes.imu import FakeImu
from tests.fakes.power_monitor import FakePowerMonitor
from tests.fakes.temperatures import FakeTemperatures
from tests.hal.drivers.bno055_rig import ImuRig
from tests.hal.drivers.test_power_monitors import LEFT, REAR, RIGHT, MonitorBench

FACING_NORTH = math.pi / 2


def _sim_power() -> Rig[PowerMonitor]:
    bench = sim_bench()
    return bench.rig(bench.hal.power_monitor)


def _wire_power() -> Rig[PowerMonitor]:
    bench = sim_bench(wire=True)
    return bench.started(bench.hal.power_monitor, bench.hal.power_monitor.read)


def _driver_power() -> Rig[PowerMonitor]:
    monitors = MonitorBench()
    with pytest.raises(NotReady):
        monitors.monitor.read()
    return Rig(monitors.monitor, monitors.plug)


def _fake_power() -> Rig[PowerMonitor]:
    clock = fake_clock()
    return Rig(FakePowerMonitor(clock), clock)


@pytest.mark.parametrize("make", [_sim_power, _wire_power, _driver_power, _fake_power])
def test_a_power_monitor_reads_a_live_bus(make: Callable[[], Rig[PowerMonitor]]) -> None:
    """Voltage between empty and full, stamped with the time of the reading."""
    rig = make()
    rig.pass_s(5.0)
    reading = rig.device.read()
    assert 21.0 <= reading.bus_voltage_v <= 29.5
    assert reading.time_ns == rig.clock.now_ns()


def _sim_array() -> Rig[ArrayMonitor]:
    bench = sim_bench(yaw_rad=FACING_NORTH)
    return bench.rig(bench.hal.array)


def _wire_array() -> Rig[ArrayMonitor]:
    bench = sim_bench(yaw_rad=FACING_NORTH, wire=True)
    return bench.started(bench.hal.array, bench.hal.array.read)


def _driver_array() -> Rig[ArrayMonitor]:
    monitors = MonitorBench()
    monitors.amps |= {LEFT: 0.0, RIGHT: 2.0, REAR: 0.0}
    with pytest.raises(NotReady):
        monitors.array.read()
    return Rig(monitors.array, monitors.plug)


def _fake_array() -> Rig[ArrayMonitor]:
    clock = fake_clock()
    array = FakeArray(clock)
    array.power_w["right"] = 60.0
    return Rig(array, clock)


@pytest.mark.parametrize("make", [_sim_array, _wire_array, _driver_array, _fake_array])
def test_an_array_lists_its_faces_in_order(make: Callable[[], Rig[ArrayMonitor]]) -> None:
    """With the Sun on the right-hand face that one delivers and the others do not; nothing is negative."""
    rig = make()
    rig.pass_s(5.0)
    faces = rig.device.read().faces
    assert len(faces) == len(FACES)
    powers = [face.power_w for face in faces if face is not None]
    assert powers[1] > 5.0
    assert powers[0] == pytest.approx(0.0, abs=0.1)
    assert powers[2] == pytest.approx(0.0, abs=0.1)


def _sim_temperatures() -> Rig[TemperatureSensors]:
    bench = sim_bench()
    return bench.rig(bench.hal.temperatures)


def _wire_temperatures() -> Rig[TemperatureSensors]:
    bench = sim_bench(wire=True)
    return bench.started(bench.hal.temperatures, bench.hal.temperatures.read)


def _fake_temperatures() -> Rig[TemperatureSensors]:
    clock = fake_clock()
    return Rig(FakeTemperatures(clock), clock)


@pytest.mark.parametrize("make", [_sim_temperatures, _wire_temperatures, _fake_temperatures])
def test_temperatures_come_complete_and_in_celsius(make: Callable[[], Rig[TemperatureSensors]]) -> None:
    """One value for each name; a mild start reads mild values."""
    rig = make()
    values = dict(zip(TEMPERATURES, rig.device.read().temperature_c, strict=True))
    assert values["web"] == pytest.approx(10.0, abs=1.0)
    assert values["battery_a"] == pytest.approx(values["battery_b"], abs=0.5)
    values.pop("radiator")  # behind its closed heat switch it sees nothing but the sky
    assert all(value is not None and -60.0 < value < 60.0 for value in values.values())


@pytest.fixture(params=[False, True], ids=["device", "wire"])
def wire(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def bench(wire: bool) -> SimBench:
    return sim_bench(yaw_rad=FACING_NORTH, wire=wire)


def _sim_imu() -> Rig[Imu]:
    bench = sim_bench()
    return bench.rig(bench.hal.imu, "imu")


def _wire_imu() -> Rig[Imu]:
    bench = sim_bench(wire=True)
    return bench.started(bench.hal.imu, bench.hal.imu.read, "imu")


def _fake_imu() -> Rig[Imu]:
    clock = fake_clock()
    return Rig(FakeImu(clock), clock)


def _bno055_imu() -> Rig[Imu]:
    rig = ImuRig()
    rig.truth.accel, rig.truth.gyro = (0.0, 0.0, 1.62), (0.0, 0.0, 0.0)
    rig.running()
    return Rig(rig.imu, rig.bench.plug)


@pytest.mark.parametrize("make", [_sim_imu, _wire_imu, _fake_imu, _bno055_imu])
def test_a_level_imu_at_rest_feels_gravity_upward(make: Callable[[], Rig[Imu]]) -> None:
    """Specific force (0, 0, +g), no rates, stamped with the time of the reading."""
    rig = make()
    rig.pass_s(1.0)
    reading = rig.device.read()
    assert reading.time_ns == rig.clock.now_ns()
    assert reading.accel_m_s2 == pytest.approx((0.0, 0.0, 1.62), abs=0.05)
    assert reading.gyro_rad_s == pytest.approx((0.0, 0.0, 0.0), abs=0.01)


def test_a_real_imu_is_noisy_and_needs_power(bench: SimBench, wire: bool) -> None:
    """Means are near the truth, and readings differ: each from every other, as far as the chip's last bit shows it."""
    with pytest.raises(NotReady):
        bench.hal.imu.read()
    bench.started(bench.hal.imu, bench.hal.imu.read, "imu")
    readings: list[ImuReading] = []
    refreshed(bench.hal.clock, 20.0, lambda: readings.append(bench.hal.imu.read()))
    mean_z = sum(reading.accel_m_s2[2] for reading in readings) / 200
    assert mean_z == pytest.approx(1.62, abs=0.02)
    for reading in readings:
        assert max(abs(rate) for rate in reading.gyro_rad_s) < 0.01
        assert max(abs(reading.accel_m_s2[0]), abs(reading.accel_m_s2[1])) < 0.04
    assert len({reading.time_ns for reading in readings}) == 200
    assert len({reading.gyro_rad_s for reading in readings}) >= (10 if wire else 200)


def test_a_turn_to_the_left_is_a_positive_rate(bench: SimBench) -> None:
    """Wheels of a point turn, counter-clockwise: yaw rate and yaw grow."""
    hal = bench.hal
    bench.started(hal.wheels, hal.wheels.read, "motors")
    bench.started(hal.steering, hal.steering.read)
    bench.started(hal.imu, hal.imu.read, "imu")
    before = bench.simulation.truth.value("yaw_rad")
    angle = math.atan2(0.3, 0.275)
    refreshed(hal.clock, 10.0, lambda: hal.steering.command((-angle, angle, angle, -angle), NS_PER_S))
    turn = (-0.3, 0.3, -0.2, 0.2, -0.3, 0.3)
    read: list[ImuReading] = []
    refreshed(hal.clock, 2.0, lambda: hal.wheels.command(turn, NS_PER_S), lambda: read.append(hal.imu.read()))
    assert read[-1].gyro_rad_s[2] > 0.02
    assert bench.simulation.truth.value("yaw_rad") > before


def test_the_sun_is_found_within_a_few_degrees_and_not_in_the_dark(bench: SimBench) -> None:
    """Facing north with the Sun in the east at 30 degrees: to the right; in shadow there is no Sun."""
    assert bench.hal.sun_sensor is not None
    reading = bench.hal.sun_sensor.read()
    assert reading.azimuth_rad == pytest.approx(-math.pi / 2, abs=math.radians(7))
    assert reading.elevation_rad == pytest.approx(math.radians(30), abs=math.radians(7))
    bench.site.lit = 0.0
    bench.rig(bench.hal).pass_s(20.0)
    assert bench.hal.sun_sensor.read().azimuth_rad is None


def test_ground_motion_measures_the_way_to_a_few_per_cent(bench: SimBench) -> None:
    """Fixes come every two seconds, numbered; their sum is the way driven; darkness makes them invalid."""
    sensor = bench.hal.ground_motion
    assert sensor is not None
    with pytest.raises(NotReady):
        sensor.enable(True)
    bench.started(bench.hal.wheels, bench.hal.wheels.read, "motors")
    bench.power("nav")
    sensor.enable(True)
    with pytest.raises(NotReady):
        sensor.read()
    forward = {}
    for step in range(400):
        if step < 300:
            bench.hal.wheels.command((0.3,) * 6, NS_PER_S)
        bench.power("nav", "motors")
        bench.rig(bench.hal).pass_s(0.1)
        if step > 20:
            fix = sensor.read()
            assert fix.valid
            if fix.sequence > 1:  # the first one began when the camera was enabled
                assert fix.interval_s == pytest.approx(2.0)
            forward[fix.sequence] = fix.forward_m
    assert list(forward) == list(range(1, len(forward) + 1))
    assert len(forward) >= 20
    assert sum(forward.values()) == pytest.approx(bench.simulation.truth.value("distance_m"), rel=0.03)

    bench.site.lit = 0.0
    for _ in range(20):
        bench.power("nav")
        bench.rig(bench.hal).pass_s(1.0)
    assert not sensor.read().valid
    sensor.enable(False)
    with pytest.raises(NotReady):
        sensor.read()
