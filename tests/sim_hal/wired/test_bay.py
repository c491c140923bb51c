"""The emulated chips in their places: supplies, signs, lines, the guard, and what outlives the computer."""

from __future__ import annotations

import pytest

from hal.api.clock import NS_PER_S
from hal.api.errors import ComputerStopped, DeviceTimeout, NotReady
from hal.api.values import CORNERS, TEMPERATURES, WHEELS, HibernateSettings, ResetCause
from sim_hal.emulators.pca9685 import Pca9685Chip
from sim_hal.wired.bay import WireBay
from sim_hal.wired.modem import IDLE_NS, AirModem
from tests.contract.rigs import HOLD_NS, SimBench, refreshed, sim_bench


@pytest.fixture
def bench() -> SimBench:
    return sim_bench(wire=True)


def bay_of(bench: SimBench) -> WireBay:
    assert bench.simulation.bay is not None
    return bench.simulation.bay


def pulses(bench: SimBench) -> list[float | None]:
    """What the servo chip sends its four servos, us."""
    chip = bay_of(bench).i2c["body"].chips[0x40]
    assert isinstance(chip, Pca9685Chip)
    return [chip.pulse_us(channel, bench.simulation.clock.now_ns()) for channel in range(4)]


def pass_s(bench: SimBench, duration_s: float) -> None:
    bench.rig(bench.hal).pass_s(duration_s)


def test_each_wheel_is_wired_to_its_own_channel_with_its_sign(bench: SimBench) -> None:
    """Six different speeds arrive at six wheels, and come back from their encoders."""
    wheels = bench.hal.wheels
    bench.started(wheels, wheels.read, "motors")
    speeds = (0.1, -0.15, 0.2, -0.25, 0.3, -0.35)
    refreshed(bench.hal.clock, 1.5, lambda: wheels.command(speeds, HOLD_NS))
    true = dict(zip(WHEELS, bench.simulation.world.drive.speed_rad_s, strict=True))
    assert true == pytest.approx(dict(zip(WHEELS, speeds, strict=True)), abs=0.01)
    assert wheels.read().speed_rad_s == pytest.approx(speeds, abs=0.01)


def test_each_corner_is_wired_to_its_own_servo(bench: SimBench) -> None:
    """Four different angles arrive at four corners."""
    steering = bench.hal.steering
    bench.started(steering, steering.read, "motors")
    angles = (0.1, -0.2, 0.3, -0.4)
    refreshed(bench.hal.clock, 20.0, lambda: steering.command(angles, HOLD_NS))
    true = dict(zip(CORNERS, bench.simulation.world.steering.angle_rad, strict=True))
    assert true == pytest.approx(dict(zip(CORNERS, angles, strict=True)), abs=0.01)
    assert steering.read().angle_rad == pytest.approx(angles, abs=0.01)


def test_each_sensor_measures_where_its_name_says(bench: SimBench) -> None:
    """Twelve places at twelve temperatures; what is colder than the chip can tell reads its lowest."""
    bench.started(bench.hal.temperatures, bench.hal.temperatures.read)
    thermal = bench.simulation.world.energy.thermal
    for number in range(6):
        thermal.motor_k[number] = 260.0 + 5.0 * number
    thermal.battery_k, thermal.shell_k = 290.0, 240.0
    pass_s(bench, 2.0)
    read = dict(zip(TEMPERATURES, bench.hal.temperatures.read().temperature_c, strict=True))
    true = dict(zip(TEMPERATURES, bench.simulation.world.temperatures_c(), strict=True))
    for name in TEMPERATURES:
        assert read[name] == pytest.approx(max(-55.0, true[name]), abs=0.3), name


def test_the_battery_monitor_counts_charging_as_positive(bench: SimBench) -> None:
    """It sits the other way round; the wiring turns its sign."""
    power = bench.hal.power_monitor
    bench.started(power, power.read)
    world = bench.simulation.world
    assert power.read().battery_current_a == pytest.approx(world.battery_current_a, abs=0.02)
    assert power.read().bus_voltage_v == pytest.approx(world.bus_voltage_v, abs=0.01)
    before_a = power.read().battery_current_a
    bench.power("motors", "nav", "camera")
    pass_s(bench, 2.0)
    assert power.read().battery_current_a < before_a - 0.05


def test_chips_on_a_load_lose_their_memory_with_it(bench: SimBench) -> None:
    """Motor controllers, servo chip and IMU; each is found anew by its driver."""
    hal, bay = bench.hal, bay_of(bench)
    bench.started(hal.wheels, hal.wheels.read, "motors")
    bench.started(hal.steering, hal.steering.read)
    refreshed(hal.clock, 1.0, lambda: hal.steering.command((0.2,) * 4, HOLD_NS), hal.steering.read)
    assert None not in pulses(bench)
    bench.started(hal.imu, hal.imu.read, "imu")
    hal.loads.make_safe()
    assert not any(unit.powered for unit in bay.units)
    assert pulses(bench) == [None] * 4
    for read in (hal.wheels.read, hal.steering.read, hal.imu.read):
        with pytest.raises(NotReady):
            read()
    bench.power("motors", "imu")
    assert all(unit.powered for unit in bay.units)
    bench.started(hal.wheels, hal.wheels.read)
    bench.started(hal.steering, hal.steering.read)
    bench.started(hal.imu, hal.imu.read)
    assert pulses(bench) == [None] * 4  # limp until they are told where to go
    assert hal.wheels.read().angle_rad == (0.0,) * 6


def test_lines_that_are_gone_end_no_life_of_flight(bench: SimBench) -> None:
    """The guard looks at them every second: it cannot help, and nobody dies of it; back, holds end again."""
    bay, hal = bay_of(bench), bench.hal
    hal.loads.set("camera", True, 3 * NS_PER_S)
    hal.heaters.set("battery", True, 3 * NS_PER_S)
    bay.gpio["lines"].unplugged = True
    with pytest.raises(DeviceTimeout):
        hal.loads.is_on("camera")
    pass_s(bench, 10.0)
    assert bench.simulation.computer_on
    bay.gpio["lines"].unplugged = False
    pass_s(bench, 1.1)
    now_ns = hal.clock.now_ns()
    assert not bench.simulation.world.loads.on("camera", now_ns)
    assert not bench.simulation.world.heaters.on("battery", now_ns)


def test_the_modem_hears_the_ground_while_it_is_in_sight(bench: SimBench) -> None:
    """Something comes every two seconds, so that a radio without a carrier detector stays locked; then no more."""
    radio = bench.rig(bench.hal.radio_local, poll=bench.hal.radio_local.status)
    radio.pass_s(20.0)
    assert radio.device.status().locked
    assert set(radio.device.receive(1000)) == {0}
    bench.simulation.add_gap("local", bench.hal.clock.now_ns(), bench.hal.clock.now_ns() + 60 * NS_PER_S)
    radio.pass_s(14.0)
    assert radio.device.status().locked
    radio.pass_s(6.0)
    assert not radio.device.status().locked


def test_an_idle_ground_cuts_no_frame_in_two(bench: SimBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it sends to be heard comes after a second of silence only, never within what is still arriving."""
    link = bench.simulation.links["local"]
    modem = link.modem
    assert isinstance(modem, AirModem)
    heard: list[bytes] = []
    monkeypatch.setattr(modem.chip, "from_air", heard.append)
    frame = bytes(range(1, 256)) * 400
    for number in range(3):
        bench.hal.clock.sleep_until_ns((2 * number + 1) * IDLE_NS - NS_PER_S * 4 // 10)
        link.uplink(frame)  # takes 0.8 s, so that it is half-way when the ground would have something idle to send
    pass_s(bench, 3.0)
    air = b"".join(heard)
    assert air.count(frame) == 3
    assert air.replace(frame, b"").strip(b"\x00") == b""
    assert 2 <= air.count(0) <= 7  # one in two seconds


def test_nothing_on_its_way_wakes_a_rover_that_has_just_been_switched_off(bench: SimBench) -> None:
    """Off at the very moment at which the ground would send something to be heard."""
    hal, simulation = bench.hal, bench.simulation
    assert hal.power_controller is not None
    hal.power_controller.arm(
        HibernateSettings(
            wake_array_w=1e6,
            wake_array_hold_s=600.0,
            wake_after_s=None,
            heater_on_c=-15.0,
            heater_off_c=-10.0,
            receive_period_s=600.0,
            receive_window_s=60.0,
        )
    )
    hal.clock.sleep_until_ns(5 * IDLE_NS + NS_PER_S // 1000)
    with pytest.raises(ComputerStopped):
        hal.power_controller.power_off()
    assert not simulation.run_until_boot(500 * NS_PER_S)


def test_a_life_that_has_ended_moves_no_line(bench: SimBench) -> None:
    """Its drivers cannot reach the wires any more; the next life's can."""
    old = bench.hal
    with pytest.raises(ComputerStopped):
        bench.simulation.stop(ResetCause.WATCHDOG)
    for use in (lambda: old.loads.set("camera", True, NS_PER_S), old.temperatures.read, old.radio_local.status):
        with pytest.raises(ComputerStopped):
            use()
    assert bench.simulation.run_until_boot(10 * NS_PER_S)
    hal = bench.simulation.boot()
    hal.loads.set("camera", True, NS_PER_S)
    assert hal.loads.is_on("camera")
