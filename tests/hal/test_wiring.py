"""Section `[hardware]`: each relation that a rover file must keep is refused by name; the shipped files keep all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from flight.rover_file import load_rover
from hal.api.config import ConfigError, decode_raw
from hal.api.values import CORNERS
from hal.api.wiring import NOT_FITTED, Hardware, powered_by

Table = dict[str, Any]
BUSES: Table = {
    "uart": {"kind": "serial", "url": "sim://uart"},
    "other": {"kind": "serial", "url": "sim://other"},
    "i2c": {"kind": "i2c", "url": "sim://i2c"},
    "gpio": {"kind": "gpio", "url": "sim://gpio"},
}
WHEELS: Table = {
    "bus": "uart",
    "counts_per_rad": 100.0,
    "units": [
        {"address": 0x80, "m1": "front_left", "m2": "middle_left"},
        {"address": 0x81, "m1": "rear_right", "m2": "rear_left"},
        {"address": 0x82, "m1": "front_right", "m2": "middle_right"},
    ],
}
STEERING: Table = {
    "bus": "i2c",
    "rate_rad_s": 0.3,
    "corners": {corner: {"channel": number, "us_per_rad": 400.0} for number, corner in enumerate(CORNERS)},
}
MONITOR: Table = {"bus": "i2c", "address": 0x45}
SENSOR: Table = {"bus": "i2c", "address": 0x48, "measures": ["web"]}
SWITCHES: Table = {"bus": "gpio", "max_hold_s": 60.0, "lines": {"a": {"line": 1}, "b": {"line": 2}}}
WHOLE: Table = {
    "buses": BUSES,
    "wheels": WHEELS,
    "steering": STEERING,
    "imu": {"bus": "other"},
    "power_monitor": MONITOR,
    "array": {"left": {"bus": "i2c", "address": 0x41}},
    "temperatures": [SENSOR],
    "loads": SWITCHES,
}


def changed(table: Mapping[str, Any], path: str, value: object) -> Table:
    """A copy with the item at a dotted path replaced; numbers are places of a list."""
    key, _, rest = path.partition(".")
    copy = dict(table)
    if rest.partition(".")[0].isdigit():
        number, _, inner = rest.partition(".")
        items = list(copy[key])
        items[int(number)] = changed(items[int(number)], inner, value) if inner else value
        copy[key] = items
    else:
        copy[key] = changed(copy[key], rest, value) if rest else value
    return copy


def refusal(table: Table) -> str:
    """What a rover file with this section is told."""
    with pytest.raises(ConfigError) as caught:
        decode_raw(table, Hardware, "rover.toml")
    return str(caught.value)


def test_the_whole_of_it_is_accepted() -> None:
    """Otherwise none of the refusals below would mean anything."""
    assert decode_raw(WHOLE, Hardware, "rover.toml").wheels is not None
    assert decode_raw({}, Hardware, "rover.toml") == NOT_FITTED


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("wheels.units.0.m1", "rear_left", "units must name each wheel once"),
        ("wheels.units", WHEELS["units"][:2], "units must name each wheel once"),
        ("wheels.units.1.address", 0x80, "units: an address stands twice"),
        ("wheels.bus", "i2c", "wheels.bus = 'i2c' is of kind i2c, not serial"),
        ("wheels.bus", "can0", "wheels.bus = 'can0' is not in buses (uart, other, i2c, gpio)"),
        ("steering.bus", "uart", "steering.bus = 'uart' is of kind serial, not i2c"),
        ("steering.corners", {}, "corners must be"),
        ("steering.corners.front_left.channel", 1, "corners: a channel stands twice"),
        ("steering.corners.front_left.min_us", 1600.0, "centre_us must lie between min_us and max_us"),
        ("steering.corners.front_left.max_us", 1500.0, "centre_us must lie between min_us and max_us"),
        ("imu.bus", "uart", "serial line uart stands twice (wheels and imu)"),
        ("imu.left", "+x", "forward, left and up must be three different axes"),
        ("imu.left", "-y", "forward, left and up must be right-handed"),
        ("power_monitor.address", 0x40, "address i2c 0x40 stands twice (steering and power_monitor)"),
        ("power_monitor.bus", "gpio", "power_monitor.bus = 'gpio' is of kind gpio, not i2c"),
        ("array", {"front": {"bus": "i2c", "address": 0x41}}, "array.front is no face"),
        ("array.left.bus", "none", "array.left.bus = 'none' is not in buses"),
        ("array.left.address", 0x48, "address i2c 0x48 stands twice (array.left and temperatures#1)"),
        ("temperatures", [SENSOR, SENSOR | {"address": 0x49}], "sensor web stands twice"),
        ("temperatures", [SENSOR, SENSOR | {"measures": ["shell"]}], "address i2c 0x48 stands twice"),
        ("temperatures.0.measures", ["web", "boiler"], "'boiler' is no sensor"),
        ("temperatures.0.bus", "uart", "temperatures#1.bus = 'uart' is of kind serial, not i2c"),
        ("loads.lines.b.line", 1, "lines: a line stands twice"),
        ("loads.bus", None, "bus is needed, since lines name lines of it"),
        ("loads.bus", "i2c", "loads.bus = 'i2c' is of kind i2c, not gpio"),
        (
            "radio_local",
            {"bus": "uart", "rate_bit_s": 64000.0},
            "serial line uart stands twice (wheels and radio_local)",
        ),
    ],
)
def test_each_broken_relation_is_named(path: str, value: object, told: str) -> None:
    """One clear sentence, with the file's name before it."""
    message = refusal(changed(WHOLE, path, value))
    assert message.startswith("rover.toml")
    assert told in message


def test_one_break_is_one_sentence() -> None:
    """No relation is refused because of another."""
    assert refusal(changed(WHOLE, "wheels.units.1.address", 0x80)).count(";") == 0
    assert refusal(changed(WHOLE, "loads.bus", "i2c")).count(";") == 0


PI: Table = changed(WHOLE, "buses.gpio.url", "gpio://pinctrl-bcm2711")


@pytest.mark.parametrize("bank", ["heaters", "loads"])
@pytest.mark.parametrize(
    ("line", "told"),
    [
        ({"line": 2}, ".a: line 2 has a fixed pull-up on a Raspberry Pi, so it is on while the computer starts"),
        ({"line": 3}, "give it another line, or switch it active_low"),
        ({"line": 3, "active_low": True, "safe": True}, "so it is off while the computer starts: give it another line"),
    ],
)
def test_a_switch_that_a_pull_up_turns_the_wrong_way_is_refused(bank: str, line: Table, told: str) -> None:
    """Nobody drives the lines while a computer starts."""
    switches = {"bus": "gpio", "max_hold_s": 60.0, "lines": {"a": line}}
    message = refusal(changed(changed(PI, "loads", None), bank, switches))
    assert told in message
    assert message.startswith(f"rover.toml: {bank}.a: line {line['line']} ")


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("gpio://pinctrl-rp1", {"line": 2, "active_low": True}),
        ("gpio:///dev/gpiochip0", {"line": 3, "safe": True}),
        ("gpio://PINCTRL-BCM2711", {"line": 4}),
        ("gpio://pca9555", {"line": 2}),
        ("sim://gpio", {"line": 2}),
    ],
)
def test_a_switch_on_any_other_line_or_the_right_way_round_is_accepted(url: str, line: Table) -> None:
    """What the pull-up does is safe, or there is none."""
    table = changed(changed(WHOLE, "buses.gpio.url", url), "loads.lines", {"a": line})
    assert decode_raw(table, Hardware, "rover.toml").loads is not None


def test_a_sensor_may_stand_for_several_names() -> None:
    """Where no other is fitted; but no name has two sensors."""
    sensors = [
        SENSOR | {"measures": ["web", "shell", "instruments"]},
        SENSOR | {"address": 0x49, "measures": ["radiator"]},
    ]
    assert len(decode_raw(changed(WHOLE, "temperatures", sensors), Hardware, "rover.toml").temperatures) == 2


def test_switches_without_lines_need_no_bus() -> None:
    """What is always on or always off is not wired."""
    hardware = decode_raw({"loads": {"max_hold_s": 60.0, "lines": {"radio": {"safe": True}}}}, Hardware, "rover.toml")
    assert hardware.loads is not None
    assert hardware.loads.bus is None


def test_a_load_feeds_what_names_it() -> None:
    """Only what has a feed is listed."""
    hardware = decode_raw(changed(WHOLE, "wheels.power", "motors"), Hardware, "rover.toml")
    assert powered_by(hardware) == {"wheels": "motors"}


@pytest.mark.parametrize("name", ["south_pole", "open_source_rover", "desk"])
def test_shipped_rovers_keep_every_relation(name: str) -> None:
    """Loading checks them; and their feeds are switches that they have."""
    rover = load_rover(name)
    assert list(rover.hardware.check()) == []
    loads = rover.hardware.loads
    known = set() if loads is None else set(loads.lines)
    assert set(powered_by(rover.hardware).values()) <= known
