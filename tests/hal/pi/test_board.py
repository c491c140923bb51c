"""The Raspberry Pi board: what it refuses to build, and that the shipped rover files speak its language."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from flight.rover_file import RoverFile, load_rover, shipped_rovers
from hal.api.board_wiring import ComputerWiring
from hal.api.config import ConfigError
from hal.api.process import BoardOptions, Purpose
from hal.api.wiring import NOT_FITTED, BusWiring, Hardware
from hal.buses.opening import open_buses
from hal.pi.board import OPENERS, build, closing
from tests.fakes.context import FakeClock

ON_PI = tuple(name for name in shipped_rovers() if load_rover(name).board == "pi")


def _rover(hardware: Hardware, folder: Path) -> RoverFile:
    """The test rover on other hardware, storage in `folder`."""
    computer = ComputerWiring(storage=str(folder / "storage"))
    fitted = hardware if hardware == NOT_FITTED else msgspec.structs.replace(hardware, computer=computer)
    return msgspec.structs.replace(load_rover("open_source_rover"), hardware=fitted)


@pytest.mark.parametrize("name", ON_PI)
def test_every_url_of_a_shipped_rover_can_be_read_here(name: str) -> None:
    """Whether or not something is plugged in: a bus that is not there is lost, none is refused."""
    hardware = load_rover(name).hardware
    closers: list[Callable[[], object]] = []
    buses = open_buses(hardware.buses, closing(OPENERS, closers.append), FakeClock(), name)
    for close in closers:
        close()
    assert {*buses.serial, *buses.i2c, *buses.gpio} == set(hardware.buses)


def test_a_rover_without_hardware_has_no_board(tmp_path: Path) -> None:
    """Said with the way out."""
    with pytest.raises(ConfigError, match=r"rover.toml: has no section \[hardware\].*--hal sim"):
        build(_rover(NOT_FITTED, tmp_path), None, BoardOptions(source="rover.toml"))


def test_what_this_board_cannot_have_is_refused(tmp_path: Path) -> None:
    """By name, before anything is opened."""
    with pytest.raises(ConfigError, match=r"hardware\.beside: this board has no sun_sensor, only rtc, camera"):
        build(_rover(Hardware(beside=("rtc", "sun_sensor")), tmp_path), None, BoardOptions(source="x"))
    assert not (tmp_path / "storage").exists()


def test_a_bus_of_an_unknown_scheme_is_refused_and_lets_go(tmp_path: Path) -> None:
    """The folder is free for the next one."""
    bus = BusWiring(kind="serial", url="sim://motors")
    rover = _rover(Hardware(buses={"motors": bus}), tmp_path)
    for _ in range(2):
        with pytest.raises(ConfigError, match=r"motors\.url: sim://motors: no scheme .sim. here, have serial"):
            build(rover, None, BoardOptions(purpose=Purpose.CHECK, source="x"))


def test_a_trace_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """By its option."""
    rover = _rover(Hardware(beside=("rtc",)), tmp_path)
    options = BoardOptions(purpose=Purpose.CHECK, trace=tmp_path / "no" / "trace")
    with pytest.raises(ConfigError, match=r"--trace .*cannot be written: No such file"):
        build(rover, None, options)


def test_a_latencies_file_that_cannot_be_written_is_told_at_the_start(tmp_path: Path) -> None:
    """By its option, before anything is opened; what a file holds already is left until the end."""
    rover = _rover(Hardware(beside=("rtc",)), tmp_path)
    for path in (tmp_path / "no" / "latencies", tmp_path):
        with pytest.raises(ConfigError, match=r"--latencies .*cannot be written: "):
            build(rover, None, BoardOptions(purpose=Purpose.CHECK, latencies=path))
    assert not (tmp_path / "storage").exists()
    before = tmp_path / "before"
    before.write_text("17\n")
    with build(rover, None, BoardOptions(purpose=Purpose.CHECK, latencies=before)) as hal:
        assert before.read_text() == "17\n"
    assert hal.process is not None
    hal.process.ended(0)


def test_nothing_keeps_a_board_from_being_made_safe(tmp_path: Path) -> None:
    """Not a file for figures that would not be written then."""
    options = BoardOptions(purpose=Purpose.MAKE_SAFE, latencies=tmp_path / "no" / "latencies")
    hal = build(_rover(Hardware(beside=("rtc",)), tmp_path), None, options)
    assert hal.process is not None
    hal.process.ended(0)
