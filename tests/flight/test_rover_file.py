"""Rover files: one that is like another, parameters of its own, hardware that fits the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from flight.app import build_flight
from flight.rover_file import load_rover, shipped_rovers
from hal.api.config import ConfigError
from sim_hal.board import make_simulation
from telemetry_defs.areas import mobility, power


def _write(folder: Path, text: str, name: str = "mine.toml") -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("name", shipped_rovers())
def test_every_shipped_rover_file_is_whole(name: str) -> None:
    """Each names buses for its hardware."""
    rover = load_rover(name)
    assert rover.name == name
    assert rover.hardware.buses


def test_a_rover_like_another_says_only_what_differs(tmp_path: Path) -> None:
    """Tables are merged key by key, lists replaced."""
    text = 'name = "mine"\nlike = "south_pole"\nmonitor = []\naction = []\n[mobility]\ntrack_m = 0.5'
    rover = load_rover(_write(tmp_path, text))
    other = load_rover("south_pole")
    assert (rover.name, rover.mobility.track_m, rover.monitor) == ("mine", 0.5, ())
    assert rover.mobility.wheel_base_m == other.mobility.wheel_base_m
    assert rover.power == other.power


def test_a_chain_of_rover_files_ends(tmp_path: Path) -> None:
    """A file that is like itself is refused, not followed for ever; paths count from the file that names them."""
    with pytest.raises(ConfigError, match="like: a chain of more than 5"):
        load_rover(_write(tmp_path, 'name = "a"\nlike = "mine.toml"'))


def test_parameters_of_a_rover_are_its_defaults(tmp_path: Path) -> None:
    """In force from the first boot; what ground has not changed is not kept as a change."""
    text = 'name = "mine"\nlike = "south_pole"\n[parameters]\n"power.undervoltage_v" = 21.5'
    rover = load_rover(_write(tmp_path, text))
    simulation = make_simulation()
    assert simulation.run_until_boot(0)
    flight = build_flight(simulation.boot(), rover)
    parameters = flight.core.parameters
    assert parameters.get(power.UNDERVOLTAGE_V) == 21.5
    assert parameters.get(mobility.CURRENT_STOP) == mobility.CURRENT_STOP.default
    assert parameters.changed() == {}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('"power.undervoltage" = 21.0', "parameters.power.undervoltage: is no parameter"),
        ('"power.undervoltage_v" = 99.0', "power.undervoltage_v = 99 V outside"),
        ("k" * 100_000 + " = 1.0", r"parameters\.k{60}: is no parameter"),
        ('"mobility.slip_warn" = 0.9', "the order of slip limits is broken"),
    ],
)
def test_a_parameter_that_cannot_be_is_refused(tmp_path: Path, line: str, problem: str) -> None:
    """By name, range and order."""
    with pytest.raises(ConfigError, match=problem):
        load_rover(_write(tmp_path, f'name = "mine"\nlike = "south_pole"\n[parameters]\n{line}'))


def test_switches_of_the_hardware_are_those_of_the_rover(tmp_path: Path) -> None:
    """A line for a load that the rover does not have is told."""
    text = 'name = "mine"\nlike = "south_pole"\n[hardware.loads.lines]\nlamp = { line = 3 }'
    with pytest.raises(ConfigError, match=r"hardware\.loads\.lines must name the loads"):
        load_rover(_write(tmp_path, text))
