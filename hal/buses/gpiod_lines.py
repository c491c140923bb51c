"""GPIO lines of the kernel through gpiod 2: `gpio://pinctrl-bcm2711` finds the chip by its label."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from hal.api.clock import Clock
from hal.buses.api import BusLost
from hal.buses.url import BusUrl

CONSUMER: Final = "rahi"
NEEDS: Final = "needs gpiod 2: pip install 'rahi[pi]'"


class GpiodLines:
    """Implements `hal.buses.api.GpioBus`: one request for each line, so that one in use elsewhere costs only itself.

    What a line does once this process is gone is up to the pull resistors: the kernel promises nothing.
    `gpiod` is the module, version 2.
    """

    def __init__(self, name: str, path: str, gpiod: Any) -> None:  # Any: a module's shape, so that tests can bring one
        self.name = name
        self._path = path
        self._gpiod = gpiod
        self._requests: dict[int, tuple[Any, bool]] = {}
        """By line: its `LineRequest` and whether it is active low."""

    def claim(self, line: int, value: bool, *, active_low: bool = False) -> None:
        """Raises `BusLost`: no such line, in use by somebody else, or the chip is gone."""
        held = self._requests.get(line)
        if held is not None and held[1] is active_low:
            self.set(line, value)
            return
        self._release(line)
        gpiod = self._gpiod
        settings = gpiod.LineSettings(
            direction=gpiod.line.Direction.OUTPUT, active_low=active_low, output_value=self._level(value)
        )
        try:
            request = gpiod.request_lines(self._path, consumer=CONSUMER, config={line: settings})
        except (OSError, ValueError) as error:
            raise BusLost(self.name, f"line {line} of {self._path}: {error}") from error
        self._requests[line] = (request, active_low)

    def set(self, line: int, value: bool) -> None:
        """Raises `BusLost`."""
        request = self._request(line)
        try:
            request.set_value(line, self._level(value))
        except OSError as error:
            raise self._lost(line, error) from error

    def get(self, line: int) -> bool:
        """Raises `BusLost`."""
        request = self._request(line)
        try:
            return bool(request.get_value(line) == self._gpiod.line.Value.ACTIVE)
        except OSError as error:
            raise self._lost(line, error) from error

    def close(self) -> None:
        """Give every line back; legal at any time."""
        for line in list(self._requests):
            self._release(line)

    def _level(self, value: bool) -> Any:
        values = self._gpiod.line.Value
        return values.ACTIVE if value else values.INACTIVE

    def _request(self, line: int) -> Any:
        held = self._requests.get(line)
        if held is None:
            raise BusLost(self.name, f"line {line} is not claimed")
        return held[0]

    def _lost(self, line: int, error: OSError) -> BusLost:
        self._release(line)
        return BusLost(self.name, f"line {line} of {self._path}: {error}")

    def _release(self, line: int) -> None:
        held = self._requests.pop(line, None)
        if held is not None:
            held[0].release()


def open_gpiod(name: str, url: BusUrl, clock: Clock) -> GpiodLines:
    """Open `gpio://LABEL` or `gpio:///dev/gpiochipN`.  Numbers differ between boards: the label is the better name.

    Raises:
        ValueError: the URL names neither.
        BusLost: there is no such chip, or gpiod 2 is not installed.
    """
    url.only()
    if bool(url.host) == (len(url.path) > 1) or url.port is not None:
        raise ValueError(f"{url.text}: expected a chip's label or its device file, such as gpio://pinctrl-bcm2711")
    try:
        import gpiod
    except ImportError as error:
        raise BusLost(name, f"{url.text} {NEEDS}") from error
    if not hasattr(gpiod, "request_lines"):  # Debian 12's own module of that name is version 1
        raise BusLost(name, f"{url.text} {NEEDS}")
    chips = sorted(Path("/dev").glob("gpiochip*"))
    return GpiodLines(name, find_chip(name, url, gpiod, map(str, chips)), gpiod)


def find_chip(name: str, url: BusUrl, gpiod: Any, paths: Iterable[str]) -> str:  # Any: as above
    """The device file that a URL means, among `paths` where it gives a label.

    Raises:
        BusLost: there is none.
    """
    found = []
    for path in [url.path] if not url.host else paths:
        try:
            with gpiod.Chip(path) as chip:
                label = str(chip.get_info().label)
        except (OSError, ValueError) as error:
            if url.host:
                found.append(f"{path}: {error}")
                continue  # it may be the next
            raise BusLost(name, f"{path}: {error}") from error
        if not url.host or label.lower() == url.host.lower():
            return path
        found.append(label)
    raise BusLost(name, f"no GPIO chip {url.host!r} (have {', '.join(found) or 'none'})")
