"""The rover file that `rahi emulate rover` leaves beside its chips, and the truth that it finds for a rover."""

from pathlib import Path

import pytest
from msgspec import structs

from flight.rover_file import load_rover
from hal.api.config import ConfigError
from hal.buses.url import parse_url
from sil.emulate.rover import SOCKET, vehicle_name
from sil.emulate.rover_toml import FILE, MARK, write_rover_file


@pytest.mark.parametrize("folder", ["desk", "a desk 100% mine", 'odd "#?&=\\ name'])
def test_the_file_is_the_rover_with_its_buses_in_the_folder(tmp_path: Path, folder: str) -> None:
    """Whatever the folder is called: every URL leads there, and nothing else has changed."""
    (tmp_path / folder).mkdir()
    desk = load_rover("desk")
    found = load_rover(str(write_rover_file(tmp_path / folder, "desk", desk)))
    for name, bus in found.hardware.buses.items():
        file = SOCKET if bus.kind != "serial" else name
        assert Path(parse_url(bus.url).path) == tmp_path / folder / file
        assert bus.budget_ms == desk.hardware.buses[name].budget_ms
        assert parse_url(bus.url).query == parse_url(desk.hardware.buses[name].url).query
    assert found.hardware.computer.storage == str(tmp_path / folder / "storage")
    assert (found.power, found.hardware.wheels) == (desk.power, desk.hardware.wheels)


def test_its_own_file_is_written_again_and_yours_is_left_alone(tmp_path: Path) -> None:
    """Also when it is the very file that the rover comes from."""
    desk = load_rover("desk")
    file = write_rover_file(tmp_path, "desk", desk)
    file.write_text(MARK + "\nstale")
    assert "stale" not in write_rover_file(tmp_path, "desk", desk).read_text()
    mine = 'name = "mine"\nlike = "desk"\n'
    file.write_text(mine)
    assert write_rover_file(tmp_path, str(file), load_rover(str(file))) == tmp_path / FILE
    assert file.read_text() == mine


@pytest.mark.parametrize("name", ["tab\tbell\x07", "escape\x1b[2J\x7f", 'say "\\n"\n', "\U0001f319"])
def test_a_name_of_any_characters_is_written_so_that_it_reads_the_same(tmp_path: Path, name: str) -> None:
    desk = structs.replace(load_rover("desk"), name=name)
    assert load_rover(str(write_rover_file(tmp_path, "desk", desk))).name == name


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none/rover\.toml: cannot be written"):
        write_rover_file(tmp_path / "none", "desk", load_rover("desk"))


def test_the_truth_of_a_rover_is_that_of_the_nearest_one_it_is_like(tmp_path: Path) -> None:
    """Through any number of files, by paths that count from the file that says them, wherever one stands."""
    (tmp_path / "below").mkdir()
    (tmp_path / "a.toml").write_text('name = "a"\nlike = "desk"\n')
    (tmp_path / "b.toml").write_text(f'name = "b"\nlike = "{tmp_path / "a.toml"}"\n')
    (tmp_path / "below/c.toml").write_text('name = "c"\nlike = "../a.toml"\n')
    assert vehicle_name(str(tmp_path / "b.toml")) == "open_source_rover"
    assert vehicle_name(str(tmp_path / "below/c.toml")) == "open_source_rover"
    assert vehicle_name("south_pole") == "south_pole"
