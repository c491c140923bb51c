"""World files are strict, may extend one another, and the shipped ones make working places."""

from pathlib import Path

import pytest

from hal.api.config import ConfigError
from sim_hal.world.place import Place
from sim_hal.world.site import Site, View
from sim_hal.world.world_file import load_world, world_names

FALLING = "{azimuth_deg = 9.0, elevation_deg = 0.0}, {azimuth_deg = 3.0, elevation_deg = 0.0}"


@pytest.mark.parametrize("name", world_names())
def test_every_shipped_world_makes_a_place(name: str) -> None:
    """It loads under its own name, and one can look around in it."""
    world = load_world(name)
    site: Site = Place(world)
    view = View()
    site.look(1_570_000_000_000_000_000, 4.0, 1.0, view)
    site.look_links(1_570_000_000_000_000_000, 4.0, 1.0, view)

    assert world.name == name
    assert 0.0 <= view.lit_fraction <= 1.0
    assert 50.0 < view.sink_k < 350.0
    assert view.relay_light_ns > 1_200_000_000
    assert site.soil_at(4.0, 1.0).traction > 0.0


def test_the_worlds_that_the_design_names_are_shipped() -> None:
    """Others may join them."""
    assert {"leibnitz_beta", "flat", "earth_yard"} <= set(world_names())
    assert load_world("earth_yard").gravity_m_s2 == 9.81
    assert load_world("earth_yard").environment.air_c is not None
    assert load_world("leibnitz_beta").horizon.invented


def written(folder: Path, text: str) -> str:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_holds_only_what_differs(tmp_path: Path) -> None:
    """Tables are merged with those of the extended world, key by key."""
    text = 'name = "mine"\nextends = "leibnitz_beta"\n[terrain]\nsoil = "loose"\n'
    mine, base = load_world(written(tmp_path, text)), load_world("leibnitz_beta")

    assert mine.terrain.soil == "loose"
    assert mine.terrain.terrain_seed == base.terrain.terrain_seed
    assert mine.relay == base.relay


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name = "m"\nextends = "leibnitz_beta"\n[terrain]\nsiol = "loose"\n', "siol"),
        ('name = "m"\nextends = "leibnitz_beta"\n[terrain]\nsoil = "mud"\n', "mud"),
        ('name = "m"\nextends = "leibnitz_beta"\ngravity_m_s2 = -1.0\n', "gravity_m_s2"),
        ('name = "m"\nextends = "nowhere"\n', "shipped are"),
        ('name = "m"\nextends = "flat"\n[relay]\nmode = "orbit"\n', "perilune_utc"),
        ('name = "m"\nextends = "flat"\n[environment]\ndark_sink_k = 300.0\n', "dark_sink_k"),
        ('name = "m"\nextends = "flat"\n[horizon]\nmask = []\n', "mask"),
        (f'name = "m"\nextends = "flat"\n[horizon]\nmask = [{FALLING}]\n', "azimuth_deg"),
        ('name = "m"\n', "lacks the key"),
        ("name = ", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    """File, key and reason, fit for an operator."""
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_world(path)

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_extend_one_another_in_a_ring_are_refused(tmp_path: Path) -> None:
    """No endless reading."""
    path = tmp_path / "ring.toml"
    path.write_text(f'name = "ring"\nextends = "{path}"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="ring"):
        load_world(path)


def test_an_unknown_name_lists_the_shipped_ones() -> None:
    """So does a path that is not there."""
    with pytest.raises(ConfigError, match="leibnitz_beta"):
        load_world("mars")
    with pytest.raises(ConfigError, match="no such file"):
        load_world("/nowhere/mars.toml")
