"""What the steps share: a test image, an emulated rover on `virt`, a ground station; each made when first needed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from sil.image.build import CACHE, Build, build
from tests.image.ground import Ground
from tests.image.layer import layer_for
from tests.image.machine import Emulated

BOOT_S: Final = 600.0
"""An emulated boot takes some 90 s, and twice that where another job has the processor."""
ROVER: Final = Path(__file__).resolve().parent / "target" / "rover.toml"


class Bench:
    """Holds what was built and started; `close` ends all of it."""

    def __init__(self, suite: str, cache: Path = CACHE, image: Path | None = None) -> None:
        """`image`: a test image built before, to save the time."""
        self.suite = suite
        self.folder = cache / "test"
        self._cache = cache
        self._image = image
        self._rover: Emulated | None = None
        self._ground: Ground | None = None

    @property
    def image(self) -> Path:
        """The test image."""
        if self._image is None:
            wanted = Build(
                suite=self.suite,
                rover=str(ROVER),
                out=self.folder,
                name=f"rahi-test-{self.suite}",
                cache=self._cache,
                extra=tuple(layer_for(self.suite, self._cache)),
                compressed=False,
            )
            self._image = build(wanted, lambda line: print(f"      {line}", flush=True)).disk
        return self._image

    @property
    def rover(self) -> Emulated:
        """The rover on `virt`, booted to READY at least once."""
        if self._rover is None:
            self._rover = Emulated(self.image, "virt", self.folder / "virt", 'hostname = "rover-7"\n')
            self._ground = Ground(self._rover.connect(self._rover.lines.radio))
            self._rover.wait_ready(BOOT_S)
        return self._rover

    @property
    def ground(self) -> Ground:
        """The station at its radio."""
        _ = self.rover
        assert self._ground is not None  # made with the rover
        return self._ground

    def since_boot_s(self) -> float:
        """Wall time since the emulator was started."""
        return time.monotonic() - self.rover.began_s

    def wait_new_boot(self, before: Mapping[str, Any]) -> Mapping[str, Any]:
        """Until another kernel runs and flight on it is READY."""
        end_s = time.monotonic() + BOOT_S
        while time.monotonic() < end_s:
            state = self.rover.wait_ready(end_s - time.monotonic())
            if state["boot_id"] != before["boot_id"]:
                return state
        raise AssertionError("wait_ready raises first")

    def close_rover(self) -> None:
        """Switch the rover off; it is started afresh when it is needed again."""
        if self._rover is not None:
            self._rover.close()
        self._rover = self._ground = None

    def close(self) -> None:
        """Switch everything off."""
        self.close_rover()
