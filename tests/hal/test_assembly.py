"""From wiring to devices: what is not fitted, what is optional, what is missing, and a board without any of it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from flight.health.watched import watch
from flight.rover_file import load_rover
from hal.api.absent import Absent
from hal.api.clock import NS_PER_S
from hal.api.errors import DeviceError, DeviceTimeout, NotReady
from hal.api.wiring import NOT_FITTED, Hardware
from hal.assembly import assemble
from hal.buses.api import BusLost
from hal.buses.lost import LostBus
from hal.buses.opening import Buses
from sim_hal.board import make_simulation
from telemetry_defs.areas.health import DeviceId, DeviceState
from tests.fakes.context import FakeClock

READERS = ("wheels", "steering", "imu", "power_monitor", "array", "temperatures")


def _lost(hardware: Hardware) -> Buses:
    """Every bus of the wiring, none of them there."""

    def lost(kind: str) -> Mapping[str, LostBus]:
        buses = hardware.buses.items()
        return {name: LostBus(BusLost(name, "no such device")) for name, bus in buses if bus.kind == kind}

    return Buses(serial=lost("serial"), i2c=lost("i2c"), gpio=lost("gpio"))


def test_without_wiring_every_device_is_absent() -> None:
    """Each call is refused as not fitted, and each is safe already."""
    wired = assemble(NOT_FITTED, _lost(NOT_FITTED), FakeClock())
    for name in READERS:
        assert isinstance(getattr(wired, name), Absent)
        device = getattr(wired, name)
        with pytest.raises(NotReady, match=f"{name}: not fitted"):
            device.read()
        device.make_safe()
    assert wired.loads.names() == ()
    assert wired.guarded == ()


def test_a_missing_device_names_its_bus_and_an_optional_one_is_silent() -> None:
    """The test rover with every port pulled: only the battery monitor was optional."""
    hardware = load_rover("open_source_rover").hardware
    clock = FakeClock()
    wired = assemble(hardware, _lost(hardware), clock)
    assert isinstance(wired.power_monitor, Absent)
    assert isinstance(wired.array, Absent)  # not in the wiring at all
    clock.sleep_until_ns(NS_PER_S)
    for name in ("imu", "temperatures"):
        with pytest.raises(DeviceTimeout, match=r"no such device"):
            getattr(wired, name).read()
    with pytest.raises(DeviceError, match="motors: expected its line to follow, lines: no such device"):
        wired.loads.set("motors", True, NS_PER_S)
    with pytest.raises(NotReady):  # what cannot be switched on has no supply
        wired.wheels.read()


def test_a_device_that_is_getting_ready_is_not_left_out() -> None:
    """Optional means not there, not slow: an unpowered drive stays, so that it is found once it has power."""
    hardware = load_rover("open_source_rover").hardware
    assert hardware.wheels is not None
    wheels = msgspec.structs.replace(hardware.wheels, optional=True)
    wired = assemble(msgspec.structs.replace(hardware, wheels=wheels), _lost(hardware), FakeClock())
    assert not isinstance(wired.wheels, Absent)


def test_flight_counts_no_errors_of_an_absent_device() -> None:
    """It is told as absent, not as failing; the same board with the device tells it as good."""
    simulation = make_simulation()
    assert simulation.run_until_boot(0)
    hal = simulation.boot()
    absent = assemble(NOT_FITTED, _lost(NOT_FITTED), hal.clock)
    parts = {name: getattr(hal, name) for name in hal.__dataclass_fields__} | {"array": absent.array}
    watched, registry = watch(type(hal)(**parts))
    for _ in range(5):
        with pytest.raises(NotReady):
            watched.array.read()
    assert registry.records[DeviceId.ARRAY].state is DeviceState.ABSENT
    assert registry.records[DeviceId.ARRAY].errors == 0
    assert watch(hal)[1].records[DeviceId.ARRAY].state is DeviceState.GOOD
