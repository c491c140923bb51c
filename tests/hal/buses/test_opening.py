"""Buses opened by URL: what cannot be read is refused, what is not there is lost and says so with every use."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hal.api.clock import NS_PER_MS, NS_PER_S, Clock
from hal.api.config import ConfigError
from hal.api.errors import DeviceTimeout
from hal.api.wiring import BusWiring, Hardware, LineWiring, MonitorWiring, SwitchesWiring
from hal.assembly import assemble
from hal.buses.api import BusBusy, BusLost
from hal.buses.lost import LostBus
from hal.buses.opening import Openers, open_buses
from hal.buses.url import BusUrl
from tests.fakes.context import FakeClock
from tests.hal.buses.test_budget import SlowI2c, SlowSerial

UART = BusWiring(kind="serial", url="serial:///dev/ttyAMA0?baud=115200", budget_ms=20.0)
I2C = BusWiring(kind="i2c", url="i2c:///dev/i2c-1", budget_ms=10.0)
GPIO = BusWiring(kind="gpio", url="gpio:///dev/gpiochip0")
ALL = {"uart": UART, "main": I2C, "lines": GPIO}


def _gone(name: str, url: BusUrl, clock: Clock) -> LostBus:
    raise BusLost(name, f"{url.path}: no such file")


NOTHING_THERE = Openers(serial={"serial": _gone}, i2c={"i2c": _gone}, gpio={"gpio": _gone})
"""A board that knows every scheme and has no port."""


def test_openers_get_name_and_url_and_their_bus_its_budget() -> None:
    """By the scheme of each URL; what one cycle may take is kept from the first use on."""
    clock = FakeClock(0)
    asked: list[tuple[str, str, str]] = []
    line, wires = SlowSerial(clock), SlowI2c(clock)

    def serial(name: str, url: BusUrl, clock: Clock) -> SlowSerial:
        asked.append((name, url.path, url.query["baud"]))
        return line

    def i2c(name: str, url: BusUrl, clock: Clock) -> SlowI2c:
        asked.append((name, url.path, ""))
        return wires

    openers = Openers(serial={"serial": serial}, i2c={"i2c": i2c}, gpio={"gpio": _gone})
    buses = open_buses(ALL, openers, clock, "rover.toml")
    assert asked == [("uart", "/dev/ttyAMA0", "115200"), ("main", "/dev/i2c-1", "")]
    line.takes_ns = wires.takes_ns = NS_PER_S
    buses.serial["uart"].read(1, NS_PER_S)
    assert clock.now_ns() == 20 * NS_PER_MS
    buses.i2c["main"].transfer(0x40, b"\x00", 1)
    with pytest.raises(BusBusy, match="the 10 ms of this cycle"):
        buses.i2c["main"].transfer(0x40, b"\x00", 1)


@pytest.mark.parametrize(
    ("wiring", "told"),
    [
        (BusWiring(kind="serial", url="telnet://host"), "no scheme 'telnet' here, have serial"),
        (BusWiring(kind="i2c", url="serial:///dev/ttyAMA0"), "no scheme 'serial' here, have i2c"),
        (BusWiring(kind="gpio", url="/dev/gpiochip0"), "is no URL of a bus"),
        (BusWiring(kind="serial", url="serial:///dev/ttyAMA0?baud=1&baud=2"), "a key stands twice"),
    ],
)
def test_a_url_that_nobody_here_can_read_is_refused_by_file_and_key(wiring: BusWiring, told: str) -> None:
    """One message; nothing is opened later."""
    with pytest.raises(ConfigError) as caught:
        open_buses({"bus_1": wiring}, NOTHING_THERE, FakeClock(0), "rover.toml")
    assert str(caught.value).startswith("rover.toml")
    assert "hardware.buses.bus_1.url" in str(caught.value)
    assert told in str(caught.value)


def test_an_opener_s_own_objection_is_a_refusal_too() -> None:
    """Such as a baud rate that its port does not know."""

    def picky(name: str, url: BusUrl, clock: Clock) -> SlowSerial:
        raise ValueError(f"{url.text}: baud too high")

    with pytest.raises(ConfigError, match=r"rover\.toml.*hardware\.buses\.uart\.url.*baud too high"):
        open_buses({"uart": UART}, Openers(serial={"serial": picky}), FakeClock(0), "rover.toml")


LOST = LostBus(BusLost("uart", "/dev/ttyAMA0: no such file"))


@pytest.mark.parametrize(
    "use",
    [
        lambda: LOST.write(b"x"),
        lambda: LOST.read(1, 0),
        LOST.drop_input,
        lambda: LOST.transfer(0x40, b"", 1),
        lambda: LOST.claim(1, True),
        lambda: LOST.set(1, True),
        lambda: LOST.get(1),
    ],
)
def test_every_use_of_a_lost_bus_says_why(use: Callable[[], object]) -> None:
    """At once, whatever is asked."""
    with pytest.raises(BusLost, match=r"uart: /dev/ttyAMA0: no such file"):
        use()


def test_devices_on_lost_buses_fail_by_themselves_and_no_others() -> None:
    """A rover with half its hardware still flies: each driver is made, and each call tells what is missing."""
    hardware = Hardware(
        buses=ALL,
        power_monitor=MonitorWiring(bus="main", address=0x45),
        loads=SwitchesWiring(
            bus="lines", max_hold_s=60.0, lines={"camera": LineWiring(line=1), "radio": LineWiring(safe=True)}
        ),
    )
    clock = FakeClock(0)
    wired = assemble(hardware, open_buses(ALL, NOTHING_THERE, clock, "rover.toml"), clock)
    with pytest.raises(DeviceTimeout, match="/dev/i2c-1: no such file"):
        wired.power_monitor.read()
    with pytest.raises(DeviceTimeout, match="/dev/gpiochip0: no such file"):
        wired.loads.set("camera", True, NS_PER_S)
    assert wired.loads.is_on("radio")
    assert clock.now_ns() == 0


@pytest.mark.parametrize("optional", [False, True])
def test_an_optional_device_that_does_not_answer_at_start_is_left_out(optional: bool) -> None:
    """It is absent, which nobody reports as a failure; one that must be there stays and fails."""
    hardware = Hardware(buses=ALL, power_monitor=MonitorWiring(bus="main", address=0x45, optional=optional))
    clock = FakeClock(0)
    wired = assemble(hardware, open_buses(ALL, NOTHING_THERE, clock, "rover.toml"), clock)
    assert type(wired.power_monitor).__name__ == ("AbsentPowerMonitor" if optional else "Ina260Monitor")
