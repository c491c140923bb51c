"""What a fault makes of a device's readings and orders, and that nothing of it is left when it is over."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from hal.api.board import Hal
from hal.api.clock import NS_PER_S
from hal.api.errors import BadReading, DeviceTimeout, NotReady
from hal.api.values import TEMPERATURES
from sil.faults.devices import FAULTS
from sim_hal.world.loads import HEATER_SAFE, LOAD_SAFE
from tests.sil.faults.device_bench import HOLD_NS, Shelf

READS: Mapping[str, Callable[[Hal], Any]] = {
    "imu": lambda hal: hal.imu.read(),
    "sun_sensor": lambda hal: hal.sun_sensor and hal.sun_sensor.read(),
    "ground_motion": lambda hal: hal.ground_motion and hal.ground_motion.read(),
    "wheels": lambda hal: hal.wheels.read(),
    "steering": lambda hal: hal.steering.read(),
    "power_monitor": lambda hal: hal.power_monitor.read(),
    "array": lambda hal: hal.array.read(),
    "temperatures": lambda hal: hal.temperatures.read(),
    "heaters": lambda hal: hal.heaters.is_on("battery"),
    "loads": lambda hal: hal.loads.is_on("nav"),
    "radio_local": lambda hal: hal.radio_local.status(),
    "radio_relay": lambda hal: hal.radio_relay.status(),
    "rtc": lambda hal: hal.rtc and hal.rtc.read_gps_ns(),
    "power_controller": lambda hal: hal.power_controller and hal.power_controller.status(),
    "egress": lambda hal: hal.egress and hal.egress.status(),
    "camera": lambda hal: hal.camera and hal.camera.poll(),
    "spectrometer": lambda hal: hal.instruments["spectrometer"].status(),
    "dosimeter": lambda hal: hal.instruments["dosimeter"].status(),
    "plasma": lambda hal: hal.instruments["plasma"].status(),
}
ERRORS = {"silent": DeviceTimeout, "bad": BadReading, "reset": NotReady}


@pytest.fixture
def shelf() -> Shelf:
    """Everything powered, wheels turning slowly, visual odometry on, one fix taken."""
    shelf = Shelf()
    assert shelf.hal.ground_motion is not None
    shelf.hal.ground_motion.enable(True)
    shelf.wait(2.5)
    return shelf


@pytest.mark.parametrize("device", READS)
def test_a_silent_corrupt_or_starting_device_gives_no_reading(device: str, shelf: Shelf) -> None:
    """Each error by its kind, and a good reading after each."""
    read = READS[device]
    for kind, error in ERRORS.items():
        shelf.start(f"{device}/{kind}")
        with pytest.raises(error):
            read(shelf.hal)
        if kind == "reset":
            shelf.wait(5.1)
            hold(shelf)
        shelf.end(f"{device}/{kind}")
        read(shelf.hal)


def hold(shelf: Shelf) -> None:
    """Give loads and fixes back after a reset of their bank."""
    for load in shelf.hal.loads.names():
        shelf.hal.loads.set(load, True, HOLD_NS)
    assert shelf.hal.ground_motion is not None
    shelf.hal.ground_motion.enable(True)
    shelf.wait(2.5)


@pytest.mark.parametrize("device", ["imu", "temperatures", "radio_local", "rtc"])
def test_dropouts_have_their_share(device: str, shelf: Shelf) -> None:
    """About a quarter of 400 readings fail, and the same ones in every run."""
    shelf.start(f"{device}/dropout", share=0.25)

    failed = 0
    for _ in range(400):
        try:
            READS[device](shelf.hal)
        except BadReading:
            failed += 1
    assert 70 <= failed <= 130
    shelf.end(f"{device}/dropout")
    for _ in range(50):
        READS[device](shelf.hal)


LYING = tuple(sorted({device for device, kind in FAULTS if kind == "stale"}))


@pytest.mark.parametrize("device", LYING)
def test_frozen_readings_keep_their_values(device: str, shelf: Shelf) -> None:
    """`stuck` with a new time, `stale` with the old one; afterwards time and noise go on."""
    read = READS[device]
    for kind, is_fresh in (("stuck", True), ("stale", False)):
        shelf.start(f"{device}/{kind}")
        first = read(shelf.hal)
        shelf.wait(3.0)
        second = read(shelf.hal)
        assert values(second) == values(first)
        assert (second.time_ns == first.time_ns) is not is_fresh
        shelf.end(f"{device}/{kind}")
        assert read(shelf.hal).time_ns > first.time_ns


def values(reading: Any) -> dict[str, Any]:
    return {name: getattr(reading, name) for name in reading.__struct_fields__ if name != "time_ns"}


@pytest.mark.parametrize("device", LYING)
def test_nan_is_in_every_number(device: str, shelf: Shelf) -> None:
    """No finite float is left, and no other is in a healthy reading."""
    read = READS[device]
    shelf.start(f"{device}/nan")
    assert all(map(math.isnan, floats(read(shelf.hal))))
    shelf.end(f"{device}/nan")
    assert all(map(math.isfinite, floats(read(shelf.hal))))
    assert floats(read(shelf.hal))


def floats(value: Any) -> list[float]:
    if isinstance(value, float):
        return [value]
    if isinstance(value, tuple):
        return [number for item in value for number in floats(item)]
    fields = getattr(value, "__struct_fields__", ())
    return [number for name in fields for number in floats(getattr(value, name))]


Number = Callable[[Hal], float]
GRADED: tuple[tuple[str, dict[str, Any], float, float, Number], ...] = (
    ("imu/bias", {"rate_rad_s": 0.5, "axis": "x"}, 0.5, 0.02, lambda hal: hal.imu.read().gyro_rad_s[0]),
    ("imu/tilt_offset", {"tilt_rad": 0.3}, 1.62 * math.sin(0.3), 0.05, lambda hal: hal.imu.read().accel_m_s2[0]),
    ("ground_motion/false_fix", {"forward_m": 0.4}, 0.4, 0.01, lambda hal: READS["ground_motion"](hal).forward_m),
    ("sun_sensor/turned", {"azimuth_rad": 0.9}, 0.9, 0.4, lambda hal: READS["sun_sensor"](hal).azimuth_rad),
    ("wheels.rear_right/current_bias", {"bias_a": 2.0}, 2.0, 0.1, lambda hal: hal.wheels.read().current_a[5] or 0.0),
    (
        "steering.rear_left/feedback_bias",
        {"bias_rad": 0.7},
        0.7,
        0.02,
        lambda hal: hal.steering.read().angle_rad[2] or 0,
    ),
    ("power_monitor/bias_current", {"bias_a": 3.0}, 3.0, 0.2, lambda hal: hal.power_monitor.read().battery_current_a),
    ("power_monitor/bias_voltage", {"bias_v": -4.0}, -4.0, 0.2, lambda hal: hal.power_monitor.read().bus_voltage_v),
    ("temperatures.shell/bias", {"bias_k": 30.0}, 30.0, 1.0, lambda hal: hal.temperatures.read().temperature_c[3] or 0),
    ("radio_relay/rssi_bias", {"bias_db": -9.0}, -9.0, 0.01, lambda hal: hal.radio_relay.status().rssi_dbm or 0.0),
    ("rtc/jump", {"offset_s": 50.0}, 50e9, 1e6, READS["rtc"]),
)


@pytest.mark.parametrize(("pair", "args", "step", "about", "number"), GRADED, ids=[case[0] for case in GRADED])
def test_an_offset_grows_with_its_level(
    pair: str, args: dict[str, Any], step: float, about: float, number: Number, shelf: Shelf
) -> None:
    """Half of it, the whole, nothing; within the device's own noise."""
    healthy = number(shelf.hal)
    for level in shelf.levels(pair, (0.5, 1.0, 0.0), **args):
        expected = level * step
        if pair == "imu/tilt_offset":
            expected = 1.62 * math.sin(0.3 * level)
        assert number(shelf.hal) - healthy == pytest.approx(expected, abs=about), level


SPREAD: tuple[tuple[str, dict[str, Any], Number], ...] = (
    ("imu/noise", {"gyro_rad_s": 0.5}, lambda hal: hal.imu.read().gyro_rad_s[2]),
    ("power_monitor/noise", {"voltage_v": 3.0}, lambda hal: hal.power_monitor.read().bus_voltage_v),
    ("temperatures.web/noise", {"sigma_k": 8.0}, lambda hal: hal.temperatures.read().temperature_c[0] or 0.0),
)


@pytest.mark.parametrize(("pair", "args", "number"), SPREAD, ids=[case[0] for case in SPREAD])
def test_noise_spreads_and_ends(pair: str, args: dict[str, Any], number: Number, shelf: Shelf) -> None:
    """Ten times the healthy spread at the least."""

    def spread() -> float:
        readings = [number(shelf.hal) for _ in range(50)]
        return max(readings) - min(readings)

    healthy = spread()
    shelf.start(pair, **args)
    assert spread() > 10.0 * healthy
    shelf.end(pair)
    assert spread() < 3.0 * healthy


def test_a_drifting_sensor_and_a_drifting_clock_walk_with_time(shelf: Shelf) -> None:
    """Three kelvin and 0.3 s in half a minute."""
    web_c, gps_ns = shelf.hal.temperatures.read().temperature_c[0], READS["rtc"](shelf.hal)
    assert web_c is not None
    shelf.start("temperatures.web/drift", rate_k_min=6.0)
    shelf.start("rtc/drift", drift_ppm=1e4)
    shelf.wait(30.0)
    assert (shelf.hal.temperatures.read().temperature_c[0] or 0.0) - web_c == pytest.approx(3.0, abs=0.5)
    assert READS["rtc"](shelf.hal) - gps_ns == pytest.approx(30.3 * NS_PER_S, abs=1e6)
    shelf.end("temperatures.web/drift")
    assert shelf.hal.temperatures.read().temperature_c[0] == pytest.approx(web_c, abs=0.5)


@pytest.mark.parametrize(("reads", "expected"), [("none", None), ("cold", -250.0), ("hot", 400.0)])
@pytest.mark.parametrize("name", TEMPERATURES)
def test_an_open_sensor_reads_nothing_or_an_end_of_its_range(
    name: str, reads: str, expected: float | None, shelf: Shelf
) -> None:
    """It alone: the others read as before."""
    healthy = shelf.hal.temperatures.read().temperature_c
    shelf.start(f"temperatures.{name}/open", reads=reads)
    seen = shelf.hal.temperatures.read().temperature_c
    changed = [other for other, now, was in zip(TEMPERATURES, seen, healthy, strict=True) if far(now, was)]
    assert changed == [name]
    assert seen[TEMPERATURES.index(name)] == expected
    shelf.end(f"temperatures.{name}/open")
    assert not any(map(far, shelf.hal.temperatures.read().temperature_c, healthy))


def far(now: float | None, was: float | None) -> bool:
    return now is None or was is None or abs(now - was) > 1.0


def test_one_wheel_loses_its_encoder_or_all(shelf: Shelf) -> None:
    """Angle and speed, or the current too; the other five are as they were."""
    for kind, current_known in (("encoder_lost", True), ("reading_none", False)):
        shelf.start(f"wheels.middle_left/{kind}")
        reading = shelf.hal.wheels.read()
        assert [angle is None for angle in reading.angle_rad] == [n == 2 for n in range(6)]
        assert reading.speed_rad_s[2] is None
        assert (reading.current_a[2] is not None) is current_known
        shelf.end(f"wheels.middle_left/{kind}")
    assert None not in shelf.hal.wheels.read().angle_rad


def test_a_stuck_encoder_stands_while_its_wheel_turns(shelf: Shelf) -> None:
    """And jumps to the truth afterwards."""
    shelf.start("wheels.front_left/encoder_stuck")
    first = shelf.hal.wheels.read()
    for _ in range(10):
        shelf.hal.wheels.command((0.5,) * 6, NS_PER_S)
        shelf.wait(0.3)
    then = shelf.hal.wheels.read()
    assert then.angle_rad[0] == first.angle_rad[0]
    assert then.speed_rad_s[0] == 0.0
    assert (then.angle_rad[1] or 0.0) > (first.angle_rad[1] or 0.0) + 0.5
    shelf.end("wheels.front_left/encoder_stuck")
    assert (shelf.hal.wheels.read().angle_rad[0] or 0.0) > (first.angle_rad[0] or 0.0) + 0.5


def test_stuck_and_missing_members_stay_alone(shelf: Shelf) -> None:
    """A corner, a sensor and a face."""
    shelf.start("steering.front_left/feedback_stuck")
    shelf.start("temperatures.battery_a/stuck")
    shelf.start("array.right/reading_none")
    corner, sensor = shelf.hal.steering.read().angle_rad, shelf.hal.temperatures.read().temperature_c
    assert [face is None for face in shelf.hal.array.read().faces] == [False, True, False]
    assert shelf.hal.steering.read().angle_rad[0] == corner[0]
    assert shelf.hal.steering.read().angle_rad[1] != corner[1]
    assert shelf.hal.temperatures.read().temperature_c[1] == sensor[1]
    shelf.start("steering.front_left/feedback_none")
    assert shelf.hal.steering.read().angle_rad[0] is None


def test_a_scaled_face_and_a_scaled_fix(shelf: Shelf) -> None:
    """A tenth of the current; a displacement the other way."""
    lit = max(range(3), key=lambda n: shelf.hal.array.read().faces[n].current_a)  # type: ignore[union-attr]  # healthy
    name = ("left", "right", "rear")[lit]
    healthy = shelf.hal.array.read().faces[lit]
    shelf.start(f"array.{name}/scale", factor=0.1)
    now = shelf.hal.array.read().faces[lit]
    assert now is not None
    assert healthy is not None
    assert now.current_a == pytest.approx(0.1 * healthy.current_a, rel=0.2)
    true = READS["ground_motion"](shelf.hal)
    shelf.start("ground_motion/scale", factor=-2.0)
    assert READS["ground_motion"](shelf.hal).forward_m == pytest.approx(-2.0 * true.forward_m)
    shelf.start("ground_motion/lost")
    assert READS["ground_motion"](shelf.hal).valid is False
    shelf.start("sun_sensor/blind")
    assert READS["sun_sensor"](shelf.hal).azimuth_rad is None


@pytest.mark.parametrize(("bank", "name"), [("heaters", "battery"), ("loads", "nav"), ("loads", "motors")])
def test_a_switch_that_does_not_obey_falls_back(bank: str, name: str, shelf: Shelf) -> None:
    """Its hold ends and no order renews it; the others obey; afterwards it obeys too."""
    switches = getattr(shelf.hal, bank)
    safe = (HEATER_SAFE if bank == "heaters" else LOAD_SAFE)[name]
    switches.set(name, not safe, 2 * NS_PER_S)
    for pair in (f"{bank}.{name}/ignore", f"{bank}/ignore"):
        shelf.start(pair)
        switches.set(name, not safe, HOLD_NS)
        shelf.wait(3.0)
        assert switches.is_on(name) is safe
        shelf.end(pair)
        switches.set(name, not safe, 2 * NS_PER_S)
        assert switches.is_on(name) is not safe
    shelf.start(f"{bank}.{name}/readback_wrong")
    assert switches.is_on(name) is safe


def test_a_radio_that_lies_about_its_lock(shelf: Shelf) -> None:
    """Both ways, on one radio only."""
    radio, channel = shelf.hal.radio_local, shelf.mission.simulation.links["local"].channel
    shelf.start("radio_local/no_lock")
    assert not radio.status().locked
    shelf.end("radio_local/no_lock")
    channel.gaps += 1
    assert not radio.status().locked
    shelf.start("radio_local/stuck_lock")
    assert radio.status().locked


def test_a_deaf_a_mute_and_a_choked_radio(shelf: Shelf) -> None:
    """Bytes that nobody gets: received ones, sent ones, ones that find no room."""
    radio, link = shelf.hal.radio_local, shelf.mission.simulation.links["local"]
    down: list[bytes] = []
    link.on_downlink(lambda _, data: down.append(data))
    radio.set_transmitter(True, 1e6, HOLD_NS)
    link.uplink(b"up")
    shelf.wait(3.0)

    shelf.start("radio_local/deaf")
    assert radio.receive(100) == b""
    shelf.end("radio_local/deaf")
    assert radio.receive(100) == b"up"
    shelf.start("radio_local/mute")
    assert radio.send(b"down") == 4
    shelf.end("radio_local/mute")
    shelf.start("radio_local/choked")
    assert (radio.send(b"down"), radio.status().tx_free_bytes) == (0, 0)
    shelf.end("radio_local/choked")
    shelf.wait(3.0)
    assert down == []
    radio.send(b"down")
    shelf.wait(3.0)
    assert down == [b"down"]


@pytest.mark.parametrize("name", ["spectrometer", "dosimeter", "plasma"])
def test_wrong_data_of_an_instrument(name: str, shelf: Shelf) -> None:
    """Corrupt: as long, and other; short: half; hanging: none; hot: refused."""
    device = shelf.hal.instruments[name]

    def record() -> bytes:
        for load in shelf.hal.loads.names():
            shelf.hal.loads.set(load, True, HOLD_NS)
        device.start(1.0)
        shelf.wait(1.5)
        found = device.poll()
        return b"" if found is None else found.data

    device.status()
    shelf.wait(35.0)
    healthy = record()
    shelf.start(f"{name}/corrupt", share=0.5)
    assert len(record()) == len(healthy)
    shelf.end(f"{name}/corrupt")
    shelf.start(f"{name}/short", share=0.5)
    assert len(record()) == len(healthy) // 2
    shelf.end(f"{name}/short")
    shelf.start(f"{name}/hang")
    assert record() == b""
    shelf.end(f"{name}/hang")
    for kind in ("hot", "never_ready"):
        shelf.start(f"{name}/{kind}")
        assert not device.status().ready
        shelf.end(f"{name}/{kind}")
    assert device.status().ready
    assert record()[:4] == healthy[:4]


def test_a_corrupt_image_differs_where_a_tenth_of_it_should(shelf: Shelf) -> None:
    """The healthy one of a level site is all one grey."""
    camera = shelf.hal.camera
    assert camera is not None
    images = []
    for share in (None, 0.1):
        if share is not None:
            shelf.start("camera/corrupt", share=share)
        camera.start(0.1)
        shelf.wait(3.0)
        image = camera.poll()
        assert image is not None
        images.append(image.pixels)
    differing = sum(a != b for a, b in zip(*images, strict=True)) / len(images[0])
    assert 0.05 < differing <= 0.1


def test_a_reset_makes_its_outputs_safe(shelf: Shelf) -> None:
    """Wheels stop, the transmitter goes off, heaters go off: the orders are forgotten."""
    hal, world, links = shelf.hal, shelf.mission.simulation.world, shelf.mission.simulation.links
    hal.wheels.command((0.5,) * 6, NS_PER_S)
    hal.radio_local.set_transmitter(True, 1e6, HOLD_NS)
    hal.heaters.set("battery", True, HOLD_NS)
    for device in ("wheels", "radio_local", "heaters"):
        shelf.start(f"{device}/reset", off_s=1.0)
    now_ns = shelf.clock.now_ns()
    assert not any(world.wheel_command.at(now_ns))
    assert not links["local"].transmitting(now_ns)
    assert not world.heaters.on("battery", now_ns)


def test_a_power_controller_that_stays_on(shelf: Shelf) -> None:
    """Its order is taken and nothing happens; the computer lives."""
    controller = shelf.hal.power_controller
    assert controller is not None
    shelf.start("power_controller/stays_on")
    controller.power_off()
    assert shelf.mission.simulation.computer_on
