"""The truth file of the rover: what ships loads, what is wrong is named."""

from importlib.resources import files
from pathlib import Path

import pytest

from hal.api.config import ConfigError
from sim_hal.world.vehicle_file import load_vehicle


def text() -> str:
    """The shipped file."""
    return (files("sim_hal") / "rovers" / "south_pole.toml").read_text(encoding="utf-8")


def test_the_shipped_rover_is_the_reference_rover() -> None:
    """35 kg, seven cells in series, six in parallel."""
    vehicle = load_vehicle("south_pole")
    assert vehicle.name == "south_pole"
    assert vehicle.body.mass_kg == 35.0
    assert vehicle.battery.series * vehicle.battery.parallel == 42


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("mass_kg = 35.0", "mass_kg = -1.0", "mass_kg"),
        ("mass_kg = 35.0", "mas_kg = 35.0", "mas_kg"),
        ("cell_cutoff_v = 3.0", "cell_cutoff_v = 3.4", "cell_cutoff_v"),
        ("destroyed_below_c = -60.0", "destroyed_below_c = -20.0", "destroyed_below_c"),
        ("series = 7", "series = 7.5", "series"),
    ],
)
def test_a_wrong_file_is_refused_by_key(tmp_path: Path, old: str, new: str, named: str) -> None:
    """One line that names the file and the key."""
    path = tmp_path / "mine.toml"
    assert old in text()
    path.write_text(text().replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_vehicle(path)
    assert "mine.toml" in str(caught.value)
    assert named in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_rover_is_one_clear_line() -> None:
    """Not a traceback."""
    with pytest.raises(ConfigError, match=r"no_such_rover\.toml: no such file"):
        load_vehicle("no_such_rover")
