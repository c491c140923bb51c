"""Vehicle files by name."""

from __future__ import annotations

import pytest

from hal.api.config import ConfigError
from sim_hal.world.vehicle_file import load_vehicle


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/b"])
def test_a_shipped_vehicle_is_named_without_a_path(name: str) -> None:
    """A rover file's name is looked for here; it must not lead elsewhere."""
    with pytest.raises(ConfigError, match="not the name of a shipped vehicle"):
        load_vehicle(name)
